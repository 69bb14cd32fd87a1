"""One file per session, in a structure that can be concatenated (docs/results-file.md)."""

import csv
import io
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.delivery.session import SessionState
from engine.items.frameworks import Framework
from engine.kernel import EngineError, SessionId
from web.birth_dates import ERASED_BIRTH
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import ResultRow
from web.french import paris_day
from web.services.house import House
from web.services.scope import session_of

COLUMNS = (
    "format",
    "academie",
    "centre",
    "session",
    "date_session",
    "nom",
    "prenom",
    "date_naissance",
    "parcours",
    "niveau_vise",
    "issue",
    "niveau_obtenu",
    "date_obtention",
    "valable_jusqu_au",
    "crcn_edu_justes",
    "crcn_edu_comptees",
    *(f"crcn_edu_domaine_{d}_{what}" for d in range(1, 6) for what in ("justes", "comptees")),
    "crcn_justes",
    "crcn_comptees",
    "epreuves_neutralisees",
    "regles",
    "version_banque",
    "parametres",
    "cause_annulation",
    "version_resultat",
    "rectifie_le",
)


class NotPublished(EngineError):
    """There is no results file before the results are published."""

    code = "not_published"


def results(house: House, actor: Person, session: SessionId) -> tuple[Session, list[tuple[Enrolment, dict[str, Any]]]]:
    """The published results of a session, newest versions. Raises `NotPublished`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        if slot.state is not SessionState.PUBLISHED:
            raise NotPublished(f"Session {session} is {slot.state}.", state=slot.state)
        enrolments = sitting_rows.load_session(connection, session)
        rows = connection.execute(
            select(ResultRow.sitting_id, ResultRow.document)
            .where(ResultRow.sitting_id.in_([e.id for e in enrolments]))
            .order_by(ResultRow.version)
        )
        newest: dict[str, dict[str, Any]] = {row.sitting_id: row.document for row in rows}
    return slot, [(e, newest[e.id]) for e in enrolments if e.id in newest]


def results_file(house: House, actor: Person, session: SessionId, now: datetime) -> tuple[str, bytes]:
    """The name and the bytes of the file; the download is noted. Raises `NotPublished`."""
    slot, found = results(house, actor, session)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for enrolment, document in found:
        writer.writerow({k: inert(v) for k, v in _line(slot, enrolment, document).items()})
    with house.db.write() as connection:
        session_rows.note(connection, session, actor.id, "downloaded", now)
    # The mark makes spreadsheets read UTF-8.
    return f"resultats-{slot.code}.csv", out.getvalue().encode("utf-8-sig")


def _line(session: Session, enrolment: Enrolment, document: dict[str, Any]) -> dict[str, object]:
    line: dict[str, object] = {
        "format": document["format"],
        "academie": session.academy,
        "centre": session.centre,
        "session": session.code,
        "date_session": paris_day(session.starts_at).isoformat(),
        "nom": enrolment.last_name,
        "prenom": enrolment.first_name,
        "date_naissance": "" if enrolment.birth_date == ERASED_BIRTH else enrolment.birth_date.isoformat(),
        "parcours": enrolment.track.value,
        "niveau_vise": document["target"],
        "issue": document["outcome"],
        "niveau_obtenu": document.get("level") or "",
        "date_obtention": document["obtained_on"],
        "valable_jusqu_au": document.get("valid_until") or "",
        "regles": document["rules"]["name"],
        "version_banque": document["release"]["name"],
        "parametres": document["release"]["provenance"],
        "cause_annulation": document.get("cause") or "",
        "version_resultat": document.get("amendment", {}).get("version", 1),
        "rectifie_le": document.get("amendment", {}).get("on", ""),
    }
    if document["outcome"] == "scored":
        for framework in Framework:
            counts = document["frameworks"][framework.value]
            line[f"{framework.value}_justes"] = counts["correct"]
            line[f"{framework.value}_comptees"] = counts["counted"]
        for domain in document["edu_domains"]:
            line[f"crcn_edu_domaine_{domain['number']}_justes"] = domain["correct"]
            line[f"crcn_edu_domaine_{domain['number']}_comptees"] = domain["counted"]
        line["epreuves_neutralisees"] = document["neutralised"]
    return line


def inert(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> inert("=1+1"), inert(" @x"), inert(-1)
    ("'=1+1", "' @x", -1)
    """
    if isinstance(value, str) and (value[:1] in _STARTS or value.lstrip()[:1] in _STARTS):
        return f"'{value}"
    return value


_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""Full-width signs too: a spreadsheet in some languages reads them as the plain ones."""
