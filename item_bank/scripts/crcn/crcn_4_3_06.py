"""The room whose appliances waste most energy in standby."""

import re
import zipfile
from collections import defaultdict
from pathlib import Path

from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> str:
    """Power times hours times days, added up by room; the second room has clearly less."""
    _, *rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    energy: dict[str, float] = defaultdict(float)
    power: dict[str, float] = defaultdict(float)
    for room, _, watts, hours, days in rows:
        energy[str(room)] += float(watts) * float(hours) * float(days)
        power[str(room)] += float(watts)
    first, second, *_ = sorted(energy, key=lambda room: -energy[room])
    assert energy[first] > 1.05 * energy[second]
    assert max(power, key=lambda room: power[room]) != first
    return first


def make(folder: Path) -> None:
    """Two rooms exchange their names."""
    for variant, other in (("v2", "C102"), ("v3", "A103")):
        exchanged = {"B203": other, other: "B203"}
        with (
            zipfile.ZipFile(folder / "crcn-4.3-06.ods") as before,
            zipfile.ZipFile(folder / f"crcn-4.3-06-{variant}.ods", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "content.xml":
                    swapped = re.sub("|".join(exchanged), lambda m, to=exchanged: to[m[0]], content.decode())
                    content = swapped.encode()
                after.writestr(info, content)
