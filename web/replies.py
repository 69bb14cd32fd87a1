"""What the form of an item sends → a raw reply for the engine."""

import re

from werkzeug.datastructures import MultiDict

from engine.items.item import Gaps, Interaction, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.response import EmptyReply, MalformedReply

PASS = "passer"
LONGEST, MOST = 500, 50
"""Of a draft: characters of a value, values of a field."""


class SamePlaceTwice(MalformedReply):
    """Two choices of an ordering were given the same place."""

    code = "same_place_twice"


class ChoiceUsedTwice(MalformedReply):
    """A choice of a matching was paired twice."""

    code = "choice_used_twice"


def raw_reply(interaction: Interaction, form: MultiDict[str, str]) -> object:
    """The reply as the engine parses it; `None` for a pass.

    Raises `EmptyReply`, `SamePlaceTwice`, `ChoiceUsedTwice`; the engine refuses the rest.
    """
    if form.get("action") == PASS:
        return None
    match interaction:
        case SingleChoice():
            return form.get("reply", "")
        case ShortText() | Number():
            return form.get("reply", "")
        case MultipleChoice():
            return form.getlist("reply")
        case Ordering():
            return _order(interaction, form)
        case Matching():
            pairs = {p.id: form.get(f"pair-{p.id}", "") for p in interaction.prompts}
            used = [c for c in pairs.values() if c]
            if len(set(used)) < len(used):
                raise ChoiceUsedTwice("A choice was paired twice.", pairs=pairs)
            return pairs
        case Gaps():
            return {g.id: form.get(f"gap-{g.id}", "") for g in interaction.gaps}


def draft_fields(interaction: Interaction, form: MultiDict[str, str]) -> dict[str, list[str]]:
    """The fields of a form that belong to the reply, filled in or half filled in; anything else is left out."""
    match interaction:
        case SingleChoice() | MultipleChoice() | ShortText() | Number():
            names = ["reply"]
        case Ordering():
            names = [f"place-{c.id}" for c in interaction.choices]
        case Matching():
            names = [f"pair-{p.id}" for p in interaction.prompts]
        case Gaps():
            names = [f"gap-{g.id}" for g in interaction.gaps]
    return {name: [value[:LONGEST] for value in form.getlist(name)[:MOST]] for name in names}


def _order(interaction: Ordering, form: MultiDict[str, str]) -> list[str]:
    places = {c.id: form.get(f"place-{c.id}", "") for c in interaction.choices}
    if not all(places.values()):
        raise EmptyReply("A choice has no place.", places=places)
    if len(set(places.values())) < len(places):
        raise SamePlaceTwice("Two choices have the same place.", places=places)
    if not all(re.fullmatch(r"[0-9]{1,3}", place) for place in places.values()):
        raise MalformedReply("A place is not a number.", places=places)
    return sorted(places, key=lambda choice: int(places[choice]))
