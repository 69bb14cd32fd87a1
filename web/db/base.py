"""What all tables have in common."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData, String
from sqlalchemy.orm import DeclarativeBase

from web.db.types import Instant

EVIDENCE: dict[str, Any] = {"info": {"append_only": True}}
"""For `__table_args__`: rows are added, never changed; the role of the web can do nothing else (`web/db/grants.py`)."""


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can find it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Instant(),
        str: String(200),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[float]: JSON(),
    }
