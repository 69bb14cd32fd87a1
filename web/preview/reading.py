"""A second reading on screen: questions as candidates see them, without their keys, answered into its file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from engine.items.frameworks import CRCN_TAGS, Framework, Level
from engine.items.item import Gaps, Interaction, Matching, MultipleChoice, Ordering
from engine.items.response import EmptyReply, MalformedReply, Reply, parse
from engine.items.variants import every_variant
from web import rendering
from web.errors import sentence_of
from web.preview import letters, reading_file
from web.preview.letters import NotAnAnswer, Question
from web.preview.reading_file import Answered, Questionnaire
from web.preview.shelf import Shelf
from web.replies import raw_reply

blueprint = Blueprint(
    "reading", __name__, template_folder="templates", static_folder="static", static_url_path="/outils"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The questionnaire as its file is now."""

    path: Path
    shelf: Shelf
    token: str
    """What a form of these pages carries, and no other."""

    @classmethod
    def of(cls, path: Path, shelf: Shelf) -> "Sheet":
        """The sheet of a file. Its token, made of the seed that only the file has, outlives a restart."""
        seed = reading_file.read(path.read_text(encoding="utf-8")).seed
        return cls(path, shelf, hashlib.sha256(f"form {seed}".encode()).hexdigest())

    @property
    def questionnaire(self) -> Questionnaire:
        """What stands in the file. Raises `ClickException`, with the line."""
        return reading_file.read(self.path.read_text(encoding="utf-8"))

    def question(self, place: int, asked: Questionnaire) -> Question | None:
        """The question at a place, from 1; `None` if its item has changed since the questionnaire was written."""
        row = asked.answers[place - 1]
        found = next((e.item for e in self.shelf.entries() if e.id == row.item and not e.problems), None)
        several = every_variant(found) if found else ()
        one = several[row.variant - 1] if 1 <= row.variant <= len(several) else None
        if one is None or reading_file.seen(self.shelf.root, one) != row.seen:
            return None
        return Question.at(one, asked.seed, place)


@blueprint.get("/")
def index() -> Response:
    """The first question that has no answer; the end, if all have one."""
    answers = sheet().questionnaire.answers
    place = next((n for n, row in enumerate(answers, start=1) if not row.answer.strip()), None)
    return redirect(url_for("reading.question", place=place) if place else url_for("reading.end"), 303)


@blueprint.route("/question/<int:place>", methods=["GET", "POST"])
def question(place: int) -> tuple[str, int] | Response:
    """One question; what is posted goes into the file, and the next one comes."""
    asked = sheet().questionnaire
    if not 1 <= place <= len(asked.answers):
        raise NotFound
    found, row = sheet().question(place, asked), asked.answers[place - 1]
    of = len(asked.answers)
    common = {"place": place, "of": of, "done": _done(asked), "row": row}
    if found is None:
        return render_template("preview/reading_changed.html", **common), 200
    problem, sent = "", _sent(found, row)
    if request.method == "POST":
        if request.form.get("csrf_token") != sheet().token:
            raise Forbidden  # a form of another page
        sent = request.form
        try:
            given = parse(found.shown, raw_reply(found.shown, request.form))
        except (EmptyReply, MalformedReply) as refusal:
            problem = sentence_of(refusal)
        else:
            _write(place, letters.as_answer(found, given))
            return redirect(url_for("reading.question", place=place + 1) if place < of else _end(), 303)
    return render_template(
        "preview/reading.html",
        item=found.item,
        interaction_shown=found.shown,
        parts=rendering.body_parts(found.item, url_for("reading.file", place=place, name="x")[:-1]),
        file_address=lambda name: url_for("reading.file", place=place, name=name),
        inline=rendering.inline,
        sent=sent,
        problem=problem,
        levels=_levels(found),
        level=request.form.get("niveau", row.level),
        doubts=request.form.get("doutes", row.doubts),
        **common,
    ), 200


@blueprint.get("/question/<int:place>/fichier/<name>")
def file(place: int, name: str) -> Response:
    """An image or an attachment of a question."""
    asked = sheet().questionnaire
    found = sheet().question(place, asked) if 1 <= place <= len(asked.answers) else None
    if found is None or name not in found.item.files:
        raise NotFound
    path = next(p for p in reading_file.files_of(sheet().shelf.root.resolve(), found.item) if p.name == name)
    attached = name not in {m.file for m in found.item.media}
    return send_file(path, as_attachment=attached, download_name=name, etag=False, conditional=False)


@blueprint.get("/fin")
def end() -> str:
    """What was answered, what was not, and what comes next."""
    asked = sheet().questionnaire
    return render_template("preview/reading_end.html", asked=asked, done=_done(asked), path=sheet().path)


def sheet() -> Sheet:
    """The questionnaire that is answered."""
    found: Sheet = current_app.extensions["palier.sheet"]
    return found


def told(error: click.ClickException) -> tuple[str, int]:
    """A questionnaire that is broken, with the line to mend."""
    return render_template("preview/reading_broken.html", path=sheet().path, sentence=error.message), 409


def _end() -> str:
    return url_for("reading.end")


def _done(asked: Questionnaire) -> int:
    return sum(bool(row.answer.strip()) for row in asked.answers)


def _write(place: int, answer: str) -> None:
    path = sheet().path
    level, doubts = request.form.get("niveau", "").strip(), request.form.get("doutes", "").replace("\r\n", "\n").strip()
    text = reading_file.filled(path.read_text(encoding="utf-8"), place, answer, level, doubts)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _levels(found: Question) -> list[str]:
    if found.item.framework is Framework.CRCN_EDU:
        return [level.slug for level in Level]
    return [str(tag) for tag in CRCN_TAGS]


def _sent(found: Question, row: Answered) -> MultiDict[str, str] | None:
    """The form as it was filled in; nothing for no answer, a pass, or one that cannot be read."""
    if not row.answer.strip() or row.answer.strip() == letters.PASS:
        return None
    try:
        return _form_of(found.shown, letters.reply(found, row.answer))
    except NotAnAnswer:
        return None


def _form_of(it: Interaction, given: Reply) -> MultiDict[str, str]:
    """The fields of the candidate's form for a reply."""
    match it, given:
        case MultipleChoice(), list():
            return MultiDict([("reply", choice) for choice in given])
        case Ordering(), list():
            return MultiDict([(f"place-{choice}", str(n)) for n, choice in enumerate(given, start=1)])
        case Matching(), dict():
            return MultiDict([(f"pair-{p}", c) for p, c in given.items()])
        case Gaps(), dict():
            return MultiDict([(f"gap-{g}", c) for g, c in given.items()])
        case _:
            return MultiDict([("reply", str(given))])
