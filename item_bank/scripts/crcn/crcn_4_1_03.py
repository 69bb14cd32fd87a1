"""How many links of a message lead out of a domain."""

import re
from pathlib import Path
from urllib.parse import urlsplit

DOMAIN = "rectorat-orbeval.example"


def key(files: list[Path]) -> float:
    """By the host of each target."""
    targets = re.findall(r'<a href="([^"]+)">', files[0].read_text(encoding="utf-8"))
    hosts = [urlsplit(target).hostname or "" for target in targets]
    assert len(hosts) == 12
    return sum(host != DOMAIN and not host.endswith(f".{DOMAIN}") for host in hosts)


def make(folder: Path) -> None:
    """One link stays in the domain; or one more leaves it."""
    page = (folder / "crcn-4.1-03.html").read_bytes().decode()
    for variant, old, new in (
        ("v2", f"https://{DOMAIN}@espace-prive.example/ouvrir", f"https://espace-prive.{DOMAIN}/ouvrir"),
        ("v3", f"https://www.{DOMAIN}/calendrier", f"https://www-{DOMAIN}/calendrier"),
    ):
        assert page.count(old) == 1
        (folder / f"crcn-4.1-03-{variant}.html").write_bytes(page.replace(old, new).encode())
