"""The only video of a catalogue that may be adapted and meets every wish."""

from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> str:
    """Its reference."""
    resources = _resources(files[0])
    assert len({r["Référence"] for r in resources}) == len(resources) > 80
    wished = _wished(resources)
    assert len(wished) > 3
    adaptable = [r for r in wished if r["Licence"].startswith("CC BY") and "ND" not in r["Licence"]]
    assert len(adaptable) == 1
    return adaptable[0]["Référence"]


def _resources(file: Path) -> list[dict[str, str]]:
    header, *rows = load_workbook(file)["Catalogue"].iter_rows(values_only=True)
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def _wished(resources: list[dict[str, str]]) -> list[dict[str, str]]:
    return [
        r
        for r in resources
        if (r["Discipline"], r["Niveau"], r["Type"]) == ("SVT", "Cycle 4", "Vidéo")
        and r["Compte élève obligatoire"] == "Non"
        and r["Sous-titres"] == "Oui"
    ]


def make(folder: Path) -> None:
    """It exchanges its licence with another one that meets every wish."""
    others = [r["Référence"] for r in _wished(_resources(folder / "edu-2.1-03.xlsx")) if r["Référence"] != "R296"]
    for variant, other in (("v2", others[0]), ("v3", others[-1])):
        book = load_workbook(folder / "edu-2.1-03.xlsx")
        licences = {row[0].value: row[5] for row in book["Catalogue"].iter_rows(min_row=2)}
        one, two = licences["R296"], licences[other]
        one.value, two.value = two.value, one.value
        book.save(folder / f"edu-2.1-03-{variant}.xlsx")
