"""One item of QTI 2.1, 2.2 or 3 → a question."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.items.exchange.ids import renamed
from engine.items.exchange.model import Faulty, Place, Question, Unsupported
from engine.items.exchange.qti_declared import Declared, read_declaration
from engine.items.exchange.qti_tree import as_written, canonical, take_out
from engine.items.exchange.shapes import NO_KEY, PARTLY, paired
from engine.items.exchange.to_markdown import ToMarkdown, joined, tag
from engine.items.item import (
    Attachment,
    Choice,
    Forgiven,
    Gap,
    Gaps,
    Interaction,
    Medium,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)

BLANK = "\ue000"
"""Where a field stands in a text, until the paragraph is whole; of the private use area, so that no text has it."""
KNOWN = {
    "choice-interaction", "order-interaction", "match-interaction", "inline-choice-interaction",
    "text-entry-interaction", "gap-match-interaction",
}  # fmt: skip
CHOICES = ("simple-choice", "simple-associable-choice", "inline-choice")
LEFT_OUT = {
    "catalog-info": "what it offers to candidates with needs (qti-catalog-info)",
    "companion-materials-info": "the calculators, rulers and other means that it allows (qti-companion-materials-info)",
    "stylesheet": "its style (qti-stylesheet)",
}
PLAIN_SCORING = {
    "response-processing", "response-condition", "response-if", "match", "equal", "and", "variable", "correct",
    "map-response", "set-outcome-value", "base-value",
}  # fmt: skip
REASONS = {
    "extended-text-interaction": "a long text is marked by a person, and Palier scores by itself",
    "upload-interaction": "a file is marked by a person, and Palier scores by itself",
    "drawing-interaction": "a drawing is marked by a person, and Palier scores by itself",
    "hottext-interaction": "write it as a single or multiple choice",
    "associate-interaction": "write it as a match of two sets",
}


class _Item:
    """The reading of one item: its tree is taken apart on the way."""

    def __init__(self, root: Any, place: Place, linked: Callable[[str], str], stimulus: Callable[[str], Any]) -> None:
        self.root, self.place = root, place
        self.lost: set[str] = set()
        self.whys: dict[str, str] = {}
        self.mend = ToMarkdown(special=self._special, linked=linked)
        self.small = ToMarkdown(special=self._special, linked=linked)
        self.stimulus = stimulus
        self.declared = {
            d.get("identifier", ""): read_declaration(d, place) for d in root.findall("response-declaration")
        }
        self.menus: dict[Any, str] = {}

    def question(self) -> Question:
        root = self.root
        if root.get("adaptive") == "true":
            raise Unsupported("an adaptive item: it changes while it is answered")
        if root.find("template-declaration") is not None or root.find("template-processing") is not None:
            raise Unsupported("its values are drawn by a template: write one item for each value")
        body = root.find("item-body")
        if body is None:
            raise Faulty(self.place.problem("the item has no qti-item-body"))
        self._name_the_rest()
        self._drop_rubrics(body)
        element = self._interaction(body)
        rationale, by_choice = self._feedback()
        self.whys |= by_choice
        interaction: Any
        match tag(element):
            case "inline-choice-interaction":
                interaction, prompt = self._gaps(body), ""
            case "gap-match-interaction":
                interaction, prompt = self._gap_match(element)
            case "text-entry-interaction":
                interaction, prompt = self._entry(element), ""
            case _:
                prompt = self._prompt(element)
                interaction = self._choices(element)
        if tag(element) in ("choice-interaction", "order-interaction", "match-interaction"):
            take_out(element)
        passages = [
            self.mend.blocks(self.stimulus(ref.get("href", ""))) for ref in root.findall("assessment-stimulus-ref")
        ]
        text, unit = self._blanks(joined([*passages, self.mend.blocks(body)]))
        if unit and isinstance(interaction, Number):
            interaction = replace(interaction, unit=unit)
        more = ""
        if isinstance(interaction, tuple):
            more, interaction = interaction
            self.lost.add("it pairs a choice more than once: it becomes a text with menus")
        links = dict(self.mend.links)
        return Question(
            place=self.place,
            name=root.get("title") or root.get("identifier") or "",
            body=joined([text, more, prompt]),
            interaction=interaction,
            media=tuple(Medium(file, alt) for file, alt in dict(self.mend.images).items()),
            attachments=tuple(Attachment(file, title) for file, title in links.items()),
            rationale=rationale,
            lost=tuple(sorted(self.lost | self.mend.lost | self.small.lost)),
        )

    def _name_the_rest(self) -> None:
        """What stands beside the question and goes nowhere."""
        for name, what in LEFT_OUT.items():
            if self.root.find(name) is not None:
                self.lost.add(what)
        processing = self.root.find("response-processing")
        if processing is not None and {tag(e) for e in processing.iter()} - PLAIN_SCORING:
            self.lost.add("scoring by rules of its own: an item is right as its key says, or wrong")

    def _interaction(self, body: Any) -> Any:
        found = [e for e in body.iter() if isinstance(e.tag, str) and e.tag.endswith("-interaction")]
        if not found:
            raise Unsupported("it asks nothing: it has no interaction")
        other = sorted({e.tag for e in found} - KNOWN)
        if other:
            raise Unsupported(
                "; ".join(
                    f"{as_written(name)}: {REASONS.get(name, 'Palier has no such interaction')}" for name in other
                )
            )
        if len(found) > 1 and {e.tag for e in found} != {"inline-choice-interaction"}:
            names = ", ".join(as_written(e.tag) for e in found)
            raise Unsupported(f"several interactions in one item ({names}): Palier asks one thing at a time, cut it")
        return found[0]

    def _special(self, element: Any) -> str | None:
        match tag(element):
            case "inline-choice-interaction" | "gap":
                return f"[[{self.menus[element]}]]" if element in self.menus else None
            case "text-entry-interaction":
                return BLANK
            case "feedback-inline":
                return ""
            case "feedback-block" | "template-block" | "template-inline":
                self.lost.add(f"{as_written(tag(element))} is left out")
                return ""
            case _:
                return None

    def _drop_rubrics(self, body: Any) -> None:
        for rubric in list(body.iter("rubric-block")):
            if "candidate" not in rubric.get("view", "candidate"):
                self.lost.add(f"qti-rubric-block for {rubric.get('view')} is left out")
                take_out(rubric)

    def _prompt(self, element: Any) -> str:
        """The prompt in bold, taken out of its interaction."""
        prompt = element.find("prompt")
        if prompt is None:
            return ""
        text = self.mend.inline(prompt)
        take_out(prompt)
        plain = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
        return f"**{plain}**" if plain else ""

    def _feedback(self) -> tuple[str, dict[str, str]]:
        """What is said of the item as a whole, and of single choices by their id in the source."""
        choices = {c.get("identifier") for c in self.root.iter(*CHOICES)}
        whole, by_choice = [], {}
        for feedback in self.root.findall("modal-feedback"):
            text = self.small.blocks(feedback)
            if feedback.get("identifier") in choices:
                by_choice[feedback.get("identifier")] = re.sub(r"\s+", " ", text)
            else:
                whole.append(text)
        if len(whole) > 1:
            self.lost.add("which feedback is shown when: they stand together in `rationale`")
        return re.sub(r"\s*\n\s*", " ", " ".join(whole)), by_choice

    def _choice(self, element: Any, our: Mapping[str, str]) -> Choice:
        source = element.get("identifier", "")
        why = " ".join(filter(None, (self.small.inline(f) for f in element.findall("feedback-inline"))))
        text = self.mend.inline(element)
        return Choice(our[source], text, why or self.whys.get(source, ""))

    def _ids(self, elements: list[Any], prompts: bool = False) -> dict[str, str]:
        sources = [e.get("identifier", "") for e in elements]
        twice = sorted({s for s in sources if sources.count(s) > 1 or not s})
        if twice:
            line = elements[0].sourceline
            raise Faulty(self.place.problem(f"the identifier {twice[0]!r} is missing or stands twice in one set", line))
        return renamed(sources, prompts)

    def _response(self, element: Any) -> Declared:
        name = element.get("response-identifier", "")
        if name not in self.declared:
            raise Faulty(self.place.problem(f"no qti-response-declaration is called {name!r}", element.sourceline))
        return self.declared[name]

    def _key(self, declared: Declared, our: Mapping[str, str]) -> list[str]:
        for value in declared.right:
            if value not in our:
                raise Faulty(self.place.problem(f"the right answer {value!r} is none of the choices", declared.line))
        if not declared.right:
            self.lost.add(NO_KEY)
        elif len(set(declared.worth.values()) - {0.0}) > 1:
            self.lost.add(PARTLY)
        return [our[value] for value in declared.right]

    def _choices(self, element: Any) -> Any:
        declared = self._response(element)
        fixed = element.get("shuffle") == "false"
        if tag(element) == "match-interaction":
            return self._match(element, declared, fixed)
        elements = [e for e in element if tag(e) == "simple-choice"]
        our = self._ids(elements)
        choices = tuple(self._choice(e, our) for e in elements)
        stay = [e.get("fixed") == "true" for e in elements]
        fixed = fixed or all(stay)
        if any(stay) and not fixed:
            self.lost.add("the fixed place of some of the choices")
        key = self._key(declared, our)
        if tag(element) == "order-interaction":
            if key and sorted(key) != sorted(c.id for c in choices):
                raise Unsupported("only some of the choices are to be put in order: Palier orders all of them")
            return Ordering(choices, tuple(key))
        if declared.cardinality == "single":
            return SingleChoice(choices, key[0] if key else "", fixed)
        if len(key) == 1:
            self.lost.add("several choices may be chosen, but one alone is right: it becomes a single choice")
            return SingleChoice(choices, key[0], fixed)
        return MultipleChoice(choices, frozenset(key), fixed)

    def _match(self, element: Any, declared: Declared, fixed: bool) -> Any:
        sets = element.findall("simple-match-set")
        if len(sets) != 2:
            raise Faulty(self.place.problem("a match has two qti-simple-match-set", element.sourceline))
        sides = [[e for e in one if tag(e) == "simple-associable-choice"] for one in sets]
        ours = [self._ids(sides[0], prompts=True), self._ids(sides[1])]
        prompts, choices = (tuple(self._choice(e, our) for e in side) for side, our in zip(sides, ours, strict=True))
        pairs = [self._pair(value, ours[0], ours[1], declared) for value in declared.right]
        if not pairs:
            self.lost.add(NO_KEY)
        elif len(set(declared.worth.values()) - {0.0}) > 1:
            self.lost.add(PARTLY)
        return paired(prompts, choices, pairs, fixed)

    def _pair(
        self, value: str, left: Mapping[str, str], right: Mapping[str, str], declared: Declared
    ) -> tuple[str, str]:
        ends = value.split()
        if len(ends) != 2 or ends[0] not in left or ends[1] not in right:
            raise Faulty(self.place.problem(f"the right pair {value!r} does not join the two sets", declared.line))
        return left[ends[0]], right[ends[1]]

    def _gaps(self, body: Any) -> Gaps:
        menus = list(body.iter("inline-choice-interaction"))
        names = [m.get("response-identifier", "") for m in menus]
        kept = len(set(names)) == len(names) and all(re.fullmatch(r"g[0-9]+", n) for n in names)
        gaps, key = [], []
        for n, menu in enumerate(menus, 1):
            name = names[n - 1] if kept else f"g{n}"
            elements = [e for e in menu if tag(e) == "inline-choice"]
            our = self._ids(elements)
            gaps.append(Gap(name, tuple(self._choice(e, our) for e in elements)))
            key += [(name, right) for right in self._key(self._response(menu), our)[:1]]
            self.menus[menu] = name
        return Gaps(tuple(gaps), tuple(key))

    def _gap_match(self, element: Any) -> tuple[Gaps, str]:
        declared = self._response(element)
        if element.find("gap-img") is not None:
            raise Unsupported("images are dragged into the text: Palier has menus of words")
        words = element.findall("gap-text")
        our = self._ids(words)
        choices = tuple(self._choice(e, our) for e in words)
        holes = list(element.iter("gap"))
        names = {hole.get("identifier", ""): f"g{n}" for n, hole in enumerate(holes, 1)}
        pairs = [self._pair(value, our, names, declared) for value in declared.right]
        right = {gap: word for word, gap in pairs}
        if len(right) < len(pairs):
            raise Unsupported("a gap takes several words: Palier puts one in each")
        if not right:
            self.lost.add(NO_KEY)
        elif set(right) != set(names.values()):
            raise Unsupported("some gaps stay empty: Palier fills every gap")
        prompt = self._prompt(element)
        for word in words:
            take_out(word)
        self.menus |= {hole: names[hole.get("identifier", "")] for hole in holes}
        element.tag = "div"
        self.lost.add("words that are dragged: each gap becomes a menu with all of them")
        ordered = tuple((gap, right[gap]) for gap in names.values() if gap in right)
        return Gaps(tuple(Gap(gap, choices) for gap in names.values()), ordered), prompt

    def _entry(self, element: Any) -> Interaction:
        declared = self._response(element)
        if declared.base_type in ("float", "integer"):
            return self._number(declared)
        if declared.base_type != "string":
            raise Unsupported(f"a text entry of base type {declared.base_type}: Palier takes texts and numbers")
        right = list(dict.fromkeys([*declared.correct, *(v for v, w in declared.worth.items() if w > 0)]))
        best = max(declared.worth.values(), default=0.0)
        partly = [v for v, w in declared.worth.items() if 0 < w < best and v not in declared.correct]
        if partly:
            self.lost.add(f"answers that are partly right: {', '.join(partly)}")
        if not right:
            self.lost.add(NO_KEY)
        if element.get("pattern-mask"):
            self.lost.add("the pattern that an answer must have (pattern-mask)")
        refused = tuple(v for v, w in declared.worth.items() if w <= 0)
        keys = tuple(v for v in right if v not in partly)
        return ShortText(keys, refused, Forgiven(case=not declared.case_sensitive))

    def _number(self, declared: Declared) -> Number:
        values = list(dict.fromkeys(declared.right))
        if len(values) > 1:
            self.lost.add(f"other right numbers than {values[0]}: {', '.join(values[1:])}")
        try:
            key = float(values[0]) if values else float("nan")
        except ValueError as error:
            raise Faulty(self.place.problem(f"the right answer {values[0]!r} is no number", declared.line)) from error
        if not values:
            self.lost.add(NO_KEY)
        absolute = relative = 0.0
        for equal in self.root.iter("equal"):
            margins = [float(m) for m in re.findall(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", equal.get("tolerance", ""))]
            if margins and equal.get("tolerance-mode") == "absolute":
                absolute = max(margins)
            elif margins and equal.get("tolerance-mode") == "relative":
                relative = max(margins) / 100
            if len(set(margins)) > 1:
                self.lost.add("a tolerance that differs below and above: the wider one is taken")
        return Number(key, "", absolute, relative)

    def _blanks(self, text: str) -> tuple[str, str]:
        """The body without the field that was written in it, and the unit that stood alone behind it."""
        unit = ""
        paragraphs = []
        for paragraph in text.split("\n\n"):
            if BLANK in paragraph:
                alone = re.fullmatch(rf"{BLANK}\s*(\S{{0,20}})", paragraph)
                if alone:
                    unit = alone[1]
                    continue
                paragraph = re.sub(rf"\s*{BLANK}$", "", paragraph).replace(BLANK, "(…)")
            paragraphs.append(paragraph)
        return joined(paragraphs), unit


def read_item(root: Any, place: Place, linked: Callable[[str], str], stimulus: Callable[[str], Any]) -> Question:
    """The question of an `assessmentItem` or `qti-assessment-item`.

    `linked` gives the file of the package that an address means, or nothing; `stimulus` the body of a text that several
    items share. Raises `Faulty` and `Unsupported`.
    """
    return _Item(canonical(root), Place(place.file, root.sourceline or 1), linked, stimulus).question()
