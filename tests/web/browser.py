"""A browser without scripts: it keeps cookies, fills in the forms of the page before it, and looks at every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flask import Flask
from werkzeug.test import TestResponse

from tests.house.dom import Element, read
from tests.house.pages import faults

Fields: TypeAlias = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Page:
    """What came back."""

    path: str
    status: int
    html: str
    root: Element
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The words on the page."""
        return self.root.text

    @property
    def heading(self) -> str:
        """Its h1."""
        return self.root.one("h1").text

    @property
    def alert(self) -> str:
        """The sentence that says what is wrong; empty without one."""
        return " ".join(e.text for e in self.root.all() if e.get("role") == "alert")

    @property
    def errors(self) -> dict[str, str]:
        """The sentence below each field that says so."""
        ids = {e["id"]: e for e in self.root.all() if e.has("id")}
        return {
            e["name"]: ids[f"{e['id']}-error"].text
            for e in self.root.all("input", "select", "textarea")
            if f"{e.get('id')}-error" in ids
        }

    @property
    def token(self) -> str:
        """The CSRF token that the page carries."""
        return self.root.one("meta", name="csrf-token")["content"]

    def form(self, action: str) -> Element:
        """The form that posts to an address; a form without an action posts to its own page."""
        here = self.path.split("?")[0]
        found = [f for f in self.root.all("form") if f.get("action", here) == action]
        assert found, (
            f"no form posts to {action} on {self.path}: {[f.get('action', here) for f in self.root.all('form')]}"
        )
        return found[0]

    def has_form(self, action: str) -> bool:
        """Whether something can be posted to an address from here."""
        return any(f.get("action", self.path.split("?")[0]) == action for f in self.root.all("form"))

    def links(self) -> set[str]:
        """Where the page leads."""
        return {a["href"] for a in self.root.all("a")}


def values_of(form: Element) -> dict[str, str | list[str]]:
    """What a form would send as it stands, its buttons apart."""
    sent: dict[str, list[str]] = {}
    for e in form.all("input", "select", "textarea"):
        if e.tag == "select":
            options = list(e.all("option"))
            chosen = [o for o in options if o.has("selected")] or options[:1]
            values = [o.get("value") if o.has("value") else o.text for o in chosen]
        elif e.tag == "textarea":
            values = [e.text]
        elif e.get("type") in ("checkbox", "radio"):
            values = [e.get("value", "on")] if e.has("checked") else []
        else:
            values = [e.get("value")]
        if values:
            sent.setdefault(e["name"], []).extend(values)
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


class Browser:
    """One browser at one address."""

    def __init__(self, app: Flask, address: str = "192.0.2.1", base: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.address = address
        self.base = base
        self.page: Page | None = None

    def get(self, path: str, expect: int = 200, headers: Mapping[str, str] | None = None) -> Page:
        """Ask for a page."""
        response = self.client.get(path, base_url=self.base, environ_overrides=self._origin(), headers=headers)
        return self._shown(path, response, expect)

    def post(self, path: str, fields: Fields | None = None, expect: int = 303, token: str | None = None) -> Page:
        """Send fields of one's own making, with the token of the page on screen."""
        if token is None:
            assert self.page is not None, "get a page before posting: its token is needed"
            token = self.page.token
        data = {**(fields or {}), "csrf_token": token}
        response = self.client.post(path, data=data, base_url=self.base, environ_overrides=self._origin())
        return self._shown(path, response, expect)

    def submit(self, action: str, fields: Fields | None = None, expect: int = 303) -> Page:
        """Send a form of the page on screen, some of its fields filled in."""
        assert self.page is not None
        form = self.page.form(action)
        known = {e["name"] for e in form.all("input", "select", "textarea", "button") if e.has("name")}
        strangers = set(fields or {}) - known
        assert not strangers, f"the form to {action} has no field {sorted(strangers)}, only {sorted(known)}"
        data = {**values_of(form), **(fields or {})}
        response = self.client.post(action, data=data, base_url=self.base, environ_overrides=self._origin())
        return self._shown(action, response, expect)

    def follow(self, expect: int = 200) -> Page:
        """Go where the last answer leads, all redirects of the way included."""
        assert self.page is not None
        page = self.page
        for _ in range(5):
            page = self.get(page.headers["Location"], expect if expect != 200 else 0)
            if page.status != 303:
                break
        assert page.status == expect, f"{page.path}: {page.status} instead of {expect}: {page.text[:160]}"
        return page

    def cookies(self) -> list[str]:
        """The attributes of the cookies that were set by the last answer."""
        assert self.page is not None
        return [v for k, v in self.page.headers.items() if k == "Set-Cookie"]

    def _origin(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}

    def _shown(self, path: str, response: TestResponse, expect: int) -> Page:
        body = response.get_data()
        response.close()  # files that were sent
        is_html = response.mimetype == "text/html"
        html = body.decode() if is_html else ""
        document = read(html)
        page = Page(path, response.status_code, html, document.root, response.headers, body)
        assert expect in (0, page.status), f"{path}: {page.status} instead of {expect}: {page.text[:160]}"
        # A redirect carries a page that nobody sees, made by the framework.
        is_shown = is_html and "attachment" not in page.headers.get("Content-Disposition", "")
        if is_shown and (page.status < 300 or page.status >= 400):
            whole = html.lstrip().startswith("<!doctype")
            wrong = faults(document, whole)
            assert not wrong, f"{path}: " + "; ".join(wrong)
            if whole:
                self.page = page
                return page
        if page.status in (301, 302, 303, 307, 308):
            self.page = Page(path, page.status, html, page.root, page.headers, body)
        return page
