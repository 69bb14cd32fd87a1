"""What the role of the web may do in PostgreSQL: add to the evidence, and never change it."""

from sqlalchemy import Connection, text

from engine.kernel import EngineError
from web.db.base import Base


class NoRoles(EngineError):
    """SQLite has no roles: whoever can write the file can write everything."""

    code = "no_roles"


class NoSuchRole(EngineError):
    """PostgreSQL knows no such role."""

    code = "no_such_role"


def grant(connection: Connection, role: str) -> None:
    """Let a role do what the web does, and take from it what it does not. Raises `NoRoles`, `NoSuchRole`."""
    if connection.dialect.name != "postgresql":
        raise NoRoles("SQLite has no roles: use PostgreSQL in production.")
    if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).all():
        raise NoSuchRole(f"PostgreSQL knows no role {role}: CREATE ROLE it first, with LOGIN.", role=role)
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.dialect.identifier_preparer.quote_identifier(
        connection.execute(text("SELECT current_schema()")).scalar_one()
    )
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        f"GRANT SELECT ON alembic_version TO {name}",
    ):
        connection.execute(text(statement))
    for table in Base.metadata.sorted_tables:
        may = "SELECT, INSERT" if is_evidence(table.name) else "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(text(f"GRANT {may} ON {table.name} TO {name}"))


def is_evidence(table: str) -> bool:
    """Whether rows of a table are only ever added."""
    return bool(Base.metadata.tables[table].info.get("append_only"))
