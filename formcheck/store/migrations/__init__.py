"""The steps that build the tables, one file each in `versions/`; alembic runs them, `connect` asks it to."""
