"""What candidates reply: rightly or wrongly, as the fields of a form; and what the engine makes of such fields."""

import random

from werkzeug.datastructures import MultiDict

from engine.items.item import Gaps, Item, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.response import Reply, is_correct, parse
from tests.faults.record import Fields
from tests.web.world import right_reply
from web.replies import PASS, raw_reply

ABILITY, PASSES = 0.6, 0.05


def fields_of(item: Item, dice: random.Random) -> tuple[Fields, bool]:
    """A reply to an item, and whether it is right."""
    if dice.random() < PASSES:
        return [("action", PASS)], False
    right = dice.random() < ABILITY
    reply = right_reply(item) if right else wrong_reply(item)
    fields = [
        (name, value) for name, values in reply.items() for value in ([values] if isinstance(values, str) else values)
    ]
    return [*fields, ("action", "valider")], right


def wrong_reply(item: Item) -> dict[str, str | list[str]]:
    """The fields of a reply that is not right."""
    right = right_reply(item)
    match item.interaction:
        case SingleChoice(choices=choices, key=key):
            return {"reply": next(c.id for c in choices if c.id != key)}
        case MultipleChoice(choices=choices, key=keys):
            return {"reply": [c.id for c in choices if c.id not in keys] or sorted(keys)[:1]}
        case ShortText():
            return {"reply": "je ne sais pas du tout"}
        case Number(key=value):
            return {"reply": f"{value + 1000:.10g}".replace(".", ",")}
        case Ordering(key=order):
            return {f"place-{choice}": str(n) for n, choice in enumerate(reversed(order), start=1)}
        case Matching(prompts=prompts, choices=choices, key=pairs):
            ids = [c.id for c in choices]
            shift = ids.index(dict(pairs)[prompts[0].id]) + 1
            return {f"pair-{p.id}": ids[(shift + n) % len(ids)] for n, p in enumerate(prompts)}
        case Gaps(gaps=gaps, key=pairs):
            keys_of = dict(pairs)
            return {f"gap-{g.id}": next(c.id for c in g.choices if c.id != keys_of[g.id]) for g in gaps}
    raise AssertionError(right)


def engine_reply(item: Item, fields: Fields) -> Reply:
    """What the engine takes such fields for."""
    return parse(item.interaction, raw_reply(item.interaction, MultiDict(fields)))


def is_right(item: Item, fields: Fields) -> bool:
    """Whether the engine takes such fields for a right reply."""
    return is_correct(item.interaction, engine_reply(item, fields))
