"""One item of the bank: as candidates see it, tried, with its key, with what was said of it and decided on it."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from engine.delivery.screen import arranged
from engine.items.item import Item, Status
from engine.items.response import EmptyReply, MalformedReply, is_correct, parse
from engine.items.variants import every_variant
from engine.kernel import EngineError, ItemId
from web import french, rendering
from web.access import Permission, actor, house, needs
from web.admin.bank import level_name
from web.admin.views import blueprint
from web.db.item_log import Said
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.replies import raw_reply
from web.services import bank_desk
from web.services.bank_desk import NoSuchBankItem, NoSuchThread, Verdict
from web.typography import spaced

ORDERS = 50
"""Orders of the choices that can be looked at."""
DONE = {
    Said.OPENED: "Remarque ajoutée.",
    Said.REPLIED: "Réponse ajoutée.",
    Said.SETTLED: "Remarque réglée.",
    Said.REOPENED: "Remarque rouverte.",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a reply that somebody tried."""

    passed: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says besides the item: where, and what had been typed there."""

    sentence: str
    at: str
    """`reply`, `comment`, `decision`, or the id of a thread."""


@blueprint.get("/epreuves/<item_id>")
@needs(Permission.ADMINISTER)
def item(item_id: str) -> str:
    """The item as candidates see it, and all about it but its key."""
    return _page(ItemId(item_id))


@blueprint.get("/epreuves/<item_id>/cle")
@needs(Permission.ADMINISTER)
def item_key(item_id: str) -> str:
    """The same with its key, its reasons and its source."""
    return _page(ItemId(item_id), shows_key=True)


@blueprint.post("/epreuves/<item_id>/essai")
@needs(Permission.ADMINISTER)
def try_item(item_id: str) -> tuple[str, int]:
    """A reply, told right or wrong with the key; it is not stored."""
    shown = _variant(bank_desk.one(house(), ItemId(item_id)).item)
    try:
        reply = parse(shown.interaction, raw_reply(shown.interaction, request.form))
    except (EmptyReply, MalformedReply) as refusal:
        told = Told(sentence_of(refusal), "reply")
        return _page(ItemId(item_id), told=told), REFUSALS[refusal.code].status
    tried = Tried(reply is None, is_correct(shown.interaction, reply))
    return _page(ItemId(item_id), shows_key=True, tried=tried), 200


@blueprint.get("/epreuves/<item_id>/fichiers/<name>")
@needs(Permission.ADMINISTER)
def item_file(item_id: str, name: str) -> Response:
    """An image or an attachment of an item of the bank."""
    shelved = house().catalogue.shelf.look()
    known = shelved.items.get(ItemId(item_id))
    path = shelved.file(known, name) if known else None
    if known is None or path is None or not path.is_file():
        raise NotFound
    attached = name not in {m.file for m in known.media}
    return send_file(path, as_attachment=attached, download_name=name, etag=False, conditional=False)


@blueprint.post("/epreuves/<item_id>/remarques")
@needs(Permission.ADMINISTER)
def comment(item_id: str) -> Response | tuple[str, int]:
    """Say something of an item, or settle what was said."""
    thread = request.form.get("thread", "")
    action = request.form.get("action", "")
    in_thread = Said(action) if action in (Said.SETTLED, Said.REOPENED) else Said.REPLIED
    said = in_thread if thread else Said.OPENED
    try:
        bank_desk.comment(house(), actor(), ItemId(item_id), said, request.form.get("text", ""), thread or None, now())
    except (NoSuchBankItem, NoSuchThread):
        raise
    except EngineError as refusal:
        told = Told(sentence_of(refusal), thread or "comment")
        return _page(ItemId(item_id), told=told), REFUSALS[refusal.code].status
    flash(DONE[said])
    return redirect(url_for("admin.item", item_id=item_id, _anchor="remarques"), 303)


@blueprint.post("/epreuves/<item_id>/decision")
@needs(Permission.ADMINISTER)
def decide_item(item_id: str) -> Response | tuple[str, int]:
    """Decide what an item is to become."""
    form = request.form
    try:
        becomes = Status(form.get("becomes", ""))
    except ValueError:
        return _page(ItemId(item_id), told=Told("Choisissez une décision.", "decision")), 400
    verdict = Verdict(becomes, form.get("reason", ""), form.get("digest", ""), form.get("seen", ""))
    try:
        made = bank_desk.decide(house(), actor(), ItemId(item_id), verdict, now())
    except NoSuchBankItem:
        raise
    except EngineError as refusal:
        return _page(ItemId(item_id), told=Told(sentence_of(refusal), "decision")), REFUSALS[refusal.code].status
    if made.becomes is made.was:
        flash(spaced("Décision reprise : le statut reste celui du fichier."))
    else:
        told = french.ITEM_DECISIONS[made.becomes].lower()
        flash(spaced(f"Décision enregistrée : {told}. Elle attend d'être écrite dans le fichier."))
    return redirect(url_for("admin.item", item_id=item_id, _anchor="decision"), 303)


def _page(item_id: ItemId, shows_key: bool = False, tried: Tried | None = None, told: Told | None = None) -> str:
    desk = bank_desk.one(house(), item_id)
    variants = every_variant(desk.item)
    shown = _variant(desk.item)
    order = _number("ordre", ORDERS)
    known: dict[str, Any] = {"item_id": item_id}
    media = url_for("admin.item_file", name="x", **known)[:-1]
    return render_template(
        "admin/bank_item.html",
        desk=desk,
        item=desk.item,
        shown=shown,
        variants=variants,
        variant=variants.index(shown) + 1,
        order=order,
        orders=ORDERS,
        interaction_shown=arranged(shown.interaction, 2022 + order, order),
        parts=rendering.body_parts(shown, media),
        inline=rendering.inline,
        shows_key=shows_key,
        tried=tried,
        told=told,
        sent=request.form if request.endpoint == "admin.try_item" else None,
        typed=request.form if told else None,
        level_name=level_name,
        Said=Said,
        Status=Status,
    )


def _variant(item: Item) -> Item:
    """The variant that the address or the form names, else the first."""
    variants = every_variant(item)
    return variants[_number("variante", len(variants)) - 1]


def _number(name: str, most: int) -> int:
    given = request.values.get(name, "")
    return int(given) if given in map(str, range(1, most + 1)) else 1
