"""Every refusal has a code of its own, a status, and a sentence in French; every word that people read is there."""

import ast
import importlib
import pkgutil
from collections import Counter
from types import ModuleType

import engine
import web
from engine.adaptive.gates import Stage
from engine.calibration.file import Flag as Look
from engine.delivery.events import EVENTS
from engine.delivery.session import Mode, SessionState
from engine.delivery.states import State
from engine.items.approval import Standing
from engine.items.frameworks import Framework, Level, Track
from engine.items.item import Demand, Kind, Status
from engine.items.release import Provenance
from engine.kernel import EngineError
from engine.proctoring.incident import Category
from engine.proctoring.ruling import Decision
from engine.scoring.result import Cause, Flag
from engine.scoring.rules import Rule
from tests.house.source import dotted, files, nodes, short
from web import french
from web.db.people import Role
from web.errors import HTTP_SENTENCES, REFUSALS
from web.services.alerts import Wrong
from web.services.board import Attention, View
from web.services.checkin import Line, Result
from web.services.control_request import Action
from web.services.facts import FactKind
from web.services.monitoring import OVEREXPOSED

LEFT_OUT = ("web.wsgi", "web.db.migrations")  # they run when they are imported


def modules() -> list[ModuleType]:
    """Every module of the engine and of the web."""
    names = [
        found.name
        for package in (engine, web)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.startswith(LEFT_OUT) and found.name != "web.gunicorn.conf"
    ]
    assert len(names) > 80
    return [importlib.import_module(name) for name in names]


def refusals() -> list[type[EngineError]]:
    """Every class of refusal; those of docstring examples have no place in a module."""
    homes = {module.__name__: module for module in modules()}
    found: list[type[EngineError]] = []
    todo = [EngineError]
    while todo:
        for child in todo.pop().__subclasses__():
            todo.append(child)
            if getattr(homes.get(child.__module__), child.__name__, None) is child:
                found.append(child)
    assert len(found) > 40
    return found


def test_every_refusal_has_a_code_of_its_own():
    nameless = [c.__name__ for c in refusals() if "code" not in vars(c)]
    assert not nameless, f"give each a code: {nameless}"
    twice = [code for code, n in Counter(c.code for c in refusals()).items() if n > 1]
    assert not twice, f"one code, one refusal: {twice}"


def test_every_refusal_has_a_status_and_a_sentence():
    missing = {c.__name__: c.code for c in refusals() if c.code not in REFUSALS}
    assert not missing, f"add a row to web.errors.REFUSALS: {missing}"


def test_every_row_belongs_to_a_refusal():
    orphans = set(REFUSALS) - {c.code for c in refusals()}
    assert not orphans, f"no refusal has these codes any more: {orphans}"


def test_sentences_are_sentences():
    told = {code: answer.sentence for code, answer in REFUSALS.items()} | HTTP_SENTENCES
    bad = [
        key for key, s in told.items() if not (s[0].isupper() and s.endswith(".") and len(s) <= 200 and "  " not in s)
    ]
    assert not bad, f"write a whole sentence that says what to do: {bad}"
    assert {answer.status for answer in REFUSALS.values()} <= {400, 401, 403, 404, 409, 429, 500, 503}


def test_every_refusal_says_when_it_is_raised():
    mute = [c.__name__ for c in refusals() if not (c.__doc__ or "").strip().endswith(".")]
    assert not mute, f"say in a docstring what is refused: {mute}"


def test_refusals_are_raised_with_a_sentence():
    """`raise NotOnScreen()` would tell nobody anything."""
    names = {c.__name__ for c in refusals()}
    raised = 0
    for path in files("*.py", below="engine") + files("*.py", below="web"):
        for node in nodes(path):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and dotted(node.exc.func) in names:
                raised += 1
                assert node.exc.args, f"{short(path)}:{node.lineno}: say why"
            bare = isinstance(node, ast.Raise) and node.exc is not None and dotted(node.exc) in names
            assert not bare, f"{short(path)}: say why"
    assert raised > 50


def test_everything_that_people_read_has_a_french_name():
    noted = {
        node.args[3].value
        for path in files("*.py", below="web/services")
        for node in nodes(path)
        if isinstance(node, ast.Call) and dotted(node.func).endswith("session_rows.note")
        if isinstance(node.args[3], ast.Constant)
    }
    assert len(noted) >= 6
    silent = {"presented", "answered", "ruled"}  # the journal leaves them out
    wanted = {
        "SITTING_STATES": {*State},
        "SESSION_STATES": {*SessionState},
        "ATTENTION": {*Attention},
        "FACTS": {*FactKind},
        "CHECK_LINES": {*Line},
        "CHECK_RESULTS": {*Result},
        "VIEWS": {*View},
        "ALERT_REASONS": {*Wrong},
        "DEMANDS": {*Demand},
        "CATEGORIES": {*Category},
        "DECISIONS": {*Decision},
        "FLAGS": {*Flag},
        "CAUSES": {*Cause},
        "FLAG_NAMES": {*Flag},
        "RULES": {*Rule},
        "ROLES": {*Role},
        "PROVENANCES": {*Provenance},
        "ITEM_STATUSES": {*Status},
        "ITEM_DECISIONS": {*Status},
        "STANDINGS": {*Standing},
        "STAGES": {*map(int, Stage)},
        "ALARMS": {OVEREXPOSED, *Look},
        "TRACKS": {*Track},
        "MODES": {*Mode},
        "CONTROLS": {*Action, "propose"},
        "FRAMEWORKS": {*Framework},
        "LEVELS": {level.slug for level in Level},
        "HAPPENED": ({e.kind for e in EVENTS} | noted) - silent
        | {"incident", "follow_up", "checked", "ruling_confirmed", "ruling_refused"}
        | {f"ruling_{d}" for d in Decision},
    }
    if hasattr(french, "KINDS"):
        wanted["KINDS"] = {*Kind}
    for table, keys in wanted.items():
        have = {str(key) for key in getattr(french, table)}
        assert have == {str(key) for key in keys}, f"web.french.{table}"
