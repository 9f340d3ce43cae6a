"""The tables. `migrations/` builds them step by step; a test holds that both come to the same.

A set belongs to an athlete, its measures and findings to the set: who deletes an athlete deletes them all. Text and
number types are those that SQLite and PostgreSQL share; moments are ISO 8601 text in UTC, days are dates.
"""

import sqlalchemy as sa

HEAD = "0001"  # the newest revision in migrations/versions
VERSION_TABLE = "formcheck_schema"  # alembic's own table, under a name that no other program's takes

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

athletes = sa.Table(
    "athletes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(400), nullable=False, unique=True),  # the name without case: "ana" finds "Ana"
    sa.Column("name", sa.String(200), nullable=False),
)

sets = sa.Table(
    "sets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uid", sa.String(36), nullable=False, unique=True),  # stays the same through export and import
    sa.Column("athlete_id", sa.ForeignKey("athletes.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("kind", sa.String(6), nullable=False),
    sa.Column("performed_on", sa.Date, nullable=False),
    sa.Column("exercise", sa.String(100), nullable=False),
    sa.Column("trains", sa.String(100), nullable=False),  # names of exercises.TRAINS, with commas between
    sa.Column("n_sets", sa.Integer, nullable=False),
    sa.Column("reps", sa.Integer, nullable=False),
    sa.Column("load_kg", sa.Float),
    sa.Column("warm_up", sa.Boolean, nullable=False),
    sa.Column("notes", sa.Text),
    # The rest is of filmed sets alone.
    sa.Column("source_path", sa.Text),
    sa.Column("source_sha256", sa.String(64), index=True),
    sa.Column("start_s", sa.Float),  # the stretch that was looked at; NULL: the clip's own start and end
    sa.Column("end_s", sa.Float),
    sa.Column("folder", sa.Text),  # where the results were written
    sa.Column("side", sa.String(10)),
    sa.Column("yaw_deg", sa.Float),
    sa.Column("view", sa.String(10)),
    sa.Column("model", sa.String(100)),
    sa.Column("model_sha256", sa.String(64)),
    sa.Column("formcheck_version", sa.String(50), nullable=False),
    sa.Column("report_schema", sa.Integer),
    sa.Column("kept_at", sa.String(32), nullable=False),
    sa.CheckConstraint("kind IN ('filmed', 'logged')", name="kind"),
    sa.CheckConstraint("n_sets >= 1", name="n_sets"),
    sa.CheckConstraint("reps >= 0", name="reps"),
    sa.CheckConstraint("load_kg >= 0", name="load_kg"),
)

measures = sa.Table(
    "measures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("set_id", sa.ForeignKey("sets.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("code", sa.String(100), nullable=False),
    sa.Column("place", sa.Integer),  # of its finding in the report; NULL: a number without one
    sa.Column("rep", sa.Integer),  # NULL: of the whole set
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("unit", sa.String(20), nullable=False),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("set_id", sa.ForeignKey("sets.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("code", sa.String(100), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("rep", sa.Integer),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.Column("start_s", sa.Float),
    sa.Column("end_s", sa.Float),
    sa.Column("confidence", sa.Float),
    sa.Column("text", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("detail", sa.JSON),
)

sa.Index("ix_sets_athlete_day", sets.c.athlete_id, sets.c.performed_on)
