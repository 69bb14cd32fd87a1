"""Reads a workbook in a process of its own: bytes on standard input, its cells as JSON on standard output.

A stranger's file can ask for any amount of memory (one cell in the last row and column is enough), say one text a
million times, or break the reader. Here that ends this process and nothing else. It can open nothing, neither file nor
connection, whatever a document refers to. It imports nothing of Palier, so that it starts at once.
"""

import datetime
import encodings.cp437  # noqa: F401, zipfile needs it when no file can be opened any more
import io
import json
import math
import os
import resource
import sys
import zipfile

import python_calamine

MEMORY = 512 << 20  # bytes
SECONDS = 5
ROWS, COLUMNS, SHEETS = 6000, 60, 8
LONGEST_CELL = 1000
UNFOLDED, PARTS = 100 << 20, 2000  # bytes and parts of a package, as it says itself
CELLS, SIGNS = 500_000, 4_000_000  # of all sheets together: a list of 5,000 has a tenth of that


def cell(value: object) -> str:
    """A cell as text: dates as year-month-day, whole numbers without a point, ticks as yes or no."""
    match value:
        case bool():
            return "oui" if value else "non"
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case float() if math.isfinite(value) and value == int(value):
            return str(int(value))
        case _:
            return str(value)[:LONGEST_CELL]


class TooMuch(Exception):
    """More than a list of candidates could need."""


def sheets_of(content: bytes) -> list[list[list[str]]]:
    """The cells of every sheet. Raises `TooMuch`, and whatever the reader raises."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
        if len(parts) > PARTS or sum(part.file_size for part in parts) > UNFOLDED:
            raise TooMuch
    book = python_calamine.load_workbook(io.BytesIO(content))
    sheets, cells, signs = [], 0, 0
    for name in book.sheet_names[:SHEETS]:
        rows = []
        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=ROWS):
            rows.append([cell(value) for value in row[:COLUMNS]])
            cells += len(rows[-1])
            signs += sum(map(len, rows[-1]))
            if cells > CELLS or signs > SIGNS:
                raise TooMuch
        sheets.append(rows)
    return sheets


def confine() -> None:
    """Give up what reading needs not: memory, time, files, connections, a place before those who answer candidates."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def main() -> int:
    """Say the cells of every sheet, or why not: `encrypted`, `too_much` or `unreadable`."""
    confine()
    content = sys.stdin.buffer.read()
    try:
        sheets = sheets_of(content)
    except TooMuch:
        print(json.dumps({"problem": "too_much"}))
        return 0
    except python_calamine.PasswordError:
        print(json.dumps({"problem": "encrypted"}))
        return 0
    except BaseException:  # a reader that breaks raises what is no Exception
        print(json.dumps({"problem": "unreadable"}))
        return 0
    print(json.dumps({"sheets": sheets}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
