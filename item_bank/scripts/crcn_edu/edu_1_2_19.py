"""The hours that the open tasks of one strand still take, from the export of a project tool."""

import random
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

STRAND = "Communication"
OPEN = {"À faire", "En cours"}
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def key(files: list[Path]) -> float:
    rows = _rows(files[0])
    head = rows[0]
    tasks = [dict(zip(head, row, strict=True)) for row in rows[1:]]
    mine = [t for t in tasks if t["Chantier"] == STRAND]
    still = [t for t in mine if t["État"] in OPEN]
    assert {t["État"] for t in tasks} == OPEN | {"Terminée", "Abandonnée"}
    assert all(float(t["Heures faites"]) <= float(t["Heures prévues"]) for t in tasks)
    left = _left(still)
    not_dropped = [t for t in mine if t["État"] != "Terminée"]
    planned = sum(float(t["Heures prévues"]) for t in still)
    begins_so = _left([t for t in tasks if t["État"] in OPEN and t["Chantier"].startswith(STRAND)])
    assert left not in (_left(not_dropped), _left(mine), planned, begins_so)
    return left


def _left(tasks: list[dict[str, str]]) -> float:
    return sum(float(t["Heures prévues"]) - float(t["Heures faites"]) for t in tasks)


def _rows(file: Path) -> list[list[str]]:
    with zipfile.ZipFile(file) as archive:
        content = ElementTree.fromstring(archive.read("content.xml"))
    return [
        [cell.get(f"{OFFICE}value") or "".join(cell.itertext()) for cell in row.iter(f"{TABLE}table-cell")]
        for row in content.iter(f"{TABLE}table-row")
    ]


WORK = {
    "Communication": ["Affiche", "Page de l'ENT", "Dossier de presse", "Invitation aux familles", "Plan d'accès",
                      "Lettre aux partenaires", "Annonce radio", "Panneau du hall", "Bandeau du site", "Kakémono"],
    "Communication des résultats": ["Bilan illustré", "Article du journal", "Diaporama final", "Vidéo de synthèse"],
    "Logistique": ["Salle", "Sonorisation", "Transport", "Goûter", "Tables", "Badges", "Signalétique"],
    "Contenus": ["Quiz", "Panneaux", "Maquette", "Frise", "Carte", "Podcast", "Jeu de piste", "Herbier"],
    "Budget": ["Devis", "Subvention", "Factures", "Bilan comptable"],
}  # fmt: skip
PEOPLE = ["Amadou Sy", "Clara Petit", "Jules Orsini", "Mina Rahimi", "Nathan Le Bihan", "Soraya Khelif"]


def make(folder: Path) -> None:
    for name in ("edu-1.2-19.ods", "edu-1.2-19-v2.ods", "edu-1.2-19-v3.ods"):
        chance = random.Random(name + "/f")
        rows: list[list[str | int]] = []
        for strand, things in WORK.items():
            states = ["À faire", "En cours", "Terminée", "Abandonnée"] * 3
            chance.shuffle(states)
            for thing, state in zip(things, states, strict=False):
                planned = chance.randint(3, 12)
                done = {"À faire": 0, "Terminée": planned - chance.randint(0, 2)}.get(
                    state, chance.randint(1, planned - 1)
                )
                rows.append([thing, strand, chance.choice(PEOPLE), state, planned, done])
        chance.shuffle(rows)
        head: list[str | int] = ["N°", "Tâche", "Chantier", "Responsable", "État", "Heures prévues", "Heures faites"]
        table = [head, *([n, *row] for n, row in enumerate(rows, 1))]
        _write(folder / name, "Tâches", table)


def _write(file: Path, sheet: str, table: list[list[str | int]]) -> None:
    def cell(value: str | int) -> str:
        kind = (
            f'office:value-type="float" office:value="{value}"'
            if isinstance(value, int)
            else 'office:value-type="string"'
        )
        return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in table)
    names = ("office", "table", "text", "style")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        '<office:automatic-styles><style:style style:name="wide" style:family="table-column">'
        '<style:table-column-properties style:column-width="4.5cm"/></style:style></office:automatic-styles>'
        f'<office:body><office:spreadsheet><table:table table:name="{sheet}">'
        f'<table:table-column table:style-name="wide" table:number-columns-repeated="{len(table[0])}"/>'
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{space}" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(file, "w") as archive:
        for path, text, how in (
            ("mimetype", kind, zipfile.ZIP_STORED),
            ("META-INF/manifest.xml", manifest, zipfile.ZIP_DEFLATED),
            ("content.xml", content, zipfile.ZIP_DEFLATED),
        ):
            archive.writestr(zipfile.ZipInfo(path, (2025, 9, 1, 8, 0, 0)), text, how)
