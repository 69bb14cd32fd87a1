"""Structured logs without personal data: one line for each thing that happened, from whichever library it comes.

No text that somebody else wrote can make a line of its own. Tracebacks carry neither local variables nor what was sent
to the database.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

DATABASES = ("sqlalchemy.exc", "psycopg", "sqlite3")
"""Whose messages quote values: of their errors only the name and the SQLSTATE are told."""


def configure(as_json: bool, level: str = "INFO", **about: str) -> None:
    """Write logs of this process as JSON lines, or for a person to read; `about` stands in each line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _About({name: value for name, value in about.items() if value}),
        with_exception,
    ]
    last: list[Processor] = (
        [structlog.processors.JSONRenderer()]
        if as_json
        else [escaped, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(),
    )
    _take_over(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(()), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            use_get_message=True,
        ),
        number,
    )


class _Handler(logging.Handler):
    """Lines of the standard library's loggers, beside those of structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            out: TextIO = sys.stdout
            out.write(self.format(record) + "\n")
            out.flush()
        except Exception:
            self.handleError(record)


def _take_over(formatter: logging.Formatter, level: int) -> None:
    """Let loggers of the standard library write through the same renderer: gunicorn, SQLAlchemy, warnings."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(handler)
    handler = _Handler()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)


class _About:
    """What is said in every line: which node, which role."""

    def __init__(self, about: dict[str, str]) -> None:
        self.about = about

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.update(self.about)
        return event


def with_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor: an exception as text, with where it was raised and without any value."""
    given = event.pop("exc_info", None)
    if given:
        error = (
            given if isinstance(given, BaseException) else (given if isinstance(given, tuple) else sys.exc_info())[1]
        )
        if error is not None:
            event["exception"] = told(error)
    return event


def told(error: BaseException) -> str:
    """The traceback of an exception and of those that led to it, the first one first."""
    return "\n\n".join("\n".join(_one(e)) for e in reversed(list(_chain(error))))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _one(error: BaseException) -> Iterator[str]:
    trace: TracebackType | None = error.__traceback__
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(trace):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}: {frame.line or ''}"
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}: {_message(error)}".removeprefix("builtins.")


def _message(error: BaseException) -> str:
    if type(error).__module__.startswith(DATABASES):
        original = getattr(error, "orig", None) or error
        code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
        return f"{type(original).__name__} {code or ''}".strip()
    return plain(str(error))


def escaped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor for lines that people read: no value can end a line or move the cursor."""
    return {plain(key): _plain_value(key, value) for key, value in event.items()}


def _plain_value(key: str, value: Any) -> Any:
    if key == "exception":
        return value  # several lines, each of which is plain
    return plain(value if isinstance(value, str) else repr(value))


def plain(text: str) -> str:
    r"""A text in which whatever is no visible sign is spelled out.

    >>> plain("one\ntwo\x1b[31m é")
    'one\\ntwo\\x1b[31m é'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
