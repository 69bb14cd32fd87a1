"""Whom a person of staff looks for: kept in their cookie, since an address would carry the name into every log."""

from flask import redirect, request, session
from werkzeug.wrappers import Response

LONGEST = 100


def sought_in(slot: str) -> str:
    """The words that are looked for among the candidates of a session; empty for all."""
    known = session.get("sought")
    return str(known[1]) if isinstance(known, list | tuple) and len(known) == 2 and known[0] == slot else ""


def look_for(slot: str, back: str) -> Response:
    """Keep the words of the form, and go back to the list; one list is searched at a time."""
    words = request.form.get("words", "").strip()[:LONGEST]
    session.pop("sought", None)
    if words:
        session["sought"] = [slot, words]
    return redirect(back, 303)
