"""Where a bug happened, without what it said: the message of an exception may quote a name, as PostgreSQL's do."""

import sys
import traceback
from typing import Any

from structlog.typing import EventDict, WrappedLogger


def without_messages(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Put in place of the exception of a log line its types and its frames; of a database's, what names no value."""
    del logger, name
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = told(error)
    return event


def told(error: BaseException) -> str:
    """The chain of an exception, the first cause first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = "".join(traceback.format_tb(error.__traceback__))
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    own = f"Traceback (most recent call last):\n{frames}{name}{_marks(error)}"
    return f"{told(before)}\n\n{own}" if before is not None else own


def _marks(error: BaseException) -> str:
    """Of an error of PostgreSQL: its number, and the constraint or table that it is about."""
    diagnosis: Any = getattr(error, "diag", None)
    known = {n: getattr(diagnosis, n, None) for n in ("sqlstate", "constraint_name", "table_name", "column_name")}
    marks = [f"{name}={value}" for name, value in known.items() if value]
    return f" ({', '.join(marks)})" if marks else ""
