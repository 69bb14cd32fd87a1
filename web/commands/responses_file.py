"""Files of answers, CSV or Parquet, as rows with their line numbers (docs/calibration.md)."""

import csv
import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from engine.calibration.check import COLUMNS

Row = tuple[int, Mapping[str, str | None]]


def rows_of(path: Path, groups: Sequence[str]) -> Iterator[Row]:
    """The rows of a file; for Parquet a line is a row's number. Raises `ClickException` when it is no such file."""
    match path.suffix.lower():
        case ".csv":
            return _csv(path, groups)
        case ".parquet":
            return _parquet(path, groups)
        case other:
            raise click.ClickException(f"{path}: answers are read from .csv or .parquet, not from {other or 'that'}.")


def _csv(path: Path, groups: Sequence[str]) -> Iterator[Row]:
    """UTF-8, a header, fields separated by commas or semicolons."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ",")
            _require(path, reader.fieldnames or (), groups)
            for row in reader:
                yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8 ({error.reason}): save it as UTF-8.") from error
    except csv.Error as error:
        raise click.ClickException(f"{path} is not a CSV file: {error}.") from error


def _parquet(path: Path, groups: Sequence[str]) -> Iterator[Row]:
    """Columns of any type whose text is meant: integers and truth values for `correct` too."""
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            "Parquet files need pyarrow, which is not installed: pip install 'palier[parquet]', or give a .csv file."
        ) from missing
    try:
        file = parquet.ParquetFile(path)
    except Exception as error:
        raise click.ClickException(f"{path} is not a Parquet file: {error}") from error
    _require(path, file.schema_arrow.names, groups)
    line = 0
    for batch in file.iter_batches(columns=[*COLUMNS, *groups]):
        for row in batch.to_pylist():
            line += 1
            yield line, {key: _text(value) for key, value in row.items()}


def _text(value: object) -> str | None:
    """A cell as CSV would hold it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _require(path: Path, columns: Sequence[str], groups: Sequence[str]) -> None:
    """Raise `ClickException` unless all columns are there."""
    missing = [column for column in (*COLUMNS, *groups) if column not in columns]
    if missing:
        raise click.ClickException(f"{path} has no column {', '.join(missing)}; it has {', '.join(columns) or 'none'}.")
