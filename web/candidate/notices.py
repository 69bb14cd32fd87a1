"""What a candidate is told once, above a question: what happened since the last answer, and where a part begins."""

from collections.abc import Sequence
from typing import TypeAlias

from engine.delivery.events import (
    AlertAccepted,
    AlertRefused,
    Answered,
    Event,
    Resumed,
    Started,
    TimeGranted,
)
from web.french import clock
from web.typography import spaced

Notice: TypeAlias = tuple[str, str]
"""A heading, and a sentence or two."""


def notices(events: Sequence[Event]) -> list[Notice]:
    """What happened to the sitting since its last answer, in order; the answer takes it off the page."""
    told: list[tuple[str, str]] = []
    for event in events:
        match event:
            case Started() | Answered():
                told.clear()
            case AlertRefused(reason=reason):
                text = f"Votre surveillant a regardé : elle est utilisable. {_because(reason)}Le temps n'a pas couru."
                told.append(("La question continue", text))
            case AlertAccepted(reason=reason):
                text = (
                    "Votre surveillant a retiré la question signalée ; elle ne compte pas. "
                    f"{_because(reason)}En voici une autre sur le même thème. Le temps n'a pas couru."
                )
                told.append(("Question remplacée", text))
            case Resumed(at=at):
                told.append(
                    (
                        f"Le test a repris à {clock(at)}",
                        "Le temps était arrêté pendant la pause : rien n'est perdu.",
                    )
                )
            case TimeGranted(seconds=seconds, reason=reason):
                minutes = -(-seconds // 60)
                told.append((f"{minutes} min ajoutées à votre temps", _because(reason).strip()))
            case _:
                pass
    return [(heading, spaced(text)) for heading, text in told]


def _because(reason: str) -> str:
    words = reason.strip().rstrip(".")
    return f"Motif : {words}. " if words else ""
