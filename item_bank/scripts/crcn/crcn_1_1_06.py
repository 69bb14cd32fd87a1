"""The address of the only feed of the cards of cycle 3."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """Read from the `link` elements of the head."""
    page = files[0].read_text(encoding="utf-8")
    feeds = re.findall(r'<link rel="alternate" type="application/rss\+xml" title="([^"]+)" href="([^"]+)">', page)
    right = [address for title, address in feeds if title == "Cycle 3 : fiches"]
    assert len(feeds) >= 5
    assert len(right) == 1
    assert "flux/" not in page.split("<body>")[1]
    return right[0]


def make(folder: Path) -> None:
    """The feed exchanges its number with another one."""
    page = (folder / "crcn-1.1-06.html").read_text(encoding="utf-8")
    for variant, other in (("v2", "r62"), ("v3", "r31")):
        swapped = page.replace("r47.xml", "…").replace(f"{other}.xml", "r47.xml").replace("…", f"{other}.xml")
        (folder / f"crcn-1.1-06-{variant}.html").write_text(swapped, encoding="utf-8")
