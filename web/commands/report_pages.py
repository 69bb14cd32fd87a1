"""The templates of reports: one page that needs no other file."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.typography import init_env


def report_templates() -> Environment:
    """An environment that escapes everything, and stops at a name that is not there."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    init_env(environment)
    return environment
