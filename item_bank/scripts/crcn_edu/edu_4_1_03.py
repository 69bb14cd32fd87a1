"""The only label of a form that aims at no field."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """Its words."""
    page = files[0].read_text(encoding="utf-8")
    labels = re.findall(r'<label for="([^"]+)">([^<]+)</label>', page)
    fields = set(re.findall(r'<input [^>]*id="([^"]+)"', page))
    assert len(labels) == len(fields) == 18
    orphans = [text for target, text in labels if target not in fields]
    assert len(orphans) == 1
    return orphans[0]


def make(folder: Path) -> None:
    """The label aims at its field, another one does not."""
    page = (folder / "edu-4.1-03.html").read_bytes().decode().replace('for="champ-41"', 'for="champ-14"')
    for variant, right, wrong in (("v2", "09", "90"), ("v3", "12", "21")):
        other = page.replace(f'for="champ-{right}"', f'for="champ-{wrong}"')
        (folder / f"edu-4.1-03-{variant}.html").write_bytes(other.encode())
