"""Pieces of a page that a script fetches again and again."""

import hashlib

from flask import make_response, request
from werkzeug.wrappers import Response


def fragment(html: str, key: str) -> Response:
    """A piece of a page under an ETag made of `key`, which says everything that it shows; unchanged, it is not sent."""
    response = make_response(html)
    response.set_etag(hashlib.sha256(key.encode()).hexdigest()[:24])
    return response.make_conditional(request)
