"""The items of a release as a file for a spreadsheet, one line for each item and track."""

import csv
import io

from web.services.monitoring import ReleaseWatch
from web.services.results_file import inert

COLUMNS = (
    "item",
    "version",
    "referentiel",
    "competence",
    "sujet",
    "reponses",
    "a",
    "b",
    "c",
    "erreur_b",
    "duree_s",
    "ajustement_z",
    "parcours",
    "passations",
    "donnee",
    "exposition",
    "plafond",
    "ecartee",
    "alertes",
)


def file(watch: ReleaseWatch) -> bytes:
    """The bytes of the file; the mark makes spreadsheets read UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for framework in watch.frameworks:
        for watched in framework.items:
            item, p = watched.item, watched.parameters
            for use in watched.uses:
                about = (item.id, item.version, framework.framework.value, item.competence, item.subject)
                known = (p.responses, p.a, p.b, p.c, p.se_b, item.expected_seconds, p.fit)
                seen = (use.track.value, use.sittings, use.given, round(use.exposure, 4), use.ceiling)
                writer.writerow(
                    (
                        *map(inert, about),
                        *map(_read, (*known, *seen, round(use.ineligible, 4))),
                        " ".join(watched.alarms),
                    )
                )
    return out.getvalue().encode("utf-8-sig")


def _read(value: object) -> object:
    """A number with the comma that French spreadsheets read."""
    return str(value).replace(".", ",") if isinstance(value, float) else "" if value is None else value
