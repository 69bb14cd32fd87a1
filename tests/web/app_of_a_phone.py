"""An authenticator app, written apart from RFC 4226 and RFC 6238 with nothing but the standard library."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.web.browser import Page


@dataclass
class Phone:
    """A telephone that knows one secret."""

    secret: bytes
    clock: Callable[[], datetime]

    @classmethod
    def that_reads(cls, page: Page, clock: Callable[[], datetime]) -> "Phone":
        """Type the key that stands on a page, group by group."""
        groups = [e.text for e in page.root.all("code")]
        assert groups
        return cls.of_key("".join(groups), clock)

    @classmethod
    def of_key(cls, key: str, clock: Callable[[], datetime]) -> "Phone":
        """Type a key."""
        return cls(base64.b32decode(key), clock)

    def code(self, steps: int = 0) -> str:
        """What it shows now, or some steps of thirty seconds from now."""
        return hotp(self.secret, int(self.clock().timestamp()) // 30 + steps)


def hotp(secret: bytes, counter: int, digits: int = 6) -> str:
    """RFC 4226, 5.3."""
    mac = hmac.new(secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)
