"""The pages of the preview: the list, an item beside its key, the screen of the candidate, files."""

import re
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from engine.delivery.screen import arranged
from engine.items.frameworks import CRCN_TAGS, Framework, Level, competences_of
from engine.items.item import Item, Kind, Status
from engine.items.response import EmptyReply, MalformedReply, Reply, parse
from engine.items.variants import every_variant
from engine.items.wording import faults_of_wording
from web import rendering
from web.errors import sentence_of
from web.preview import scored, words
from web.preview.filters import Filter, level_of
from web.preview.french_problems import in_french
from web.preview.readings import readings_of
from web.preview.shelf import Entry, Shelf, problems_with_others
from web.replies import raw_reply

blueprint = Blueprint(
    "preview", __name__, template_folder="templates", static_folder="static", static_url_path="/outils"
)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "in_french": in_french, "level_of": level_of, "inline": rendering.inline}


@blueprint.get("/")
def index() -> str:
    """Every item, filtered."""
    entries = shelf().entries()
    look = Filter.of(request.args, only())
    return render_template(
        "preview/list.html",
        entries=look.of_all(entries),
        total=len(entries),
        broken=sum(bool(e.problems) for e in entries),
        look=look,
        competences={f: competences_of(f) for f in Framework},
        levels=[level.slug for level in Level] + [str(tag) for tag in CRCN_TAGS],
        kinds=list(Kind),
        statuses=list(Status),
        question=question,
        sign=shelf().sign(),
    )


@blueprint.get("/epreuve/<name>")
def item(name: str) -> tuple[str, int]:
    """One item: the candidate's screen, and the author's side of it."""
    entries = shelf().entries()
    found = next((e for e in entries if e.id == name), None)
    look = Filter.of(request.args, only())
    common = _around(name, look.of_all(entries), look)
    common["where"] = found.path.relative_to(shelf().root).as_posix() if found else ""
    if found is None:
        return render_template("preview/gone.html", **common), 404
    if found.item is None:
        lines = found.path.read_text(encoding="utf-8", errors="replace").split("\n") if found.path.exists() else []
        return render_template("preview/broken.html", entry=found, lines=lines, **common), 200
    one, number = variant_of(found.item)
    shown = arranged(one.interaction, order(), 1)
    reply, refusal = _reply(one)
    answered = "action" in request.args and not refusal
    return render_template(
        "preview/item.html",
        entry=found,
        item=found.item,
        one=one,
        variant=number,
        variants=len(every_variant(found.item)),
        lines=scored.lines(shown, reply, answered),
        accepted=scored.accepted(one.interaction),
        verdict=scored.verdict(one.interaction, reply) if answered else None,
        refusal=refusal,
        remarks=_remarks(found, entries),
        level=level_of(found.item),
        readings=readings_of(shelf().root, name),
        screen=url_for("preview.screen", name=name) + f"?{request.query_string.decode()}",
        order=order(),
        **common,
    ), 200


@blueprint.get("/ecran/<name>")
def screen(name: str) -> str:
    """What the candidate sees, in a frame."""
    wanted = _readable(name).item
    assert wanted is not None
    one, number = variant_of(wanted)
    _, refusal = _reply(one)
    keep = {**Filter.of(request.args).address, "variante": str(number), "ordre": str(order())}
    return render_template(
        "preview/screen.html",
        item=one,
        interaction_shown=arranged(one.interaction, order(), 1),
        parts=rendering.body_parts(one, url_for("preview.file", name=name, file="x")[:-1]),
        file_address=lambda file: url_for("preview.file", name=name, file=file),
        inline=rendering.inline,
        sent=request.args if "action" in request.args else None,
        problem=refusal,
        keep=keep,
    )


@blueprint.get("/fichier/<name>/<file>")
def file(name: str, file: str) -> Response:
    """An image or an attachment of an item."""
    entry = _readable(name)
    wanted = entry.item
    path = entry.path.resolve().parent / file
    if wanted is None or file not in wanted.files or not path.is_file():
        raise NotFound
    attached = file not in {m.file for m in wanted.media}
    return send_file(path, as_attachment=attached, download_name=file, etag=False, conditional=False)


@blueprint.get("/signe")
@blueprint.get("/signe/<name>")
def sign(name: str | None = None) -> Response:
    """Something that changes when files change: the pages ask for it."""
    return jsonify(sign=shelf().sign(name))


def shelf() -> Shelf:
    """The files that are previewed."""
    found: Shelf = current_app.extensions["palier.shelf"]
    return found


def only() -> tuple[str, ...]:
    """The beginnings of ids that the command was given."""
    found: tuple[str, ...] = current_app.extensions["palier.only"]
    return found


def order() -> int:
    """Which order of the choices is shown: a number, like the seed of a sitting."""
    given = request.args.get("ordre", "")
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0


def variant_of(item: Item) -> tuple[Item, int]:
    """The variant that the address asks for, and its number; the first, if it has no such one."""
    several = every_variant(item)
    given = request.args.get("variante", "")
    number = int(given) if re.fullmatch(r"[1-9]", given) and int(given) <= len(several) else 1
    return several[number - 1], number


def question(item: Item) -> str:
    """The last line of a body, where the question stands."""
    lines = [line for line in item.body.split("\n") if line.strip()]
    return lines[-1].strip("* ") if lines else ""


def _reply(one: Item) -> tuple[Reply, str]:
    """The reply in the address; or what the candidate would be told of it."""
    if "action" not in request.args:
        return None, ""
    try:
        return parse(one.interaction, raw_reply(one.interaction, request.args)), ""
    except (EmptyReply, MalformedReply) as refusal:
        return None, sentence_of(refusal)


def _readable(name: str) -> Entry:
    """The entry of an item that can be made out."""
    for entry in shelf().entries():
        if entry.id == name and entry.item is not None:
            return entry
    raise NotFound


def _around(name: str, shown: list[Entry], look: Filter) -> dict[str, Any]:
    """What every page of an item has: its neighbours in the list, the way back to it, its sign."""
    ids = [e.id for e in shown]
    at = ids.index(name) if name in ids else None
    return {
        "look": look,
        "before": ids[at - 1] if at else None,
        "after": ids[at + 1] if at is not None and at + 1 < len(ids) else None,
        "place": at + 1 if at is not None else None,
        "of": len(ids),
        "name": name,
        "sign": shelf().sign(name),
    }


def _remarks(entry: Entry, entries: tuple[Entry, ...]) -> list[tuple[int, str]]:
    """What the check would say of an item that can be read: wording, and how it stands to the others."""
    own = [(p.line, p.sentence) for p in entry.problems]
    items = [e.item for e in entries if e.item is not None and (e is entry or not e.problems)]
    wording = [(1, told) for item, _, told in faults_of_wording(items) if item == entry.id]
    found = own or [*problems_with_others(entry, entries), *wording]
    return [(line, in_french(told)) for line, told in found]
