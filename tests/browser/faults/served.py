"""The application with a clock that a test can move: `gunicorn "tests.browser.faults.served:make()"`."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from web.app import create_app
from web.config import Settings
from web.now import wall_clock


def make() -> Flask:
    """The application; its clock is the real one and the seconds in a file."""
    shift = Path(os.environ["PALIER_TEST_SHIFT"])

    def shifted() -> datetime:
        return wall_clock() + timedelta(seconds=float(shift.read_text()))

    return create_app(Settings(), now=shifted)
