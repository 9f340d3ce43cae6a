"""The first tables: athletes, sets, measures, findings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "athletes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_athletes"),
        sa.UniqueConstraint("key", name="uq_athletes_key"),
    )
    op.create_table(
        "sets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("athlete_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("performed_on", sa.Date, nullable=False),
        sa.Column("exercise", sa.String(100), nullable=False),
        sa.Column("trains", sa.String(100), nullable=False),
        sa.Column("n_sets", sa.Integer, nullable=False),
        sa.Column("reps", sa.Integer, nullable=False),
        sa.Column("load_kg", sa.Float),
        sa.Column("warm_up", sa.Boolean, nullable=False),
        sa.Column("notes", sa.Text),
        sa.Column("source_path", sa.Text),
        sa.Column("source_sha256", sa.String(64)),
        sa.Column("start_s", sa.Float),
        sa.Column("end_s", sa.Float),
        sa.Column("folder", sa.Text),
        sa.Column("side", sa.String(10)),
        sa.Column("yaw_deg", sa.Float),
        sa.Column("view", sa.String(10)),
        sa.Column("model", sa.String(100)),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("formcheck_version", sa.String(50), nullable=False),
        sa.Column("report_schema", sa.Integer),
        sa.Column("kept_at", sa.String(32), nullable=False),
        sa.CheckConstraint("kind IN ('filmed', 'logged')", name=op.f("ck_sets_kind")),
        sa.CheckConstraint("n_sets >= 1", name=op.f("ck_sets_n_sets")),
        sa.CheckConstraint("reps >= 0", name=op.f("ck_sets_reps")),
        sa.CheckConstraint("load_kg >= 0", name=op.f("ck_sets_load_kg")),
        sa.ForeignKeyConstraint(["athlete_id"], ["athletes.id"], name="fk_sets_athlete_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sets"),
        sa.UniqueConstraint("uid", name="uq_sets_uid"),
    )
    op.create_index("ix_sets_athlete_day", "sets", ["athlete_id", "performed_on"])
    op.create_index("ix_sets_athlete_id", "sets", ["athlete_id"])
    op.create_index("ix_sets_source_sha256", "sets", ["source_sha256"])
    op.create_table(
        "measures",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("set_id", sa.Integer, nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("place", sa.Integer),
        sa.Column("rep", sa.Integer),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["sets.id"], name="fk_measures_set_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_measures"),
    )
    op.create_index("ix_measures_set_id", "measures", ["set_id"])
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("set_id", sa.Integer, nullable=False),
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
        sa.ForeignKeyConstraint(["set_id"], ["sets.id"], name="fk_findings_set_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_set_id", "findings", ["set_id"])


def downgrade() -> None:
    """Drop them."""
    for name in ("findings", "measures", "sets", "athletes"):
        op.drop_table(name)
