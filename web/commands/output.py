"""Where a command writes: tried before the work begins, and each file whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


def writable(folder: Path) -> Path:
    """The folder, tried and left as it was. Raises `ClickException` when nothing can be written into it."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for place in made:
            place.rmdir()
    except OSError as error:
        raise click.ClickException(f"Cannot write to {folder}: {error.strerror}. Name another folder.") from error
    return folder


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    """The files of a folder; none is left half written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        unfinished = folder / f"{name}.part"
        unfinished.write_text(content, encoding="utf-8")
        os.replace(unfinished, folder / name)


class Finite(click.FloatRange):
    """A float range that knows that `nan` lies nowhere."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Fails with a sentence for one that is none."""
        found = float(super().convert(value, param, ctx))
        if found != found:
            self.fail("nan is no number.", param, ctx)
        return found
