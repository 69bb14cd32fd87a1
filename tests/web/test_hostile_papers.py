"""Texts that try to be commands of Typst come out as text in every place of every paper, and nothing is fetched."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typst

from tests.web.paper import Paper
from tests.web.test_documents import attendance as attendance_sheet
from tests.web.test_documents import convocations, eventful, minutes
from tests.web.test_hostile_files import CANARY, listener
from tests.web.world import World
from web.services import typeset

__all__ = ["listener"]  # a fixture of the other file

HOSTILE = (
    '#image("{path}")',
    '#read("{path}")',
    '#include "{path}"',
    '#import "@preview/example:0.1.0": *',
    '#import "@local/x:1.0.0"',
    '#json("{path}")',
    '#plugin("{path}")',
    '#bibliography("{path}")',
    '#eval("read(\\"{path}\\")")',
    '#link("{url}")[x]',
    '#image("{url}")',
    "#sys.inputs.facts",
    '"); #read("{path}"); ("',
    '] #read("{path}") [',
    "#while true {{}}",
    "#set text(fill: white)",
    "#let facts = (:)",
    "\\u{{23}}read",
    "{url}",
)


def _everywhere(node: Any, text: str) -> Any:
    """Facts with a text in the place of every text."""
    match node:
        case str():
            return text
        case dict():
            return {name: _everywhere(value, text) for name, value in node.items()}
        case list():
            return [_everywhere(value, text) for value in node]
        case _:
            return node


PAPERS: dict[str, Callable[[World], Paper]] = {
    "convocation": convocations,
    "attendance": attendance_sheet,
    "minutes": minutes,
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_command_in_every_place_of_a_paper_is_text(
    world: World, tmp_path: Path, listener: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch, name: str
):
    eventful(world)
    url, heard = listener
    (tmp_path / "secret").write_text(CANARY)
    real, made = typeset._compile, []

    def keep(source: Path, facts: str, made_at: Any) -> bytes:
        if source.stem == name:
            made.append((source, json.loads(facts), made_at))
        return real(source, facts, made_at)

    monkeypatch.setattr(typeset, "_compile", keep)
    PAPERS[name](world)
    [(source, facts, made_at)] = made
    for text in HOSTILE:
        hostile = text.format(path=tmp_path / "secret", url=url)
        words = "".join(Paper(real(source, json.dumps(_everywhere(facts, hostile)), made_at)).text.split())
        assert words.count("".join(hostile.split())) >= 5, hostile
        assert CANARY not in words, hostile
    assert not heard


def test_templates_read_their_facts_and_nothing_else():
    """What is not in a template cannot be made to do anything."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in typeset.TEMPLATES.glob("*.typ")}
    assert len(sources) >= 5
    for name, source in sources.items():
        code = re.sub(r"//.*", "", source)
        found = re.findall(
            r"\b(?:eval|read|image|plugin|include|bibliography|yaml|toml|csv|cbor|xml)\s*[(\"]|@preview|@local", code
        )
        assert not found, f"{name}: {found}"
        assert set(re.findall(r'#import "([^"]+)"', code)) <= {"paper.typ"}, name
        assert [line for line in code.splitlines() if "json(" in line] == (
            ["#let facts = json(bytes(sys.inputs.facts))"] if name == "paper.typ" else []
        )


@pytest.mark.parametrize("path", ["/../../../config.py", "../../config.py", "/etc/passwd", "/../../../../etc/passwd"])
def test_even_a_template_reads_nothing_outside_its_folder(path: str):
    with pytest.raises(typst.TypstError):
        typst.compile(f'#read("{path}")'.encode(), root=typeset.TEMPLATES, format="pdf")
