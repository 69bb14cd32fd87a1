"""Whatever is put into a field of a form, the answer is a sentence, and nothing is stored that was not meant to be."""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy import inspect as inspect_database
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms import Form

from tests.house.source import files
from tests.security.objects import CALLERS, Stage, address
from tests.security.rows import ROWS
from tests.security.test_matrix import FILLED, has, rules
from tests.web.browser import Browser, values_of
from tests.web.fixtures import store

__all__ = ["store"]

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What PostgreSQL, XML, a workbook or a terminal chokes on."""

POISONS = {
    "what is no text": b"a%00b%1B%5B31mc%08%0Bd%C2%9Be%7Ff%ED%A0%80g%ED%B0%80h%EF%BF%BE%EF%BF%BFi%FF%C0%80j",
    "nothing but NUL": b"%00",
    "a huge number": b"9" * 400,
    "a number that fits no column": b"99999999999999999999",
    "a number below zero": b"-99999999999",
    "infinity": b"1e999",
    "a long text": b"x" * 100_000,
    "line ends and templates": b"a%0D%0ASet-Cookie:%20x=y%0D%0A%0D%0A%25s%25n%7B0%7D%7B%7B7*7%7D%7D",
    "the last day": b"9999-12-31T23:59",
    "the first day": b"0001-01-01T00:00",
}
ON_POSTGRESQL = ("what is no text", "nothing but NUL", "a number that fits no column", "the first day")
"""A database is made anew for each route there, not for each field: it takes longer."""
ANSWER = "/candidat/test/reponse"
DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32,64}|tool-[0-9a-f]{16}|gAAAA[\w=-]+|[\w-]{22,43}"
    r"|'[A-Z0-9]{3}-[A-Z0-9]{3}'|\b\d{5,20}\b"
)
"""What is drawn at random: ids, fingerprints, secrets, codes, seeds."""
PROXIES = {"request", "session", "g", "current_user"}
WRITERS = ["nobody", "a candidate before entry", "a candidate in the test", "a manager", "a proctor",
           "a proctor of another centre", "a jury member"]  # fmt: skip


def fields_of(app: Flask, rule: Rule, shown: set[str]) -> set[str]:
    """The fields that a route reads: from its forms on the pages of its owner, its form classes, its source."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    source = inspect.getsource(view)
    found = set(re.findall(r'request\.form\.(?:get|getlist)\("(\w+)"', source)) | shown
    module = sys.modules[view.__module__]
    for room, helper in re.findall(r"\b(?:(\w+)\.)?(_?[A-Za-z]\w*)\(", source):
        known = getattr(vars(module).get(room, module), helper, None) if room not in PROXIES else None
        if inspect.isclass(known) and issubclass(known, Form):
            found |= {n for n in dir(known) if hasattr(getattr(known, n), "field_class")}
        elif inspect.isfunction(known):
            found |= set(re.findall(r'request\.form\.(?:get|getlist)\("(\w+)"', inspect.getsource(known)))
    return found - {"csrf_token"}


def shown_forms(stage: Stage, who: str, browser: Browser) -> dict[str, dict[str, list[str]]]:
    """The fields of every form that somebody's own pages show, as they would be sent, by address."""
    found: dict[str, dict[str, list[str]]] = {}
    for rule in rules(stage.world.app):
        if "GET" in (rule.methods or ()) and has(CALLERS[who], ROWS[rule.endpoint]):
            path = address(stage.world.app, rule, CALLERS[who].own(stage))
            for form in browser.get(path, expect=0).root.all("form"):
                fields = found.setdefault(form.get("action", path).split("?")[0], {})
                names = (e["name"] for e in form.all("input", "select", "textarea", "button") if e.has("name"))
                fields |= {n: [] for n in names if n not in fields}
                fields |= {k: [v] if isinstance(v, str) else v for k, v in values_of(form).items()}
    if ANSWER in found:  # a script sends a draft, from the form of the answer
        found["/candidat/test/brouillon"] = found[ANSWER] | {"number": ["1"]}
    return found


def own_posts(stage: Stage, who: str) -> Iterator[tuple[Rule, str]]:
    """Every route that somebody may post to, with its address for what is theirs."""
    for rule in rules(stage.world.app):
        if "POST" in (rule.methods or ()) and has(CALLERS[who], ROWS[rule.endpoint]):
            yield rule, address(stage.world.app, rule, CALLERS[who].own(stage))


@contextmanager
def unfit_statements(stage: Stage) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile with a parameter that PostgreSQL would refuse."""
    found: list[str] = []

    def look(*args: Any) -> None:
        rows = args[3] if isinstance(args[3], list) else [args[3]]
        if any(
            isinstance(v, str) and UNFIT.search(v)
            for row in rows
            for v in (row.values() if isinstance(row, dict) else row)
        ):
            found.append(args[2])

    engine = stage.world.house.db.engine
    event.listen(engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", look)


def post(browser: Browser, path: str, fields: Mapping[str, Sequence[str]], name: str, value: bytes) -> TestResponse:
    """A form with one field of bytes, as no browser sends them."""
    rest = [(k, v) for k, vs in fields.items() if k not in (name, "csrf_token") for v in vs]
    body = urlencode([*rest, ("csrf_token", browser.page.token)]).encode() + b"&" + quote(name).encode() + b"=" + value
    kind = "application/x-www-form-urlencoded"
    answer = browser.client.post(path, data=body, content_type=kind, base_url=browser.base)
    answer.close()
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("who", WRITERS)
def test_no_field_of_any_form_breaks_a_page_or_stores_what_is_no_text(stage: Stage, who: str):
    shown = shown_forms(stage, who, CALLERS[who].browser(stage))
    wrong = []
    tried = 0
    is_quick = stage.world.house.db.engine.dialect.name == "sqlite"
    poisons = POISONS if is_quick else {p: POISONS[p] for p in ON_POSTGRESQL}
    for rule, path in own_posts(stage, who):
        stage.reset()
        known = {k: [v] for k, v in FILLED.items()} | shown.get(path, {})
        for name in sorted(fields_of(stage.world.app, rule, set(shown.get(path, {})))):
            for poison, value in poisons.items():
                if is_quick:
                    stage.reset()
                browser = CALLERS[who].browser(stage)
                with unfit_statements(stage) as refused:
                    answer = post(browser, path, known, name, value)
                tried += 1
                if answer.status_code >= 500 or refused:
                    wrong.append(f"{rule.rule} {name}, {poison}: {answer.status_code} {refused[:1]}")
    assert tried > 50
    assert not wrong, wrong


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # what a form takes does not depend on the database
@pytest.mark.parametrize("who", WRITERS)
def test_a_field_that_a_form_does_not_have_changes_nothing(stage: Stage, who: str):
    """Mass assignment: every column of every table, beside the fields of the form."""
    with stage.world.house.db.read() as connection:
        tables = inspect_database(connection)
        columns = {c["name"] for t in tables.get_table_names() for c in tables.get_columns(t)}
    assert {"seed", "role", "state", "code_hash", "centre_id", "session_id"} <= columns
    shown = shown_forms(stage, who, CALLERS[who].browser(stage))
    wrong = []
    for rule, path in own_posts(stage, who):
        fields = shown.get(path, {})
        read = fields_of(stage.world.app, rule, set(fields))
        asked = {k: v for k, v in ({k: [v] for k, v in FILLED.items()} | fields).items() if k in read}
        more = {c: ["1"] for c in columns - read} | {"is_admin": ["1"], "user_id": ["1"]}
        ended = []
        for sent in (asked, asked | more):
            stage.reset()
            answer = post(CALLERS[who].browser(stage), path, sent, "unheard", b"1")
            ended.append((answer.status_code, made_alike(stage)))
        if ended[0] != ended[1]:
            wrong.append(rule.rule)
    assert not wrong, wrong


def made_alike(stage: Stage) -> dict[str, list[str]]:
    """Every row of every table without what is drawn at random."""
    return {name: sorted(DRAWN.sub("…", repr(row)) for row in rows) for name, rows in stage.stored().items()}


ARGUMENTS = {
    name
    for path in files("*.py", below="web")
    for name in re.findall(r'(?:request\.args|asked)\.get\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
} | {"etat", "session", "categorie"}


@pytest.mark.slow
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)  # the one that is particular
@pytest.mark.parametrize("who", WRITERS)
def test_nothing_in_an_address_breaks_a_page(stage: Stage, who: str):
    assert {"next", "partie", "session"} <= ARGUMENTS
    wrong = []
    caller = CALLERS[who]
    browser = caller.browser(stage)
    for rule in rules(stage.world.app):
        if "GET" not in (rule.methods or ()) or not has(caller, ROWS[rule.endpoint]) or rule.endpoint == "static":
            continue
        path = address(stage.world.app, rule, caller.own(stage))
        for poison in [p for p in POISONS if p != "a long text"]:
            value = POISONS[poison].decode()
            query = "&".join(f"{name}={value}" for name in sorted(ARGUMENTS))
            asked = [f"{path}?{query}"] + [
                address(stage.world.app, rule, caller.own(stage), **{name: "POISON"}).replace("POISON", value)
                for name in rule.arguments
            ]
            for n, one in enumerate(asked):
                with unfit_statements(stage) as refused:
                    page = browser.get(one, expect=0)
                told = page.status in (303, 308, 403, 404) or (n == 0 and page.status < 500)
                told = told or rule.endpoint == "health.ready"  # whose 503 is an answer
                if not told or refused:
                    wrong.append(f"{one[:80]}, {poison}: {page.status} {refused[:1]}")
    assert not wrong, wrong
