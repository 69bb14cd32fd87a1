"""The only file of an archive with the names of pupils and their special arrangements."""

import csv
import io
import zipfile
from copy import copy
from pathlib import Path


def key(files: list[Path]) -> str:
    """Its name, which no other file has."""
    naming = []
    with zipfile.ZipFile(files[0]) as archive:
        names = archive.namelist()
        for name in names:
            content = archive.read(name).decode("utf-8-sig")
            if name.endswith(".csv"):
                header = next(csv.reader(io.StringIO(content), delimiter=";"))
                if "eleve" in header:
                    naming.append(name)
                    assert "amenagement" in header
                    assert "PAP" in content
                    continue
            assert "PAP" not in content
    assert len(names) == 26
    assert len(naming) == 1
    found = Path(naming[0]).name
    assert sum(Path(name).name == found for name in names) == 1
    return found


def make(folder: Path) -> None:
    """The file has another name, wherever it is named."""
    for variant, name in (("v2", "affiches.csv"), ("v3", "equipes.csv")):
        with (
            zipfile.ZipFile(folder / "edu-2.3-04.zip") as before,
            zipfile.ZipFile(folder / f"edu-2.3-04-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                renamed = copy(info)
                renamed.filename = info.filename.replace("repartition.csv", name)
                after.writestr(renamed, before.read(info).replace(b"repartition.csv", name.encode()))
