"""The aid that a project of a college and a school can get, in euros."""

import re
import zipfile
from copy import copy
from pathlib import Path


def key(files: list[Path]) -> float:
    """The amount of two classes and the bonus, as the amendment has it; all sixteen pages hang together."""
    with zipfile.ZipFile(files[0]) as archive:
        pages = {n.removeprefix("classes-en-ondes/"): archive.read(n).decode("utf-8") for n in archive.namelist()}
    said = {name: " ".join(re.sub(r"<[^>]+>", "", page).split()) for name, page in pages.items()}
    assert len(pages) == 16
    assert {target for page in pages.values() for target in re.findall(r'href="([^"]+)"', page)} == pages.keys()
    row = re.search(r"<th scope=\"row\">Collège</th><td>\d+ €</td><td>(\d+) €</td>", pages["annexe.html"])
    bonus = re.search(r"majorée de (\d+) €, une seule fois", said["reglement.html"])
    amended = re.search(r"à l'article 6, « (\d+) € » devient « (\d+) € »", said["actu-3.html"])
    assert row is not None
    assert bonus is not None
    assert amended is not None
    assert amended[1] == bonus[1]
    return int(row[1]) + int(amended[2])


def make(folder: Path) -> None:
    """Other amounts in the annex and in the amendment."""
    for variant, amount, bonus in (("v2", "820", "250"), ("v3", "770", "270")):
        with (
            zipfile.ZipFile(folder / "edu-1.3-07.zip") as before,
            zipfile.ZipFile(folder / f"edu-1.3-07-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                text = before.read(info).decode()
                if info.filename.endswith("annexe.html"):
                    assert text.count(">790 €<") == 1
                    text = text.replace(">790 €<", f">{amount} €<")
                elif info.filename.endswith("actu-3.html"):
                    assert text.count("« 260 € »") == 1
                    text = text.replace("« 260 € »", f"« {bonus} € »")
                after.writestr(copy(info), text.encode())
