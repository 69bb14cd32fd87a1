"""The servers by which two browsers find a way to each other (ICE): STUN and TURN, credentials for a time included."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from web.config import IceServer

VALID_FOR = timedelta(hours=14)  # as long as a candidate's cookie: a page never outlives its credentials in mid-exam


@dataclass(frozen=True, slots=True)
class Ice:
    """The servers of an installation, and the secret that its TURN server knows too."""

    servers: Sequence[IceServer] = ()
    turn_secret: str = field(default="", repr=False)


def servers_for(ice: Ice, who: str, now: datetime) -> list[dict[str, Any]]:
    """The servers as `RTCPeerConnection` takes them.

    A TURN server without a name and credential of its own gets some for a time (draft-uberti-behave-turn-rest): the
    name is the second of expiry with who asks, the credential its HMAC-SHA1 under the shared secret.
    """
    given: list[dict[str, Any]] = []
    for server in ice.servers:
        row: dict[str, Any] = {"urls": list(server.urls)}
        if server.username:
            row |= {"username": server.username, "credential": server.credential.get_secret_value()}
        elif ice.turn_secret and any(url.startswith("turn") for url in server.urls):
            name = f"{int((now + VALID_FOR).timestamp())}:{who}"
            row |= {"username": name, "credential": _credential(ice.turn_secret, name)}
        given.append(row)
    return given


def _credential(secret: str, name: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()
