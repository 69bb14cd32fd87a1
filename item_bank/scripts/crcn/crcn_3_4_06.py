"""The line of an export that breaks the syntax of JSON."""

import json
from pathlib import Path


def key(files: list[Path]) -> float:
    """Where a parser stops; with straight quotes there, the whole file is read."""
    text = files[0].read_text(encoding="utf-8")
    try:
        json.loads(text)
    except json.JSONDecodeError as refusal:
        line = refusal.lineno
    lines = text.split("\n")
    lines[line - 1] = lines[line - 1].replace("“", '"').replace("”", '"')
    assert len(json.loads("\n".join(lines))["ressources"]) == 40
    assert sum("“" in other for other in lines) > 3  # inside strings they are no mistakes
    return line


def make(folder: Path) -> None:
    """The curly quotes stand around another name."""
    whole = (folder / "crcn-3.4-06.json").read_bytes().decode().replace("“duree_minutes”", '"duree_minutes"')
    for variant, name, number in (("v2", "niveau", 15), ("v3", "discipline", 33)):
        lines = whole.split("\n")
        at = [n for n, line in enumerate(lines) if f'"{name}"' in line][number]
        lines[at] = lines[at].replace(f'"{name}"', f"“{name}”")
        (folder / f"crcn-3.4-06-{variant}.json").write_bytes("\n".join(lines).encode())
