"""The outside video room that a session may be held in: an address that browsers open safely."""

from urllib.parse import urlsplit

from engine.kernel import EngineError

LONGEST_LINK = 500  # characters


class BadVideoLink(EngineError):
    """The address of an outside video room must be one that browsers open safely."""

    code = "bad_video_link"


def video_link(given: str) -> str | None:
    """The address of an outside video room as it is stored; none for an empty one. Raises `BadVideoLink`."""
    link = given.strip()
    if not link:
        return None
    try:
        parts = urlsplit(link)
        safe = parts.scheme == "https" and bool(parts.hostname) and parts.username is None and "." in parts.netloc
    except ValueError:
        safe = False
    if not safe or len(link) > LONGEST_LINK or any(c.isspace() or ord(c) < 32 or c in "\"'<>\\" for c in link):
        raise BadVideoLink("A video room has an https address.")
    return link
