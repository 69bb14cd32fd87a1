"""News of sessions: the database tells whoever listens that something changed which a console shows."""

from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

# NOTIFY reaches listeners at the commit, once per session and transaction. A rule for every statement, not for every
# row: an answer with its events is told by one look-up of its sitting.
FUNCTIONS = {
    "palier_news_of_sittings": """
        PERFORM pg_notify('palier_news', found.session_id)
        FROM (SELECT DISTINCT sitting.session_id FROM fresh JOIN sitting ON sitting.id = fresh.sitting_id) AS found
    """,
    # What candidates do at their own pace is told by web/db/herald.py: commits that notify queue for one lock.
    "palier_news_of_logs": """
        PERFORM pg_notify('palier_news', found.session_id) FROM (
            SELECT DISTINCT sitting.session_id FROM fresh JOIN sitting ON sitting.id = fresh.sitting_id
            WHERE fresh.kind NOT IN ('started', 'presented', 'answered', 'submitted')) AS found
    """,
    "palier_news_of_sessions": """
        PERFORM pg_notify('palier_news', found.session_id) FROM (SELECT DISTINCT session_id FROM fresh) AS found
    """,
    "palier_news_of_states": """
        PERFORM pg_notify('palier_news', fresh.id)
        FROM fresh JOIN stale ON stale.id = fresh.id WHERE fresh.state <> stale.state
    """,
    "palier_news_of_receipts": """
        PERFORM pg_notify('palier_news', found.session_id) FROM (
            SELECT DISTINCT message.session_id FROM fresh JOIN message ON message.id = fresh.message_id) AS found
    """,
    # A console says every few seconds that it is there: that is news only after a while without it.
    "palier_news_of_consoles": """
        PERFORM pg_notify('palier_news', found.session_id) FROM (
            SELECT DISTINCT fresh.session_id FROM fresh JOIN stale USING (session_id, account_id)
            WHERE fresh.at - stale.at > interval '30 seconds') AS found
    """,
    # So does the window that a candidate is seen through: what counts is what it shows.
    "palier_news_of_windows": """
        PERFORM pg_notify('palier_news', found.session_id) FROM (
            SELECT DISTINCT sitting.session_id FROM fresh JOIN stale USING (sitting_id)
            JOIN sitting ON sitting.id = fresh.sitting_id
            WHERE (fresh.page, fresh.camera, fresh.microphone, fresh.screen)
                <> (stale.page, stale.camera, stale.microphone, stale.screen)) AS found
    """,
}
TRIGGERS = (
    *(
        (table, "INSERT", "palier_news_of_sittings")
        for table in (
            "sign_of_life",
            "silence",
            "fact",
            "check_line",
            "incident",
            "view_consent",
            "view_sign",
        )
    ),
    ("sitting_event", "INSERT", "palier_news_of_logs"),
    ("view_sign", "DELETE", "palier_news_of_sittings"),
    ("view_sign", "UPDATE", "palier_news_of_windows"),
    *(
        (table, "INSERT", "palier_news_of_sessions")
        for table in ("message", "session_event", "sitting", "console_sign")
    ),
    ("sitting", "UPDATE", "palier_news_of_sessions"),
    ("sitting", "DELETE", "palier_news_of_sessions"),
    ("console_sign", "UPDATE", "palier_news_of_consoles"),
    ("exam_session", "UPDATE", "palier_news_of_states"),
    ("message_receipt", "INSERT", "palier_news_of_receipts"),
)
TABLES = {
    "INSERT": "NEW TABLE AS fresh",
    "UPDATE": "OLD TABLE AS stale NEW TABLE AS fresh",
    "DELETE": "OLD TABLE AS fresh",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$")
    for table, action, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER palier_news_{action.lower()} AFTER {action} ON {table} "
            f"REFERENCING {TABLES[action]} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, action, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER palier_news_{action.lower()} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
