"""The tables. `migrations/` builds them step by step; a test holds that both come to the same.

A set belongs to an athlete, its measures and findings to the set: who deletes an athlete deletes them all. Text and
number types are those that SQLite and PostgreSQL share; moments are ISO 8601 text in UTC, days are dates.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

HEAD = "0001"  # the newest revision in migrations/versions
VERSION_TABLE = "formcheck_schema"  # alembic's own table, under a name that no other program's takes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

athletes = Table(
    "athletes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(400), nullable=False, unique=True),  # the name without case: "ana" finds "Ana"
    Column("name", String(200), nullable=False),
)

sets = Table(
    "sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(36), nullable=False, unique=True),  # stays the same through export and import
    Column("athlete_id", ForeignKey("athletes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(6), nullable=False),
    Column("performed_on", Date, nullable=False),
    Column("exercise", String(100), nullable=False),
    Column("trains", String(100), nullable=False),  # names of exercises.TRAINS, with commas between
    Column("n_sets", Integer, nullable=False),
    Column("reps", Integer, nullable=False),
    Column("load_kg", Float),
    Column("warm_up", Boolean, nullable=False),
    Column("notes", Text),
    # The rest is of filmed sets alone.
    Column("source_path", Text),
    Column("source_sha256", String(64), index=True),
    Column("start_s", Float),  # the stretch that was looked at; NULL: the clip's own start and end
    Column("end_s", Float),
    Column("folder", Text),  # where the results were written
    Column("side", String(10)),
    Column("yaw_deg", Float),
    Column("view", String(10)),
    Column("model", String(100)),
    Column("model_sha256", String(64)),
    Column("formcheck_version", String(50), nullable=False),
    Column("report_schema", Integer),
    Column("kept_at", String(32), nullable=False),
    CheckConstraint("kind IN ('filmed', 'logged')", name="kind"),
    CheckConstraint("n_sets >= 1", name="n_sets"),
    CheckConstraint("reps >= 0", name="reps"),
    CheckConstraint("load_kg >= 0", name="load_kg"),
)

measures = Table(
    "measures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("set_id", ForeignKey("sets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("code", String(100), nullable=False),
    Column("place", Integer),  # of its finding in the report; NULL: a number without one
    Column("rep", Integer),  # NULL: of the whole set
    Column("value", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("unit", String(20), nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("set_id", ForeignKey("sets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("code", String(100), nullable=False),
    Column("place", Integer, nullable=False),
    Column("rep", Integer),
    Column("verdict", String(10), nullable=False),
    Column("start_s", Float),
    Column("end_s", Float),
    Column("confidence", Float),
    Column("text", Text),
    Column("reason", Text),
    Column("detail", JSON),
)

Index("ix_sets_athlete_day", sets.c.athlete_id, sets.c.performed_on)
