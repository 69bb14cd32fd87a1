"""Logins that were ended before their cookies ran out."""

import sqlalchemy as sa
from alembic import op

from web.db.types import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_login",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_login")),
    )


def downgrade() -> None:
    op.drop_table("ended_login")
