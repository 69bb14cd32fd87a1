"""Every comparison with its table: `python -m tests.bench.peers [PYTHON] [--only NAME] [--json FILE]`."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.peers import calibration, decision, simulation
from tests.bench.peers.beside import ONE_THREAD, circumstances, has

PYTHON = Path(__file__).parents[3] / "var" / "peers" / "bin" / "python"
"""The interpreter that has the rivals; `make bench-peers` makes it."""
RIVALS = ("mirt", "catsim", "girth")
COMPARISONS = {"calibration": calibration, "simulation": simulation, "decision": decision}


def main() -> None:
    """Print a table for each comparison; write the figures to a file if one is named."""
    parser = argparse.ArgumentParser(prog="tests.bench.peers", description=__doc__)
    parser.add_argument("python", nargs="?", type=Path, default=PYTHON)
    parser.add_argument("--only", choices=COMPARISONS, action="append")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if not asked.python.exists():
        sys.exit(f"There is no {asked.python}: run make bench-peers, or name a Python that has the rivals.")
    under, console = circumstances(), Console(width=140)
    present = {name for name in RIVALS if has(asked.python, name)}
    for name in RIVALS:
        if name not in present:
            console.print(f"{name} is not installed there: going on without it.")
    if not present:
        sys.exit("None of the rivals is installed: there is nothing to compare.")
    console.print(
        f"{under['processor']}, {under['cores']} cores, load {under['load'][0]} at the start; one thread each; "
        f"Python {under['python']}, numpy {under['numpy']}, scipy {under['scipy']}",
        highlight=False,
    )
    found: dict[str, Any] = {}
    for name in asked.only or COMPARISONS:
        found[name] = COMPARISONS[name].compare(asked.python, present)
        console.print(shown(COMPARISONS[name].CAPTION, found[name]))
    if asked.json:
        asked.json.write_text(json.dumps({"circumstances": under, **found}, indent=1), encoding="utf-8")


def shown(caption: str, rows: list[dict[str, Any]]) -> Table:
    """A table as people read it: three figures that count, thousands apart."""
    table = Table(title=caption)
    for name, value in rows[0].items():
        table.add_column(name, justify="left" if isinstance(value, str) else "right")
    for row in rows:
        table.add_row(*[_cell(name, value) for name, value in row.items()])
    return table


def _cell(name: str, value: object) -> str:
    if name == "below our log-likelihood" and isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, float):
        text = f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"
        return f"{text} ×" if name == "palier is faster by" else text
    return "–" if value is None else str(value)


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):  # numpy reads them when it is imported
        os.execve(sys.executable, [sys.executable, "-m", "tests.bench.peers", *sys.argv[1:]], os.environ | ONE_THREAD)
    main()
