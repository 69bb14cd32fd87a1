"""What a note in a session's log says besides its kind, in French."""

from datetime import datetime

from web import french
from web.db.sessions import Note

_FIELDS = {"label": "intitulé", "place": "lieu", "video_link": "salle de visioconférence", "proctors": "surveillants"}


def told(note: Note) -> str:
    """The particulars of a note; empty where there are none."""
    data = note.data
    match note.kind:
        case "rescheduled":
            old, new = (french.moment(datetime.fromisoformat(data[key])) for key in ("old", "new"))
            return f"du {old} au {new}"
        case "edited":
            return ", ".join(
                f"{_FIELDS[what]} : « {old} » → « {new} »" if isinstance(old, str) else _FIELDS[what]
                for what, (old, new) in data["changed"].items()
            )
        case "session_cancelled":
            return str(data["reason"])
        case "imported":
            return f"{_count(len(data['created']), 'inscription')}, {_count(len(data['changed']), 'modification')}"
        case "enrolment_edited":
            return ", ".join(
                french.ENROLMENT[what[0]] + (f" : {what[1]} → {what[2]}" if what[1:] else "")
                for what in data["changed"]
            )
        case "codes_renewed":
            return _count(len(data["sittings"]), "candidat")
        case "downloaded":
            return french.PAPERS[data.get("paper", "results")]
        case "codes_downloaded":
            return _count(data["count"], "code")
        case "created" if "copy_of" in data:
            return "sur le modèle d'une autre session"
        case _:
            return ""


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''}"
