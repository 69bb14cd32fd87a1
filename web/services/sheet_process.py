"""Reads a workbook in a process of its own: bytes on standard input, its cells as JSON on standard output.

A file of a stranger can ask for any amount of memory (one cell in the last row and column is enough), or break the
reader. Here that ends this process and nothing else. It imports nothing of Palier, so that it starts at once.
"""

import datetime
import io
import json
import math
import resource
import sys

import python_calamine

MEMORY = 1 << 30  # bytes
SECONDS = 10
ROWS, COLUMNS, SHEETS = 6000, 60, 8
LONGEST_CELL = 1000


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


def main() -> int:
    """Say the cells of every sheet, or why not: `encrypted` or `unreadable`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheets = []
        for name in book.sheet_names[:SHEETS]:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=ROWS)
            sheets.append([[cell(value) for value in row[:COLUMNS]] for row in rows])
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
