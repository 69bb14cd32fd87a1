"""The address of the only feed of articles that a page declares."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """From the head of the page; the page itself shows no address of a feed."""
    page = files[0].read_text(encoding="utf-8")
    feeds = re.findall(r'<link rel="alternate" type="application/rss\+xml" title="([^"]+)" href="([^"]+)">', page)
    articles = [address for title, address in feeds if "articles" in title]
    assert len(feeds) == 2
    assert len(articles) == 1
    assert ".xml" not in re.sub(r"<[^>]+>", "", page)
    return articles[0]


def make(folder: Path) -> None:
    """The feed has another number."""
    page = (folder / "edu-1.3-03.html").read_bytes().decode()
    for variant, number in (("v2", "31"), ("v3", "52")):
        other = page.replace("billets-14.xml", f"billets-{number}.xml")
        (folder / f"edu-1.3-03-{variant}.html").write_bytes(other.encode())
