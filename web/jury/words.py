"""What the jury reads besides the words that all seats share."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.scoring.result import Cancelled, Inconclusive, Outcome, Scored
from web import french
from web.services.checkin import OVERRIDE
from web.services.queue import Stage

STAGES = {
    Stage.TO_DECIDE: "À décider",
    Stage.TO_CONFIRM: "Fraude à confirmer",
    Stage.INFORMATION: "Pour information",
    Stage.DECIDED: "Décidés",
}
DECISION_HINTS = {
    "no_effect": "Le résultat est calculé sur toutes les réponses.",
    "neutralise": "Des questions sortent du compte, qu'elles aient été réussies ou non.",
    "new_session": "La passation n'a pas de résultat ; la personne est convoquée de nouveau, sans frais.",
    "void": "La passation n'a pas de résultat, du fait de la personne ou pour une autre raison grave.",
    "fraud": "Proposition : une autre personne du jury confirme ou refuse. Le résultat reste retenu d'ici là.",
}
MOMENTS = french.HAPPENED | {
    "item": "Question",
    "silence": "Page sans nouvelles",
    "fact": "Information de la page",
    "message": "Message du surveillant",
    "message_from_candidate": "Demande du candidat",
    "check_line": "Vérification à l'entrée",
    "follow_up": "Complément au signalement",
}
SOURCES = {
    "console": "surveillant",
    "candidate": "alerte du candidat",
    "jury": "membre du jury",
    "acs": "outil de surveillance",
}


def moment_name(kind: str) -> str:
    """What a moment of the timeline is called."""
    return MOMENTS.get(kind, "Événement")


def word(table: str, key: str) -> str:
    """A word that another seat may have given a French name: from its table in `web.french`, or the key as text."""
    words: dict[str, str] = getattr(french, table, {})
    return words.get(key, key.replace("_", " ").replace("-", " "))


def checked(line: str, result: str) -> str:
    """A line of the check-in list with its result.

    >>> checked("camera", "ok"), checked("entry", "problem")
    ('Caméra : bon', 'entrée malgré un problème')
    """
    if line == OVERRIDE:
        return "entrée malgré un problème"
    return f"{word('CHECK_LINES', line)} : {word('CHECK_RESULTS', result).lower()}"


def lasted(seconds: float) -> str:
    """A short time, to the second.

    >>> lasted(8), lasted(89.4), lasted(3725)
    ('8 s', '1 min 29 s', '1 h 02 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def ticks(began: datetime, ended: datetime) -> list[datetime]:
    """The quarters, halves or whole hours of the Paris clock between two instants: about six, never more than twelve.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 23, 11, 50, tzinfo=UTC)
    >>> [t.strftime("%H:%M") for t in ticks(noon, noon + timedelta(minutes=40))]
    ['12:50', '13:00', '13:10', '13:20', '13:30']
    """
    step = next((s for s in (5, 10, 15, 30, 60, 120, 360) if (ended - began) / timedelta(minutes=s) < 8), 1440)
    local = began.astimezone(french.PARIS)
    first = local.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = -(-(local - first) // timedelta(minutes=step))
    found: list[datetime] = []
    at = first + passed * timedelta(minutes=step)
    while at <= ended and len(found) < 12:
        found.append(at)
        at += timedelta(minutes=step)
    return found


def field_moment(at: datetime) -> str:
    """An instant as a field for a day and a time holds it, in Paris."""
    return at.astimezone(french.PARIS).strftime("%Y-%m-%dT%H:%M")


def outcome_name(outcome: Outcome | None) -> str:
    """An outcome in a word or two."""
    match outcome:
        case Scored(level=level):
            return french.LEVELS[level.slug] if level is not None else "Aucun niveau"
        case Inconclusive():
            return "Non concluant"
        case Cancelled(cause):
            return french.CAUSES[cause]
        case _:
            return "Retenu"


def counted(outcomes: Iterable[Outcome | None]) -> list[tuple[str, int]]:
    """How many outcomes have each name, the most frequent first."""
    return Counter(map(outcome_name, outcomes)).most_common()


def several(n: int, noun: str, following: str = "") -> str:
    """A count with its noun, and an adjective that agrees with it.

    >>> several(1, "pause"), several(0, "silence"), several(4, "question", "posée")
    ('1 pause', '0 silence', '4 questions posées')
    """
    end = "s" if n > 1 else ""
    return f"{n} {noun}{end}" + (f" {following}{end}" if following else "")
