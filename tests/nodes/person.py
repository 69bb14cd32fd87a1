"""Somebody at a browser without scripts of its own: cookies, tokens, and patience like that of the page."""

import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from html import unescape
from http.cookiejar import CookieJar

HIDDEN = re.compile(r'<input[^>]*\bname="(item|answer_id|page)"[^>]*\bvalue="([^"]*)"')
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]*)"')
PATIENCE = 40


@dataclass
class Person:
    """One browser, at one address."""

    url: str
    cookie: str = ""
    faults: list[str] = field(default_factory=list)
    """What the network or a server answered instead of a page."""
    recorded: list[str] = field(default_factory=list)
    """The ids of answers that were acknowledged."""

    def __post_init__(self) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            _Stay(), urllib.request.HTTPSHandler(context=trusting), urllib.request.HTTPCookieProcessor(self._jar)
        )
        self._token = ""

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        status, body = self._ask(urllib.request.Request(f"{self.url}{path}"))
        if found := TOKEN.search(body):
            self._token = unescape(found[1])
        return status, body

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Status and body of a reply, as a script asks for it."""
        body = urllib.parse.urlencode({**fields, "csrf_token": self._token}).encode()
        asked = urllib.request.Request(f"{self.url}{path}", body)
        asked.add_header("Accept", "application/json")
        asked.add_header("Referer", f"{self.url}{path}")
        return self._ask(asked)

    def log_in(self, login: str, password: str) -> None:
        """As staff."""
        self.get("/connexion")
        status, _ = self.post("/connexion", {"login": login, "password": password})
        assert status == 303

    def answer(self) -> str:
        """Pass the question on screen, and again until somebody acknowledges it; the id of the answer."""
        end = time.monotonic() + PATIENCE
        answer_id = str(uuid.uuid4())
        item = ""
        while time.monotonic() < end:
            if not item:
                status, page = self.get("/candidat/test")
                item = dict(HIDDEN.findall(page)).get("item", "") if status == 200 else ""
                fields = {name: unescape(value) for name, value in HIDDEN.findall(page)}
                if not item:
                    self.faults.append(f"page {status} {page[-2500:]}")
                    time.sleep(0.2)
                    continue
            status, body = self.post("/candidat/test/reponse", {**fields, "answer_id": answer_id, "action": "passer"})
            if status == 200 and json.loads(body)["recorded"] == answer_id:
                self.recorded.append(answer_id)
                return answer_id
            self.faults.append(f"answer {status} {body[:80]}")
            time.sleep(0.2)
        raise AssertionError(f"not acknowledged in {PATIENCE} s: {self.faults[-5:]}")

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        if self.cookie and not any(c.name == "palier" for c in self._jar):
            request.add_header("Cookie", f"palier={self.cookie}")
        try:
            with self._opener.open(request, timeout=25) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except OSError as fault:
            return 0, repr(fault)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None
