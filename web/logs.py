"""Structured logs without personal data: one line for each thing that happened, from whichever library it comes.

No text that somebody else wrote can make a line of its own. Tracebacks carry neither local variables nor what was sent
to the database.
"""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from web.tracebacks import without_messages


def configure(as_json: bool, level: str = "INFO", **about: str) -> None:
    """Write logs of this process as JSON lines, or for a person to read; `about` stands in each line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _About({name: value for name, value in about.items() if value}),
        without_messages,
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
