"""What a candidate can do days before: check the machine, and try every way of answering. Nothing of it is stored."""

from dataclasses import dataclass

from flask import current_app, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from engine.delivery.screen import arranged
from engine.items.item import Choice, Interaction, Item, SingleChoice
from engine.items.response import EmptyReply, MalformedReply, is_correct, parse
from web import rendering
from web.access import Permission, house, needs
from web.candidate.views import blueprint
from web.config import Settings
from web.errors import REFUSALS, sentence_of
from web.replies import raw_reply

SEED = 2023
"""Of the order in which choices stand in the tutorial: the same for everybody."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said of a reply in the tutorial."""

    passed: bool
    right: bool
    why: str
    """What is wrong with the choice that was made, where there is one."""
    rationale: str


@blueprint.get("/verification")
@needs(Permission.PUBLIC)
def check() -> str:
    """The system check: nothing leaves the machine but a few requests that measure the network."""
    return render_template("candidate/check.html", samples=len(house().catalogue.tutorial))


@blueprint.get("/entrainement")
@needs(Permission.PUBLIC)
def tutorial() -> str:
    """What the tutorial is, with the way to each of its items."""
    return render_template("candidate/tutorial.html", items=house().catalogue.tutorial)


@blueprint.route("/entrainement/<number>", methods=["GET", "POST"])
@needs(Permission.PUBLIC)
def sample(number: str) -> tuple[str, int]:
    """One item to try, as the test shows it; a reply is told right or wrong at once, and forgotten."""
    place, item = _sample(number)
    feedback, problem, status = None, None, 200
    if request.method == "POST":
        try:
            feedback = _feedback(item, raw_reply(item.interaction, request.form))
        except (EmptyReply, MalformedReply) as refusal:
            problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
    return render_template(
        "candidate/sample.html",
        item=item,
        interaction_shown=arranged(item.interaction, SEED, place),
        parts=rendering.body_parts(item, url_for("candidate.sample_file", number=place, name="x")[:-1]),
        file_address=lambda name: url_for("candidate.sample_file", number=place, name=name),
        inline=rendering.inline,
        number=place,
        of=len(house().catalogue.tutorial),
        feedback=feedback,
        problem=problem,
        sent=request.form if request.method == "POST" else None,
    ), status


@blueprint.get("/entrainement/<number>/fichier/<name>")
@needs(Permission.PUBLIC)
def sample_file(number: str, name: str) -> Response:
    """An image or an attachment of an item to try."""
    _, item = _sample(number)
    if name not in item.files:
        raise NotFound
    attached = name in {a.file for a in item.attachments}
    path = house().catalogue.tutorial_file(item, name)
    return send_file(path, as_attachment=attached, download_name=name, etag=False, conditional=False)


@blueprint.get("/bienvenue/<name>")
@needs(Permission.PUBLIC)
def welcome_file(name: str) -> Response:
    """The welcome video or its captions, if this installation has both."""
    settings: Settings = current_app.extensions["palier.settings"]
    if name not in {settings.welcome_video, settings.welcome_captions} or settings.welcome_video is None:
        raise NotFound
    # Conditional, so that a player can jump to any second of it.
    return send_file(settings.welcome / name, conditional=True)


@blueprint.context_processor
def _welcome() -> dict[str, object]:
    settings: Settings = current_app.extensions["palier.settings"]
    return {"welcome": settings}


def _sample(number: str) -> tuple[int, Item]:
    for place, item in enumerate(house().catalogue.tutorial, start=1):
        if number == str(place):
            return place, item
    raise NotFound


def _feedback(item: Item, raw: object) -> Feedback:
    reply = parse(item.interaction, raw)
    return Feedback(reply is None, is_correct(item.interaction, reply), _why(item.interaction, reply), item.rationale)


def _why(interaction: Interaction, reply: object) -> str:
    if not isinstance(interaction, SingleChoice):
        return ""
    chosen: Choice | None = next((c for c in interaction.choices if c.id == reply), None)
    return chosen.why if chosen else ""
