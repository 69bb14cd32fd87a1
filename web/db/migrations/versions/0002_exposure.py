"""Exposure states, and the ones that a session pins."""

import sqlalchemy as sa
from alembic import op

from web.db.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exposure_state",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("release_digest", sa.String(length=64), nullable=False),
        sa.Column("rules_digest", sa.String(length=64), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.JSON(), nullable=False),
        sa.Column("administered", sa.JSON(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_state")),
        sa.UniqueConstraint("release_digest", "rules_digest", "track", "number", name=op.f("uq_exposure_state")),
    )
    op.add_column("exam_session", sa.Column("exposure_first_degree", sa.String(length=36), nullable=True))
    op.add_column("exam_session", sa.Column("exposure_second_degree", sa.String(length=36), nullable=True))


def downgrade() -> None:
    op.drop_column("exam_session", "exposure_second_degree")
    op.drop_column("exam_session", "exposure_first_degree")
    op.drop_table("exposure_state")
