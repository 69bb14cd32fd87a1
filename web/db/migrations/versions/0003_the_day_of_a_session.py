"""The day of a session."""

import sqlalchemy as sa
from alembic import op

from web.db.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tool",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("centre_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=False),
        sa.Column("public_keys", sa.Text(), nullable=False),
        sa.Column("may_terminate", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_tool_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool")),
        sa.UniqueConstraint("client_id", name=op.f("uq_tool_client_id")),
    )
    op.create_index(op.f("ix_tool_centre_id"), "tool", ["centre_id"], unique=False)
    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_signal_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index("ix_signal_recipient_id", "signal", ["recipient", "id"], unique=False)
    op.create_table(
        "view_consent",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_view_consent_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_consent")),
    )
    op.create_index("ix_view_consent_sitting_id_id", "view_consent", ["sitting_id", "id"], unique=False)
    op.create_table(
        "view_sign",
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("page", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("camera", sa.Boolean(), nullable=False),
        sa.Column("microphone", sa.Boolean(), nullable=False),
        sa.Column("screen", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_view_sign_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_view_sign")),
    )
    op.create_table(
        "tool_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("tool_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tool.id"], name=op.f("fk_tool_token_tool_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_tool_token")),
    )
    op.create_index(op.f("ix_tool_token_tool_id"), "tool_token", ["tool_id"], unique=False)
    op.create_table(
        "tool_assertion",
        sa.Column("assertion_hash", sa.String(length=64), nullable=False),
        sa.Column("tool_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tool.id"], name=op.f("fk_tool_assertion_tool_id")),
        sa.PrimaryKeyConstraint("assertion_hash", name=op.f("pk_tool_assertion")),
    )
    op.create_index(op.f("ix_tool_assertion_tool_id"), "tool_assertion", ["tool_id"], unique=False)
    op.create_table(
        "check_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.String(length=30), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_check_line_author_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_check_line_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_line")),
    )
    op.create_index("ix_check_line_sitting_id_at", "check_line", ["sitting_id", "at"], unique=False)
    op.create_table(
        "comfort",
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_comfort_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_comfort")),
    )
    op.create_table(
        "console_sign",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_console_sign_account_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_console_sign_session_id")),
        sa.PrimaryKeyConstraint("session_id", "account_id", name=op.f("pk_console_sign")),
    )
    op.create_table(
        "control",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tool_id", sa.String(length=36), nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("incident_time", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_control_sitting_id")),
        sa.ForeignKeyConstraint(["tool_id"], ["tool.id"], name=op.f("fk_control_tool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control")),
        sa.UniqueConstraint("tool_id", "sitting_id", "action", "incident_time", name="uq_control_once"),
    )
    op.create_index(op.f("ix_control_sitting_id"), "control", ["sitting_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_draft_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_fact_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_sitting_id_at", "fact", ["sitting_id", "at"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_message_session_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_message_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_session_id_at", "message", ["session_id", "at"], unique=False)
    op.create_table(
        "silence",
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_silence_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "began_at", name=op.f("pk_silence")),
    )
    op.create_table(
        "writer_lease",
        sa.Column("sitting_id", sa.String(length=36), nullable=False),
        sa.Column("page", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_writer_lease_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_writer_lease")),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_follow_up_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_incident_id"), "follow_up", ["incident_id"], unique=False)
    op.create_table(
        "message_receipt",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("reader", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_receipt_message_id")),
        sa.PrimaryKeyConstraint("message_id", "reader", name=op.f("pk_message_receipt")),
    )
    op.create_table(
        "ruling_confirmation",
        sa.Column("ruling_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_ruling_confirmation_author_id")),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_ruling_confirmation_ruling_id")),
        sa.PrimaryKeyConstraint("ruling_id", name=op.f("pk_ruling_confirmation")),
    )
    op.create_table(
        "roster_upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_roster_upload_author_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_roster_upload_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_upload")),
    )
    op.create_index(op.f("ix_roster_upload_at"), "roster_upload", ["at"], unique=False)
    op.create_table(
        "sealed_codes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_sealed_codes_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_codes")),
    )
    op.create_index(op.f("ix_sealed_codes_at"), "sealed_codes", ["at"], unique=False)
    op.create_index(op.f("ix_sealed_codes_session_id"), "sealed_codes", ["session_id"], unique=False)
    op.add_column("candidate", sa.Column("external_id", sa.String(length=100), nullable=True))
    op.add_column("exam_session", sa.Column("video_link", sa.String(length=500), nullable=True))
    op.add_column("sitting", sa.Column("needs", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("ruling", sa.Column("heard", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("ruling", "heard")
    op.drop_column("sitting", "needs")
    op.drop_column("exam_session", "video_link")
    op.drop_column("candidate", "external_id")
    op.drop_index(op.f("ix_sealed_codes_session_id"), table_name="sealed_codes")
    op.drop_index(op.f("ix_sealed_codes_at"), table_name="sealed_codes")
    op.drop_table("sealed_codes")
    op.drop_index(op.f("ix_roster_upload_at"), table_name="roster_upload")
    op.drop_table("roster_upload")
    op.drop_table("ruling_confirmation")
    op.drop_table("message_receipt")
    op.drop_index(op.f("ix_follow_up_incident_id"), table_name="follow_up")
    op.drop_table("follow_up")
    op.drop_table("writer_lease")
    op.drop_table("silence")
    op.drop_index("ix_message_session_id_at", table_name="message")
    op.drop_table("message")
    op.drop_index("ix_fact_sitting_id_at", table_name="fact")
    op.drop_table("fact")
    op.drop_table("draft")
    op.drop_index(op.f("ix_control_sitting_id"), table_name="control")
    op.drop_table("control")
    op.drop_table("console_sign")
    op.drop_table("comfort")
    op.drop_index("ix_check_line_sitting_id_at", table_name="check_line")
    op.drop_table("check_line")
    op.drop_index(op.f("ix_tool_token_tool_id"), table_name="tool_token")
    op.drop_table("tool_token")
    op.drop_table("view_sign")
    op.drop_index("ix_view_consent_sitting_id_id", table_name="view_consent")
    op.drop_table("view_consent")
    op.drop_index("ix_signal_recipient_id", table_name="signal")
    op.drop_table("signal")
    op.drop_index(op.f("ix_tool_assertion_tool_id"), table_name="tool_assertion")
    op.drop_table("tool_assertion")
    op.drop_index(op.f("ix_tool_centre_id"), table_name="tool")
    op.drop_table("tool")
