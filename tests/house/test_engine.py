"""The engine is told everything: the time, the chance, the settings."""

import ast
import re

from tests.house.source import dotted, files, imports, nodes, short

FORBIDDEN = {
    "web", "flask", "flask_login", "flask_wtf", "werkzeug", "jinja2", "wtforms", "sqlalchemy", "alembic", "structlog",
    "os", "time", "random", "secrets", "uuid", "socket", "subprocess", "threading", "asyncio", "logging", "requests",
    "urllib", "http", "sqlite3", "tempfile", "getpass", "locale", "click",
}  # fmt: skip
ASKED = re.compile(r"(^|\.)(now|today|utcnow|fromtimestamp|monotonic|perf_counter|environ|getenv|urandom)$")
GLOBAL_DICE = re.compile(r"(^|\.)(np|numpy)\.random\.(?!default_rng$|Generator$|PCG64$|Philox$|SeedSequence$)\w+$")
READERS = {"engine/items/read.py"}


def test_the_engine_imports_nothing_that_would_make_it_impure():
    for path in files("*.py", below="engine"):
        found = {name for name in imports(path) if name.split(".")[0] in FORBIDDEN}
        assert not found, f"{short(path)}: let it come in as an argument instead of importing {sorted(found)}"


def test_the_engine_asks_neither_for_the_time_nor_for_the_environment():
    for path in files("*.py", below="engine"):
        for node in nodes(path):
            if isinstance(node, ast.Attribute):
                name = dotted(node)
                assert not ASKED.search(name), f"{short(path)}:{node.lineno}: take `now` as an argument, not {name}"


def test_the_engine_rolls_only_dice_that_it_was_given():
    for path in files("*.py", below="engine"):
        for node in nodes(path):
            if isinstance(node, ast.Attribute):
                assert not GLOBAL_DICE.search(dotted(node)), f"{short(path)}:{node.lineno}: {dotted(node)}"
            if isinstance(node, ast.Call) and dotted(node.func).endswith("default_rng"):
                assert node.args, f"{short(path)}:{node.lineno}: seed the generator"


def test_only_the_reader_opens_files():
    opening = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "iterdir", "unlink", "mkdir"}
    for path in files("*.py", below="engine"):
        if short(path) in READERS:
            continue
        for node in nodes(path):
            if isinstance(node, ast.Call):
                name = dotted(node.func).rsplit(".", 1)[-1]
                assert name not in opening, f"{short(path)}:{node.lineno}: leave files to {sorted(READERS)}"


def test_the_engine_keeps_no_state():
    """A value that a module keeps and changes would make two runs differ."""
    for path in files("*.py", below="engine"):
        for node in nodes(path):
            assert not isinstance(node, ast.Global), f"{short(path)}:{node.lineno}: no globals"


def test_the_web_looks_at_the_wall_clock_in_one_place():
    for path in files("*.py", below="web"):
        if short(path) == "web/now.py":
            continue
        for node in nodes(path):
            if isinstance(node, ast.Attribute):
                asked = re.search(r"(^|\.)(datetime|date)\.(now|today|utcnow)$|^time\.time$", dotted(node))
                assert not asked, f"{short(path)}:{node.lineno}: use web.now, so that tests can set it"


def test_seats_leave_the_database_to_services():
    for seat in ("candidate", "centre", "proctor", "jury", "admin", "home"):
        for path in files("*.py", below=f"web/{seat}"):
            found = {name for name in imports(path) if name.split(".")[0] in ("sqlalchemy", "alembic")}
            assert not found, f"{short(path)}: {sorted(found)}"
