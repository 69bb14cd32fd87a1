"""The longest wait between two relays of a message, in minutes."""

import re
from email import message_from_string
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path


def key(files: list[Path]) -> float:
    """From the dates of the `Received` headers, which stand in their own time zones."""
    message = message_from_string(files[0].read_text(encoding="utf-8"))
    received = message.get_all("Received") or []
    assert len(received) == 6
    times = [parsedate_to_datetime(re.sub(r"\(.*?\)", "", line.split(";")[1]).strip()) for line in reversed(received)]
    assert times == sorted(times)
    *_, second, longest = sorted((after - before).total_seconds() / 60 for before, after in pairwise(times))
    assert second < 15
    return longest


def make(folder: Path) -> None:
    """The message leaves the slow relay earlier or later."""
    text = (folder / "crcn-2.1-08.txt").read_text(encoding="utf-8")
    for variant, left in (("v2", "02:55:02 -0500"), ("v3", "02:49:02 -0500")):
        other = text.replace("02:51:02 -0500", left)
        (folder / f"crcn-2.1-08-{variant}.txt").write_text(other, encoding="utf-8")
