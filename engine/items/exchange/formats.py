"""Which format a file has, and its reader."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from engine.items.exchange.gift import read_gift
from engine.items.exchange.model import Reading
from engine.items.exchange.moodle import read_moodle
from engine.items.exchange.qti_package import read_qti


class Format(StrEnum):
    """What can be read."""

    QTI3 = "qti3"
    QTI2 = "qti2"
    MOODLE = "moodle"
    GIFT = "gift"


READERS: Mapping[Format, Callable[[bytes, str], Reading]] = {
    Format.QTI3: read_qti,
    Format.QTI2: read_qti,
    Format.MOODLE: read_moodle,
    Format.GIFT: read_gift,
}


XML = (b"<quiz", b"<qti-", b"<assessment", b"<questestinterop", b"\xff\xfe<", b"\xfe\xff\x00<")


def recognised(data: bytes) -> Format:
    """The format that a file seems to have: its reader says whether it has.

    >>> recognised(b"<?xml version='1.0'?><quiz/>"), recognised(b"::Q1:: 1+1 {=2}")
    (<Format.MOODLE: 'moodle'>, <Format.GIFT: 'gift'>)
    """
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"PK"):
        return Format.QTI3
    if start.startswith(XML) or start.startswith((b"<?", b"<!")):
        return Format.MOODLE if b"<quiz" in data[:65536] else Format.QTI3
    return Format.GIFT
