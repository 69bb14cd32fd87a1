"""How Alembic reaches the database."""

from alembic import context
from sqlalchemy import create_engine

from web.config import Settings
from web.db import (  # noqa: F401, they fill the metadata
    account_tables,
    audit_tables,
    day_tables,
    item_tables,
    privacy_tables,
    tables,
)
from web.db.base import Base

engine = context.config.attributes.get("engine") or create_engine(Settings().database)

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":  # a migration may take longer than a page has patience
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
