"""Moodle XML → questions."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from engine.items.bank import Problem
from engine.items.exchange import markup
from engine.items.exchange.ids import fresh, scattered
from engine.items.exchange.model import Faulty, Place, Question, Reading, Unsupported
from engine.items.exchange.package import unquoted
from engine.items.exchange.safe_xml import parse_xml
from engine.items.exchange.shapes import NO_KEY, TWO_CHOICES, Answer, chosen, counted, paired, written
from engine.items.exchange.to_markdown import ToMarkdown, joined
from engine.items.item import Attachment, Choice, Forgiven, Gap, Gaps, Medium, Ordering, ShortText, SingleChoice

PLUGIN_FILE = "@@PLUGINFILE@@/"
REASONS = {
    "essay": "a long text is marked by a person, and Palier scores by itself",
    "description": "a text without a question",
    "cloze": "several questions in one text: write each as a question of its own, or menus as gapselect",
    "multianswer": "several questions in one text: write each as a question of its own, or menus as gapselect",
}


def read_moodle(data: bytes, file: str) -> Reading:
    """The questions of a file that Moodle exported. Raises `Faulty` for what is no Moodle XML at all."""
    root = parse_xml(data, file)
    if root.tag != "quiz":
        raise Faulty(Place(file).problem(f"<{root.tag}> is not the <quiz> of Moodle XML", root.sourceline))
    questions: list[Question] = []
    problems: list[Problem] = []
    unsupported: list[Problem] = []
    remarks = []
    files: dict[str, bytes] = {}
    for n, element in enumerate(root.findall("question"), 1):
        if element.get("type") == "category":
            remarks.append(f"the category {_text(element.find('category'))} is left out")
            continue
        name = _text(element.find("name")) or f"question {n}"
        place = Place(file, element.sourceline or 1)
        try:
            one = _Question(element, place, name, n)
            questions.append(one.read())
            files |= one.files
        except Faulty as fault:
            problems += fault.problems
        except Unsupported as refusal:
            unsupported.append(place.problem(f"« {name} »: {refusal}"))
    return Reading(tuple(questions), files, tuple(problems), tuple(unsupported), tuple(remarks))


class _Question:
    """The reading of one question."""

    def __init__(self, element: Any, place: Place, name: str, number: int) -> None:
        self.element, self.place, self.name, self.number = element, place, name, number
        self.files: dict[str, bytes] = {}
        self.lost: set[str] = set()
        self.mend = ToMarkdown(linked=self._linked)
        for file in element.iter("file"):
            self._keep(file)

    def read(self) -> Question:
        """The question. Raises `Faulty` and `Unsupported`."""
        kind = self.element.get("type", "")
        readers: dict[str, Callable[[], Any]] = {
            "multichoice": lambda: self._choices(self._flag("single", True)),
            "multichoiceset": lambda: self._choices(False),
            "truefalse": self._true_false,
            "matching": self._matching,
            "match": self._matching,
            "shortanswer": self._short_answer,
            "numerical": self._numerical,
            "gapselect": lambda: self._gaps("selectoption"),
            "ddwtos": lambda: self._gaps("dragbox"),
            "ordering": self._ordering,
        }
        if kind not in readers:
            raise Unsupported(f"type {kind}: {REASONS.get(kind, 'Palier has no such question')}")
        body = self._blocks(self.element.find("questiontext"))
        interaction = readers[kind]()
        more = ""
        if isinstance(interaction, tuple):
            more, interaction = interaction
            self.lost.add("it pairs a choice more than once: it becomes a text with menus")
        if isinstance(interaction, Gaps) and not more:
            body = self._marked(body, interaction)
        if self.element.find("hint") is not None:
            self.lost.add("hints")
        if self.element.find("tags/tag") is not None:
            self.lost.add("tags: " + ", ".join(_text(t) for t in self.element.findall("tags/tag")))
        rationale = ToMarkdown(linked=self._linked)
        reason = self._line(self.element.find("generalfeedback"), rationale)
        return Question(
            place=self.place,
            name=self.name,
            body=joined([body, more]),
            interaction=interaction,
            media=tuple(Medium(file, alt) for file, alt in dict(self.mend.images).items()),
            attachments=tuple(Attachment(file, title) for file, title in dict(self.mend.links).items()),
            rationale=re.sub(r"!\[\]\([^)]*\)", "", reason).strip(),
            lost=tuple(sorted(self.lost | self.mend.lost)),
        )

    def _keep(self, file: Any) -> None:
        name = file.get("name", "")
        if file.get("encoding", "base64") != "base64":
            raise Faulty(self.place.problem(f"« {self.name} »: the file {name} is not in base64", file.sourceline))
        try:
            self.files[f"{self.number}/{name}"] = base64.b64decode("".join((file.text or "").split()), validate=True)
        except (binascii.Error, ValueError) as error:
            sentence = f"« {self.name} »: the file {name} is no base64: {error}"
            raise Faulty(self.place.problem(sentence, file.sourceline)) from error

    def _linked(self, address: str) -> str:
        if not address.startswith(PLUGIN_FILE):
            return ""
        plain = unquoted(address.removeprefix(PLUGIN_FILE))
        name = f"{self.number}/{plain}"
        return name if name in self.files else ""

    def _blocks(self, element: Any) -> str:
        return "" if element is None else markup.blocks(_text(element), element.get("format", "html"), self.mend)

    def _line(self, element: Any, mend: ToMarkdown | None = None) -> str:
        if element is None or not _text(element):
            return ""
        return markup.line(_text(element), element.get("format", "html"), mend or self.mend)

    def _flag(self, name: str, usual: bool) -> bool:
        text = (self.element.findtext(name) or "").strip().lower()
        return text in ("1", "true") if text else usual

    def _fraction(self, answer: Any) -> float:
        try:
            return float(answer.get("fraction", "0")) / 100
        except ValueError as error:
            sentence = f"« {self.name} »: fraction={answer.get('fraction')!r} is no number"
            raise Faulty(self.place.problem(sentence, answer.sourceline)) from error

    def _answers(self) -> list[Answer]:
        found = []
        for answer in self.element.findall("answer"):
            said = self._line(answer.find("feedback"))
            found.append(Answer(self._line(answer), self._fraction(answer), said))
        return found

    def _choices(self, single: bool) -> Any:
        fixed = not self._flag("shuffleanswers", True)
        return chosen(self._answers(), single, fixed, self.lost)

    def _true_false(self) -> SingleChoice:
        answers = {_text(a).strip().lower(): a for a in self.element.findall("answer")}
        if set(answers) != {"true", "false"}:
            raise Faulty(self.place.problem(f"« {self.name} »: a truefalse has the answers true and false"))
        self.lost.add(TWO_CHOICES)
        said = {k: self._line(a.find("feedback")) for k, a in answers.items()}
        key = "a" if self._fraction(answers["true"]) > 0 else "b"
        return SingleChoice((Choice("a", "Vrai", said["true"]), Choice("b", "Faux", said["false"])), key, True)

    def _matching(self) -> Any:
        pairs = [(self._line(s), self._line(s.find("answer"))) for s in self.element.findall("subquestion")]
        return matched(pairs, not self._flag("shuffleanswers", True), self.lost)

    def _short_answer(self) -> ShortText:
        answers = [
            Answer(_text(a).strip(), self._fraction(a), self._line(a.find("feedback")))
            for a in self.element.findall("answer")
        ]
        text = written(answers, self.lost)
        return ShortText(text.key, text.refused, Forgiven(case=not self._flag("usecase", False)))

    def _numerical(self) -> Any:
        values = []
        for answer in self.element.findall("answer"):
            text = _text(answer).strip()
            worth = self._fraction(answer)
            if text == "*" or worth <= 0:
                continue
            try:
                value, tolerance = float(text), float((answer.findtext("tolerance") or "0").strip() or 0)
            except ValueError as error:
                sentence = f"« {self.name} »: {text!r} and its tolerance are no numbers"
                raise Faulty(self.place.problem(sentence, answer.sourceline)) from error
            values.append((value, tolerance, worth))
        units = self.element.findall("units/unit")
        usual = [u for u in units if (u.findtext("multiplier") or "").strip() in ("1", "1.0", "")]
        if len(units) > 1:
            self.lost.add("other units than the one whose multiplier is 1")
        return counted(values, (usual[0].findtext("unit_name") or "").strip() if usual else "", self.lost)

    def _gaps(self, option: str) -> Gaps:
        """A menu for each mark of the text, with the words of its group; the n-th word is right at `[[n]]`."""
        words = [(self._line(o), (o.findtext("group") or "1").strip()) for o in self.element.findall(option)]
        marks = [int(m) for m in re.findall(r"\[\[(\d{1,4})\]\]", _text(self.element.find("questiontext")))]
        if not marks:
            raise Faulty(self.place.problem(f"« {self.name} »: the text has no [[1]]"))
        gaps, key = [], []
        for n, mark in enumerate(marks, 1):
            if not 1 <= mark <= len(words):
                sentence = f"« {self.name} »: the text holds [[{mark}]], but there are {len(words)} words"
                raise Faulty(self.place.problem(sentence))
            same = [at for at, (_, group) in enumerate(words) if group == words[mark - 1][1]]
            ids = dict(zip(same, fresh(len(same)), strict=True))
            gaps.append(Gap(f"g{n}", tuple(Choice(ids[at], words[at][0]) for at in same)))
            key.append((f"g{n}", ids[mark - 1]))
        if option == "dragbox":
            self.lost.add("words that are dragged: each gap becomes a menu with those of its group")
        return Gaps(tuple(gaps), tuple(key))

    def _marked(self, body: str, gaps: Gaps) -> str:
        names = iter([gap.id for gap in gaps.gaps])
        return re.sub(r"\\\[\\\[\d{1,4}\\\]\\\]", lambda _: f"[[{next(names)}]]", body)

    def _ordering(self) -> Ordering:
        texts = [self._line(a) for a in self.element.findall("answer")]
        if (self.element.findtext("selecttype") or "0").strip().upper() not in ("0", "ALL"):
            self.lost.add("that only some of the choices are shown")
        if len(set(texts)) < len(texts):
            raise Unsupported("two of the things to be put in order say the same: name them apart")
        shown = scattered(texts)  # the file has them in the right order
        ids = dict(zip(shown, fresh(len(shown)), strict=True))
        return Ordering(tuple(Choice(ids[text], text) for text in shown), tuple(ids[text] for text in texts))


def matched(pairs: list[tuple[str, str]], fixed: bool, lost: set[str]) -> Any:
    """Prompts and choices from pairs of texts; a pair without a prompt gives a choice that fits nothing."""
    answers = scattered({answer for _, answer in pairs if answer})  # the file has each beside its prompt
    ids = dict(zip(answers, fresh(len(answers)), strict=True))
    asked = [(prompt, answer) for prompt, answer in pairs if prompt]
    names = fresh(len(asked), prompts=True)
    prompts = [Choice(name, prompt) for name, (prompt, _) in zip(names, asked, strict=True)]
    if not asked:
        lost.add(NO_KEY)
    joined_ids = [(name, ids[answer]) for name, (_, answer) in zip(names, asked, strict=True) if answer]
    return paired(prompts, [Choice(ids[a], a) for a in answers], joined_ids, fixed)


def _text(element: Any) -> str:
    """The content of `<text>`, or of the element itself in old files."""
    if element is None:
        return ""
    inner = element.find("text")
    return (inner.text if inner is not None else element.text) or ""
