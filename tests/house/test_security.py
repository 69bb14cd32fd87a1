"""The table of docs/security.md names tests that are there, and requirements as the standard numbers them."""

import ast
import re

from tests.house.source import ROOT, nodes

ROW = re.compile(
    r"^\| (?P<threat>[^|]+) \| (?P<defence>[^|]+) \| (?P<test>tests/[^|]+) \| (?P<asvs>[^|]+) \|$", re.MULTILINE
)


def test_every_test_that_the_threat_model_names_is_there():
    rows = list(ROW.finditer((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    assert len(rows) > 40
    missing = []
    for row in rows:
        path, _, name = row["test"].strip().partition("::")
        file = ROOT / path
        known = {n.name for n in nodes(file) if isinstance(n, ast.FunctionDef)} if file.is_file() else set()
        if name not in known:
            missing.append(row["test"])
    assert not missing, f"docs/security.md names tests that are not there: {missing}"


def test_every_requirement_has_the_number_of_a_requirement():
    rows = list(ROW.finditer((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    odd = [
        r["asvs"]
        for r in rows
        if not re.fullmatch(r"V([1-9]|1[0-7])\.\d+\.\d+(, V([1-9]|1[0-7])\.\d+\.\d+)*", r["asvs"].strip())
    ]
    assert not odd


def test_no_row_of_the_table_is_lost_to_its_format():
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    assert sum("| tests/" in line for line in lines) == len(list(ROW.finditer("\n".join(lines))))
