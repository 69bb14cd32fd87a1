"""The only subtitle that appears before the previous one is gone."""

import re
from itertools import pairwise
from pathlib import Path


def key(files: list[Path]) -> float:
    """Its number."""
    blocks = files[0].read_text(encoding="utf-8").strip().split("\n\n")
    cues = []
    for number, block in enumerate(blocks, 1):
        label, times, text = block.split("\n")
        start, end = map(_milliseconds, times.split(" --> "))
        assert int(label) == number
        assert start < end
        assert text
        cues.append((start, end))
    early = [n for n, (before, cue) in enumerate(pairwise(cues), 2) if cue[0] <= before[1]]
    assert len(cues) == 63
    assert len(early) == 1
    return early[0]


def _milliseconds(stamp: str) -> int:
    hours, minutes, seconds, thousandths = map(int, re.split("[:,]", stamp))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _stamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{thousandths:03}"


def make(folder: Path) -> None:
    """Subtitle 41 waits for the one before, another one does not."""
    blocks = (folder / "crcn-3.2-06.srt").read_bytes().decode().split("\n\n")
    for variant, early in (("v2", 23), ("v3", 52)):
        changed = list(blocks)
        for number, shift in ((41, 40), (early, -340)):
            before = _milliseconds(changed[number - 2].split("\n")[1].split(" --> ")[1])
            label, times, text = changed[number - 1].split("\n")
            end = times.split(" --> ")[1]
            changed[number - 1] = f"{label}\n{_stamp(before + shift)} --> {end}\n{text}"
        (folder / f"crcn-3.2-06-{variant}.srt").write_bytes("\n\n".join(changed).encode())
