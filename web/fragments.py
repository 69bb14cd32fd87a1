"""Pieces of a page that a script fetches again and again."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from flask import make_response, request
from werkzeug.wrappers import Response


def fragment(html: str, key: str) -> Response:
    """A piece of a page under an ETag made of `key`, which says everything that it shows; unchanged, it is not sent."""
    response = make_response(html)
    response.set_etag(hashlib.sha256(key.encode()).hexdigest()[:24])
    return response.make_conditional(request)


def fresh(render: Callable[[], str], key: str) -> Response:
    """The same for a piece that takes long to render: it is rendered only if it has changed."""
    etag = hashlib.sha256(key.encode()).hexdigest()[:24]
    if request.if_none_match.contains(etag):
        response = make_response("", 304)
        response.set_etag(etag)
        return response
    response = make_response(render())
    response.set_etag(etag)
    return response


def due_after(response: Response, wait: timedelta) -> Response:
    """The piece with the time after which it may differ although nothing happened: `Palier-Due`, seconds."""
    response.headers["Palier-Due"] = f"{wait.total_seconds():.1f}"
    return response
