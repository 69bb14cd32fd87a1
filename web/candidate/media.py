"""Addresses of the files of an item: good for one sitting, one item and a quarter of an hour, and then renewed."""

from datetime import UTC, datetime, timedelta

from flask import current_app, url_for
from itsdangerous import Signer
from markupsafe import Markup

from engine.items.item import Item
from engine.kernel import ItemId, SittingId
from web import rendering

LASTS = timedelta(minutes=15)
_PLACE = "/candidat/test/fichier/-/"
"""Where the files lie in a body that is rendered once for everybody."""


def address(sitting: SittingId, item: ItemId, name: str, now: datetime) -> str:
    """The address of a file of the item on screen."""
    return url_for("candidate.file", seal=_seal(sitting, item, now + LASTS), name=name)


def holds(seal: str, sitting: SittingId, item: ItemId) -> bool:
    """Whether an address was given to this sitting for this item."""
    until = _until(seal)
    return until is not None and Signer.verify_signature(_signer(), _said(sitting, item, until), seal.split(".")[1])


def is_over(seal: str, now: datetime) -> bool:
    """Whether its time has run out."""
    until = _until(seal)
    return until is None or until < now


def body_parts(item: Item, sitting: SittingId, now: datetime) -> tuple[tuple[str, Markup], ...]:
    """The body in pieces, with addresses for its images."""
    parts = rendering.body_parts(item, _PLACE)
    if not item.media:
        return parts
    here = address(sitting, item.id, "x", now)[:-1]
    return tuple((kind, Markup(str(part).replace(_PLACE, here))) for kind, part in parts)


def _seal(sitting: SittingId, item: ItemId, until: datetime) -> str:
    seconds = int(until.timestamp())
    said = _said(sitting, item, datetime.fromtimestamp(seconds, UTC))
    return f"{seconds}.{_signer().get_signature(said).decode()}"


def _said(sitting: SittingId, item: ItemId, until: datetime) -> bytes:
    return f"{sitting}/{item}/{int(until.timestamp())}".encode()


def _until(seal: str) -> datetime | None:
    seconds, dot, signature = seal.partition(".")
    if not (dot and signature and seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt="palier-media", key_derivation="hmac")
