"""The file of a calibration, as commands read it."""

from pathlib import Path

import click
from pydantic import ValidationError

from engine.calibration.file import Calibration


def read_calibration(path: Path) -> Calibration:
    """A calibration file. Raises `ClickException` when it is none."""
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise click.ClickException(f"{path} is not a calibration: {error}") from error
