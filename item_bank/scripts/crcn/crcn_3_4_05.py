"""The only quotient for which a page shows another price than the scale that was voted."""

import re
from pathlib import Path

SCALE = ((0, 1.10), (300, 1.60), (450, 2.20), (620, 2.90), (790, 3.60), (980, 4.20), (1200, 4.80))
"""As the question gives it: from which quotient on, which price in euros."""


def key(files: list[Path]) -> float:
    """Tried for every quotient."""
    code = files[0].read_text(encoding="utf-8")
    rules = re.findall(r"if \(qf (<=?) (\d+)\) \{ return ([\d.]+); \}", code)
    otherwise = re.search(r"^ {6}return ([\d.]+);", code, re.MULTILINE)
    assert len(rules) == 6
    assert otherwise is not None

    def shown(quotient: int) -> float:
        for sign, bound, price in rules:
            if quotient < int(bound) or (sign == "<=" and quotient == int(bound)):
                return float(price)
        return float(otherwise[1])

    def voted(quotient: int) -> float:
        return [price for first, price in SCALE if first <= quotient][-1]

    wrong = [q for q in range(3001) if shown(q) != voted(q)]
    assert len(wrong) == 1
    return wrong[0]


def make(folder: Path) -> None:
    """The mistake is at another bound."""
    page = (folder / "crcn-3.4-05.html").read_bytes().decode().replace("qf <= 790", "qf <= 789")
    for variant, right, wrong in (("v2", "qf < 450", "qf <= 450"), ("v3", "qf < 980", "qf <= 980")):
        (folder / f"crcn-3.4-05-{variant}.html").write_bytes(page.replace(right, wrong).encode())
