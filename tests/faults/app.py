"""The application with a clock that a test can set wrong: `gunicorn "tests.faults.app:make()"`."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from web.app import create_app
from web.config import Settings
from web.now import wall_clock

SHIFT = "PALIER_TEST_SHIFT"


def make() -> Flask:
    """The application with the settings of its environment; its clock is the real one and the seconds in a file."""
    shift = Path(os.environ[SHIFT])

    def shifted() -> datetime:
        return wall_clock() + timedelta(seconds=float(shift.read_text()))

    return create_app(Settings(), now=shifted)
