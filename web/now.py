"""The web's one look at the wall clock; tests put another in its place."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from flask import current_app


def wall_clock() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time that this application goes by."""
    return cast(Callable[[], datetime], current_app.extensions["palier.now"])()
