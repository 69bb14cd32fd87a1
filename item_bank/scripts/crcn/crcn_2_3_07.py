"""The first revision with the new delay in the line of the one in force."""

import re
import zipfile
from copy import copy
from pathlib import Path


def key(files: list[Path]) -> str:
    """From parent to parent; other branches have the new delay too."""
    with zipfile.ZipFile(files[0]) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert len(texts) == 14

    def parent(name: str) -> str | None:
        found = re.search(r"^Révision parente : (\w{4})\s*$", texts[name], re.MULTILINE)
        return f"rev-{found[1]}.txt" if found else None

    def delay(name: str) -> int:
        found = re.search(r"répondent aux messages des familles dans un délai de (\d+) heures", texts[name])
        assert found is not None
        return int(found[1])

    line: list[str] = []
    here: str | None = "rev-b81c.txt"
    while here:
        line.append(here)
        here = parent(here)
    delays = [delay(name) for name in line]
    assert delays == sorted(delays, reverse=True)
    assert delays[-1] == 48
    assert {delay(name) for name in texts.keys() - set(line)} == {48, 72}
    return line[delays.count(72) - 1]


def make(folder: Path) -> None:
    """Two revisions exchange their numbers, everywhere."""
    for variant, one, other in (("v2", "f417", "92e3"), ("v3", "f417", "c5d0")):
        exchanged = {one: other, other: one}

        def swapped(text: str, exchanged: dict[str, str] = exchanged) -> str:
            return re.sub("|".join(exchanged), lambda m: exchanged[m[0]], text)

        with zipfile.ZipFile(folder / "crcn-2.3-07.zip") as before:
            members = {swapped(info.filename): (info, before.read(info).decode()) for info in before.infolist()}
        with zipfile.ZipFile(folder / f"crcn-2.3-07-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after:
            for name, (info, text) in sorted(members.items()):
                renamed = copy(info)
                renamed.filename = name
                after.writestr(renamed, swapped(text).encode())
