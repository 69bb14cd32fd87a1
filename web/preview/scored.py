"""A reply beside the key: line by line what was given, what is right, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from engine.items.item import (
    Choice,
    Gaps,
    Interaction,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.items.response import Reply, is_correct
from web.rendering import inline

RIGHT, WRONG, MISSED = "right", "wrong", "missed"


@dataclass(frozen=True, slots=True)
class Line:
    """One choice, place, pair or gap. `mark` says how the reply stands to it; nothing, when there is none to say."""

    label: Markup
    key: Markup
    """What is right here; empty where the label says it all."""
    is_key: bool
    given: Markup
    mark: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a reply is right; a pass is not."""

    right: bool
    passed: bool


def verdict(interaction: Interaction, reply: Reply) -> Verdict:
    """What the test would record."""
    return Verdict(is_correct(interaction, reply), reply is None)


def lines(it: Interaction, reply: Reply, answered: bool) -> list[Line]:
    """The key of an interaction as it is shown, with a reply when one was given."""
    match it:
        case SingleChoice(key=key):
            return _of_choices(it.choices, {key}, {reply} if isinstance(reply, str) else set(), answered)
        case MultipleChoice(key=keys):
            return _of_choices(it.choices, set(keys), set(reply) if isinstance(reply, list) else set(), answered)
        case Ordering(key=order):
            texts = _texts(it.choices)
            given = reply if isinstance(reply, list) else []
            return [
                _pair(Markup(f"{n}"), texts, wanted, given[n - 1] if given else "", answered)
                for n, wanted in enumerate(order, start=1)
            ]
        case Matching(key=pairs):
            texts, right, chosen = _texts(it.choices), dict(pairs), _paired(reply)
            return [_pair(inline(p.text), texts, right[p.id], chosen.get(p.id, ""), answered) for p in it.prompts]
        case Gaps(key=pairs):
            right, chosen = dict(pairs), _paired(reply)
            return [
                _pair(Markup(f"Menu {g.id[1:]}"), _texts(g.choices), right[g.id], chosen.get(g.id, ""), answered)
                for g in it.gaps
            ]
        case ShortText() | Number():
            return []


def accepted(it: Interaction) -> list[str]:
    """Sentences on what a written answer may be."""
    match it:
        case ShortText(key=keys, refused=refused, forgiven=f):
            said = [f"Réponses acceptées : {', '.join(f'« {k} »' for k in keys)}."]
            if refused:
                said.append(f"Refusées malgré la ressemblance : {', '.join(f'« {r} »' for r in refused)}.")
            names = {
                "les majuscules": f.case,
                "les accents": f.accents,
                "les espaces": f.spaces,
                "la ponctuation": f.punctuation,
                "les fautes de frappe (un quart des lettres)": f.typos,
            }
            forgiven = [name for name, on in names.items() if on]
            strict = [name for name, on in names.items() if not on]
            said += [f"On pardonne {', '.join(forgiven)}."] if forgiven else []
            return [*said, *([f"On ne pardonne pas {', '.join(strict)}."] if strict else [])]
        case Number(key=value, unit=unit, absolute=absolute, relative=relative):
            margin = max(absolute, relative * abs(value))
            said = [f"Réponse juste : {_number(value)} {unit}".rstrip() + "."]
            if margin:
                said.append(f"Acceptée de {_number(value - margin)} à {_number(value + margin)} {unit}".rstrip() + ".")
            return said
        case _:
            return []


def _paired(reply: Reply) -> dict[str, str]:
    return reply if isinstance(reply, dict) else {}


def _number(value: float) -> str:
    return f"{value:.10g}".replace(".", ",")


def _of_choices(choices: Sequence[Choice], keys: set[str], given: set[str], answered: bool) -> list[Line]:
    found = []
    for c in choices:
        mark = ""
        if answered and c.id in given:
            mark = RIGHT if c.id in keys else WRONG
        elif answered and c.id in keys:
            mark = MISSED
        found.append(Line(inline(c.text), Markup(""), c.id in keys, Markup(""), mark, c.why))
    return found


def _pair(label: Markup, texts: dict[str, Markup], right: str, given: str, answered: bool) -> Line:
    mark = "" if not answered else MISSED if not given else RIGHT if given == right else WRONG
    return Line(label, texts[right], True, texts.get(given, Markup("")), mark)


def _texts(choices: Sequence[Choice]) -> dict[str, Markup]:
    return {c.id: inline(c.text) for c in choices}
