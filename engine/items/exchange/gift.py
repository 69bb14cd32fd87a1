r"""GIFT, the plain text format of Moodle → questions.

Questions are parted by empty lines; `//` opens a line of comment; `::title::` and `[html]` stand before the text, the
answers in braces; `\` takes its meaning from `~ = # { } :`.
"""

import re
from dataclasses import dataclass
from typing import Any

from engine.items.bank import Problem
from engine.items.exchange import markup
from engine.items.exchange.model import Faulty, Place, Question, Reading, Unsupported
from engine.items.exchange.moodle import matched
from engine.items.exchange.shapes import TWO_CHOICES, Answer, chosen, counted, written
from engine.items.exchange.to_markdown import ToMarkdown
from engine.items.item import Choice, SingleChoice

SIGNS = "~=#{}:"
HIDDEN = {sign: chr(0xE010 + n) for n, sign in enumerate(SIGNS)}
"""What stands for an escaped sign while a question is cut; of the private use area, so that no text has it."""
FORMATS = "html|moodle|plain|markdown"


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    text: str


def read_gift(data: bytes, file: str) -> Reading:
    """The questions of a GIFT file. Raises `Faulty` for what is no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = data.count(b"\n", 0, error.start) + 1
        raise Faulty(Place(file).problem(f"not UTF-8 at byte {error.start}: save the file as UTF-8", where)) from error
    control = re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text)
    if control:
        where = text.count("\n", 0, control.start()) + 1
        raise Faulty(Place(file).problem("it holds characters that are no text: is it a GIFT file?", where))
    questions: list[Question] = []
    problems: list[Problem] = []
    unsupported: list[Problem] = []
    remarks = []
    for block in _blocks(text):
        place = Place(file, block.line)
        if block.text.startswith("$CATEGORY:"):
            remarks.append(f"the category {block.text.removeprefix('$CATEGORY:').strip()} is left out")
            continue
        try:
            questions.append(_question(block, place))
        except Faulty as fault:
            problems += fault.problems
        except Unsupported as refusal:
            unsupported.append(place.problem(str(refusal)))
    if not (questions or problems or unsupported):
        raise Faulty(Place(file).problem("no question found: is it a GIFT file?"))
    return Reading(tuple(questions), {}, tuple(problems), tuple(unsupported), tuple(remarks))


def _blocks(text: str) -> list[_Block]:
    """What stands between empty lines, without comments, with escaped signs put out of the way."""
    blocks: list[_Block] = []
    lines: list[str] = []
    start = 1
    for n, line in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], 1):
        if line.lstrip().startswith("//"):
            continue
        if line.strip().startswith("$CATEGORY:"):
            blocks.append(_Block(n, line.strip()))
            continue
        if line.strip():
            start = start if lines else n
            lines.append(line)
        elif lines:
            blocks.append(_Block(start, _hidden("\n".join(lines))))
            lines = []
    return blocks


def _hidden(text: str) -> str:
    return re.sub(r"\\([~=#{}:])", lambda m: HIDDEN[m[1]], text)


def _shown(text: str) -> str:
    """Escaped signs as themselves, `\\n` as the end of a line."""
    for sign, hidden in HIDDEN.items():
        text = text.replace(hidden, sign)
    return text.replace("\\n", "\n").strip()


class _Reader:
    """The reading of one block."""

    def __init__(self, place: Place, name: str, form: str) -> None:
        self.place, self.name, self.form = place, name, form
        self.lost: set[str] = set()
        self.mend = ToMarkdown()

    def fault(self, sentence: str) -> Faulty:
        return Faulty(self.place.problem(f"« {self.name} »: {sentence}"))

    def line(self, text: str) -> str:
        form, text = _format(text, self.form)
        return markup.line(_shown(text), form, self.mend) if text.strip() else ""

    def interaction(self, answers: str) -> Any:
        """What the braces hold."""
        if answers.startswith("#"):
            return counted(self._numbers(answers[1:]), "", self.lost)
        truth = re.fullmatch(r"(T|TRUE|F|FALSE)\s*(?:#([^#]*))?(?:#([^#]*))?", answers, re.IGNORECASE)
        if truth:
            return self._true_false(truth)
        rows = re.findall(r"([=~])((?:[^=~])*)", _arrows(answers))
        before = re.split(r"[=~]", _arrows(answers), maxsplit=1)[0].strip()
        if before or not rows:
            raise self.fault(f"{_shown(before or answers)!r} in the braces is neither =right nor ~wrong")
        pairs = [row.replace(ARROW, "->").split("->", 1) for sign, row in rows if sign == "=" and ARROW in row]
        if pairs:
            if len(pairs) < len(rows):
                raise self.fault("some answers have -> and some have not: a matching has it in each")
            return matched([(self.line(a), self.line(b)) for a, b in pairs], False, self.lost)
        found = [self._answer(sign, row) for sign, row in rows]
        if all(sign == "=" for sign, _ in rows):
            return written([Answer(_shown(self._bare(t)), w, s) for t, w, s in found], self.lost)
        single = any(sign == "=" for sign, _ in rows)
        return chosen([Answer(self.line(t), w, s) for t, w, s in found], single, False, self.lost)

    def _answer(self, sign: str, row: str) -> tuple[str, float, str]:
        text, _, said = row.partition("#")
        weight = re.match(r"\s*%(-?\d+(?:\.\d+)?)%", text)
        worth = float(weight[1]) / 100 if weight else float(sign == "=")
        return text[weight.end() :] if weight else text, worth, self.line(said)

    def _bare(self, text: str) -> str:
        form, text = _format(text, self.form)
        return markup.words(text, form) if form in ("html", "markdown") else text

    def _numbers(self, text: str) -> list[tuple[float, float, float]]:
        rows = re.findall(r"=([^=~]*)", text) or [text]
        found = []
        for row in rows:
            value, _, said = row.partition("#")
            if said.strip():
                self.lost.add("what is said to single answers")
            weight = re.match(r"\s*%(-?\d+(?:\.\d+)?)%", value)
            worth = float(weight[1]) / 100 if weight else 1.0
            value = _shown(value[weight.end() :] if weight else value)
            try:
                found.append((*_range(value), worth))
            except ValueError as error:
                raise self.fault(f"{value!r} is no number, and no range like 1..5 or 3:2") from error
        return [row for row in found if row[2] > 0]

    def _true_false(self, truth: re.Match[str]) -> SingleChoice:
        self.lost.add(TWO_CHOICES)
        true = truth[1].upper().startswith("T")
        wrong, right = self.line(truth[2] or ""), self.line(truth[3] or "")
        said = (right, wrong) if true else (wrong, right)
        return SingleChoice((Choice("a", "Vrai", said[0]), Choice("b", "Faux", said[1])), "a" if true else "b", True)


ARROW = "\ue01f"


def _arrows(text: str) -> str:
    return text.replace("->", ARROW)


def _question(block: _Block, place: Place) -> Question:
    title = re.match(r"\s*::(.*?)::", block.text, re.DOTALL)
    text = block.text[title.end() :] if title else block.text
    name = _shown(title[1]) if title else ""
    form, text = _format(text, "moodle")
    opened, closed = text.find("{"), text.find("}")
    shown = name or " ".join(_shown(text[: opened if opened > 0 else 60]).split())[:60]
    reader = _Reader(place, shown, form)
    if opened < 0 and closed < 0:
        raise Unsupported(f"« {shown} »: it has no braces, so it asks nothing (a description of Moodle)")
    if closed < 0:
        raise reader.fault("a { without its }: no empty line may stand between them")
    if opened < 0 or closed < opened:
        raise reader.fault("a } without its {: no empty line may stand between them; write a brace of the text as \\}")
    before, answers, after = text[:opened], text[opened + 1 : closed], text[closed + 1 :]
    if "{" in answers or "{" in after or "}" in after:
        raise reader.fault(
            "more than one { or }: part questions by an empty line, write braces of the text as \\{ and \\}"
        )
    answers, _, general = answers.partition("####")
    if not answers.strip():
        raise Unsupported(f"« {shown} »: a long text (empty braces) is marked by a person, and Palier scores by itself")
    interaction = reader.interaction(answers.strip())
    more = ""
    if isinstance(interaction, tuple):
        more, interaction = interaction
        reader.lost.add("it pairs a choice more than once: it becomes a text with menus")
    whole = f"{before.rstrip()} (…) {after.strip()}" if after.strip(" \n.") else before
    body = markup.blocks(_shown(whole), form, reader.mend)
    return Question(
        place=place,
        name=shown,
        body=f"{body}\n\n{more}".strip(),
        interaction=interaction,
        rationale=reader.line(general),
        lost=tuple(sorted(reader.lost | reader.mend.lost)),
    )


def _format(text: str, usual: str) -> tuple[str, str]:
    found = re.match(rf"\s*\[({FORMATS})\]", text)
    return (found[1], text[found.end() :]) if found else (usual, text)


def _range(text: str) -> tuple[float, float]:
    """A value with its tolerance: `3:2` or `1..5`."""
    low, dots, high = text.partition("..")
    if dots:
        a, b = float(low), float(high)
        return (a + b) / 2, abs(b - a) / 2
    value, _, tolerance = text.partition(":")
    return float(value), float(tolerance or 0)
