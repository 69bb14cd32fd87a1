"""The audit: every row that is evidence is chained to the one before it.

Rows that are there already are chained as they stand.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from web.db import audit
from web.db.audit_tables import AuditErasure
from web.db.base import Base
from web.db.canonical import NOTHING_BEFORE
from web.db.evidence import CHAINED, Evidence, logged
from web.db.types import Instant

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_log = sa.table(
    "sitting_event",
    sa.column("sitting_id", sa.String),
    sa.column("seq", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("at", Instant()),
    sa.column("answer_id", sa.String),
    sa.column("data", sa.JSON),
    sa.column("digest", sa.String),
)


def upgrade() -> None:
    op.create_table(
        "audit_block",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("heads", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_block")),
    )
    op.create_table(
        "audit_head",
        sa.Column("stream", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["audit_block.number"], name=op.f("fk_audit_head_block")),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit_head")),
    )
    op.create_index(op.f("ix_audit_head_block"), "audit_head", ["block"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("stream", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=200), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("table_name", "row_key", name=op.f("uq_audit_entry_table_name_row_key")),
    )
    op.create_table(
        "audit_salt",
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "row_key", "field", name=op.f("pk_audit_salt")),
    )
    op.create_table(
        "audit_erasure",
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "row_key", "field", name=op.f("pk_audit_erasure")),
    )
    op.add_column("sitting_event", sa.Column("digest", sa.String(length=64), nullable=True))
    _chain_logs(op.get_bind())
    with op.batch_alter_table("sitting_event") as table:
        table.alter_column("digest", existing_type=sa.String(length=64), nullable=False)
    there = set(sa.inspect(op.get_bind()).get_table_names())  # tables that later revisions add are not
    for spec in CHAINED.values():
        if spec.row is not AuditErasure and spec.table.name in there:
            _chain_rows(op.get_bind(), spec)


def _chain_logs(db: sa.Connection) -> None:
    for (sitting,) in db.execute(sa.select(_log.c.sitting_id).distinct()).all():
        rows = db.execute(sa.select(_log).where(_log.c.sitting_id == sitting).order_by(_log.c.seq)).all()
        previous, digests, salts = NOTHING_BEFORE, [], []
        for row in rows:
            own = audit.Salts("sitting_event", f"{sitting}/{row.seq}")
            frozen = audit.frozen(db, sitting) if row.kind == "started" else None
            previous = logged(previous, sitting, row.seq, row.kind, row.at, row.answer_id, row.data, own.hide, frozen)
            digests.append({"of": sitting, "at_seq": row.seq, "made": previous})
            salts += own.made
        audit.keep_salts(db, salts)
        db.execute(
            sa.update(_log)
            .where(_log.c.sitting_id == sa.bindparam("of"), _log.c.seq == sa.bindparam("at_seq"))
            .values(digest=sa.bindparam("made")),
            digests,
        )


def _chain_rows(db: sa.Connection, spec: Evidence) -> None:
    """Chain the rows of a table in the order of time."""
    # Columns that later revisions add are not there yet.
    there = {column["name"] for column in sa.inspect(db).get_columns(spec.table.name)}
    columns = [column for column in spec.table.columns if column.name in there]
    times = [column for column in columns if isinstance(column.type, Instant)]
    query = sa.select(*columns).order_by(*times[-1:], *spec.table.primary_key.columns)
    rows = [_whole(spec.row, dict(row)) for row in db.execute(query).mappings()]
    for start in range(0, len(rows), audit.PIECE):
        audit.chain(db, spec.row, rows[start : start + audit.PIECE], alone=True)


def _whole(table: type[Base], row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: row.get(column.name) for column in table.__table__.columns}


def downgrade() -> None:
    with op.batch_alter_table("sitting_event") as table:
        table.drop_column("digest")
    op.drop_table("audit_erasure")
    op.drop_table("audit_salt")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_audit_head_block"), table_name="audit_head")
    op.drop_table("audit_head")
    op.drop_table("audit_block")
