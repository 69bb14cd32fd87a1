"""Structured logs without personal data: tracebacks carry neither local variables nor messages."""

import structlog

from web.tracebacks import without_messages


def configure(as_json: bool) -> None:
    """Write logs as JSON lines, or for a person to read."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_messages,
    ]
    structlog.configure(processors=[*processors, renderer])
