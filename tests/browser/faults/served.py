"""The application with a clock that a test can move: `gunicorn tests.browser.faults.served:app`."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from web.app import create_app
from web.config import Settings
from web.now import wall_clock

SHIFT = Path(os.environ["PALIER_TEST_SHIFT"])


def shifted() -> datetime:
    """The time as the test wants it: seconds after the real one."""
    return wall_clock() + timedelta(seconds=float(SHIFT.read_text()))


app = create_app(Settings(), now=shifted)
