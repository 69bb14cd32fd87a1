"""The room of the only workshop that uses mind maps."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """Searched by the word of the question, as the browser does."""
    page = files[0].read_text(encoding="utf-8")
    workshops = re.findall(r"<article>(.*?)</article>", page, re.DOTALL)
    rooms = [re.findall(r"Salle : ([A-D]\d{3})", workshop)[0] for workshop in workshops]
    found = [room for room, workshop in zip(rooms, workshops, strict=True) if "heuristique" in workshop.casefold()]
    assert len(workshops) > 30
    assert len(set(rooms)) == len(rooms)
    assert len(found) == 1
    assert "carte mentale" not in page.casefold()
    return found[0]


def make(folder: Path) -> None:
    """The workshop exchanges its room with another one."""
    page = (folder / "crcn-1.1-02.html").read_text(encoding="utf-8")
    for variant, room in (("v2", "C208"), ("v3", "D109")):
        swapped = page.replace("B203", "…").replace(room, "B203").replace("…", room)
        (folder / f"crcn-1.1-02-{variant}.html").write_text(swapped, encoding="utf-8")
