"""A second reading without the keys: nothing is given away, every way of answering is understood, the log grows."""

import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from string import ascii_uppercase
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from engine.items.item import Gaps, Item, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.read import read_what_can_be
from engine.items.variants import every_variant
from tests.builders import ITEM_BANK
from web.cli import main
from web.preview import letters, reading_file
from web.preview.app import create_reading
from web.preview.letters import NotAnAnswer, Question

ITEMS, PROBLEMS = read_what_can_be(ITEM_BANK)
Palier: TypeAlias = Callable[..., Result]
FEW = [i for i in ITEMS if (i.framework, i.competence) == ("crcn", "1.3")]
ONE_OF_EACH = {type(i.interaction): i for i in ITEMS}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with the items of one competence: read in no time."""
    root = tmp_path_factory.mktemp("bank")
    shutil.copytree(ITEM_BANK / "items" / "crcn" / "1.3", root / "items" / "crcn" / "1.3")
    return root


@pytest.fixture
def palier(small: Path) -> Palier:
    """`palier bank reading` on it."""

    def run(command: str, *arguments: str | Path) -> Result:
        words = ("bank", "reading", command, "--root", small, *arguments)
        return CliRunner().invoke(main, [str(word) for word in words])

    return run


def in_letters(question: Question) -> str:
    """The key as a reader would write it."""
    it = question.shown

    def letter(choices, wanted: str) -> str:
        return next(name for name, c in zip(ascii_uppercase, choices, strict=False) if c.id == wanted)

    match it:
        case SingleChoice():
            return letter(it.choices, it.key)
        case MultipleChoice() | Ordering():
            return " ".join(letter(it.choices, k) for k in it.key)
        case ShortText():
            return it.key[0]
        case Number():
            return f"{it.key:f}".replace(".", ",")
        case Matching():
            return " ".join(f"{n}{letter(it.choices, dict(it.key)[p.id])}" for n, p in enumerate(it.prompts, start=1))
        case Gaps():
            return ", ".join(f"{g.id[1:]}: {letter(g.choices, dict(it.key)[g.id]).lower()}" for g in it.gaps)


def test_the_key_in_the_letters_of_the_questionnaire_agrees_for_every_item_of_the_bank():
    assert len(ITEMS) > 200
    for place, item in enumerate(ITEMS, start=1):
        question = Question.at(item, 7, place)
        assert letters.agrees(question, letters.reply(question, in_letters(question))), item.id
        assert letters.shown_key(question)
        assert not letters.agrees(question, letters.reply(question, letters.PASS))


def test_a_questionnaire_tells_nothing_that_a_reader_must_not_know():
    items = tuple(ONE_OF_EACH.values())
    text = reading_file.written(
        "N", "2026-01-01", 7, [(Question.at(i, 7, n + 1), 1, "x", []) for n, i in enumerate(items)]
    )
    whole = " ".join(re.sub(r"^# ?", "", text, flags=re.MULTILINE).split())
    for item in items:
        for secret in (item.rationale, item.level_reason, item.source, *whys(item)):
            assert " ".join(secret.split()) not in whole
    assert tomllib.loads(text)["answers"][0]["answer"] == ""


def whys(item: Item) -> list[str]:
    return [c.why for c in getattr(item.interaction, "choices", ()) if c.why]


@pytest.mark.parametrize(
    ("kind", "answer", "told"),
    [
        (SingleChoice, "A B", "plusieurs lettres"),
        (SingleChoice, "Z", "les lettres vont de A"),
        (SingleChoice, "oui ?", "ce ne sont pas des lettres"),
        (MultipleChoice, "A A", "une fois"),
        (Ordering, "A", "toutes les lettres"),
        (Matching, "A B C", "une lettre pour chaque numéro"),
        (Matching, "1A 2A 3A 4A", "une fois au plus"),
        (Matching, "99A", "les numéros vont de 1"),
        (Gaps, "1A 1B", "une fois chacun"),
        (Number, "douze", "pas un nombre"),
    ],
)
def test_an_answer_that_is_none_is_told_in_words(kind: type, answer: str, told: str):
    with pytest.raises(NotAnAnswer, match=told):
        letters.reply(Question.at(ONE_OF_EACH[kind], 7, 1), answer)


def test_a_reading_goes_from_the_questionnaire_to_the_log_and_is_read_on(palier: Palier, tmp_path: Path):
    file, log = tmp_path / "lecture.toml", tmp_path / "journal.toml"
    done = palier(
        "new", file, "--reader", "Aïcha", "--competence", "crcn:1.3", "--status", "approved", "--status", "draft"
    )
    assert done.exit_code == 0, done.output
    assert palier("new", file, "--reader", "x", "--competence", "crcn:1.3").exit_code == 1, "never overwrites"
    asked = reading_file.read(file.read_text(encoding="utf-8"))
    variants = {str(i.id): every_variant(i) for i in FEW}
    by_id = {row.item: variants[row.item][row.variant - 1] for row in asked.answers}
    text = file.read_text(encoding="utf-8")
    for place, row in enumerate(asked.answers[:4], start=1):
        question = Question.at(by_id[row.item], asked.seed, place)
        reply = in_letters(question) if place > 1 else "?"
        text = answered(text, row.item, reply, 'L\'énoncé a "deux" sens.' if place == 2 else "")
    file.write_text(text, encoding="utf-8")

    done = palier("compare", file, "--log", log)
    assert done.exit_code == 0, done.output
    assert by_id[asked.answers[0].item].rationale in done.output
    assert f"Sans réponse : {asked.answers[4].item}" in done.output
    found = tomllib.loads(log.read_text(encoding="utf-8"))
    assert (found["reader"], found["items_read"], found["agreed_blind"]) == ("Aïcha", 4, 3)
    assert [f["action"] for f in found["findings"]] == ["open", "open"]

    settled = log.read_text(encoding="utf-8").replace('action = "open"', 'action = "mended"')
    log.write_text(settled, encoding="utf-8")
    row = asked.answers[4]
    file.write_text(answered(text, row.item, "?", ""), encoding="utf-8")
    assert palier("compare", file, "--log", log).exit_code == 0
    again = tomllib.loads(log.read_text(encoding="utf-8"))
    assert (again["items_read"], again["agreed_blind"]) == (5, 3)
    assert [f["action"] for f in again["findings"]] == ["mended", "mended", "open"]


def answered(text: str, item: str, reply: str, doubts: str) -> str:
    at = text.index(f'item = "{item}"')
    rest = text[at:].replace('answer = ""', f"answer = {reading_file.quoted(reply)}", 1)
    return text[:at] + rest.replace('doubts = ""', f"doubts = {reading_file.quoted(doubts)}", 1)


def test_an_item_that_has_changed_since_is_to_be_read_again(palier: Palier, tmp_path: Path):
    file = tmp_path / "lecture.toml"
    assert palier("new", file, "--reader", "x", "--item", FEW[0].id).exit_code == 0
    text = re.sub(r'seen = "\w+"', 'seen = "autre"', answered(file.read_text(encoding="utf-8"), FEW[0].id, "?", ""))
    file.write_text(text, encoding="utf-8")
    done = palier("compare", file, "--no-log")
    assert f"à relire : {FEW[0].id}" in done.output


def test_a_questionnaire_that_was_broken_is_told_with_its_line(palier: Palier, tmp_path: Path):
    file = tmp_path / "lecture.toml"
    assert palier("new", file, "--reader", "x", "--item", FEW[0].id).exit_code == 0
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace('answer = ""', 'answer = "A'), encoding="utf-8")
    line = whole.split("\n").index('answer = ""') + 1
    done = palier("compare", file)
    assert done.exit_code == 1
    assert f"ligne {line}" in done.output


def test_every_variant_of_a_file_task_can_be_read(palier: Palier, tmp_path: Path):
    file = tmp_path / "lecture.toml"
    task = next(i for i in FEW if i.variants)
    assert palier("new", file, "--reader", "x", "--item", task.id, "--every-variant").exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert [row.variant for row in reading_file.read(text).answers] == list(range(1, len(task.variants) + 2))
    for attachment in (a for one in every_variant(task) for a in one.attachments):
        assert text.count(f"/{attachment.file}\n") == 1
        assert (tmp_path / "lecture-fichiers" / attachment.file).is_file()


def form_of(item: Item) -> dict[str, str | list[str]]:
    """The key as the form of the candidate would send it."""
    match item.interaction:
        case MultipleChoice(key=keys):
            return {"reply": sorted(keys)}
        case Ordering(key=order):
            return {f"place-{choice}": str(n) for n, choice in enumerate(order, start=1)}
        case Matching(key=pairs):
            return {f"pair-{p}": c for p, c in pairs}
        case Gaps(key=pairs):
            return {f"gap-{g}": c for g, c in pairs}
        case ShortText(key=keys):
            return {"reply": keys[0]}
        case SingleChoice(key=key) | Number(key=key):
            return {"reply": str(key)}


def test_a_reading_on_screen_fills_in_the_file_and_gives_no_key_away(palier: Palier, small: Path, tmp_path: Path):
    file = tmp_path / "lecture.toml"
    items = list({type(i.interaction): i for i in FEW if not i.variants}.values())
    options = [text for i in items for text in ("--item", i.id)]
    assert palier("new", file, "--reader", "x", *options).exit_code == 0
    page = create_reading(small, file).test_client()
    here = {"base_url": "http://127.0.0.1:8765"}
    token = re.search(r'name="csrf_token" value="(\w+)"', page.get("/question/1", **here).text)[1]
    by_id = {str(i.id): i for i in items}
    rows = reading_file.read(file.read_text(encoding="utf-8")).answers
    for place, row in enumerate(rows, start=1):
        shown = page.get(f"/question/{place}", **here).text
        for secret in (by_id[row.item].rationale, by_id[row.item].level_reason, *whys(by_id[row.item])):
            assert secret[:50] not in shown
        said = {
            "csrf_token": token,
            "action": "valider",
            "niveau": "3",
            "doutes": 'Deux\nlignes, "citées".',
            **form_of(by_id[row.item]),
        }
        assert page.post(f"/question/{place}", data={**said, "doutes": "avant"}, **here).status_code == 303
        assert page.post(f"/question/{place}", data=said, **here).status_code == 303, "and again"
    found = reading_file.read(file.read_text(encoding="utf-8")).answers
    assert [(row.level, row.doubts) for row in found] == [("3", 'Deux\nlignes, "citées".')] * len(rows)
    assert f"{len(rows)} réponses, {len(rows)} comme la clé" in palier("compare", file, "--no-log").output
    assert "Toutes les questions" in page.get("/fin", **here).text
    assert page.post("/question/1", data={"action": "passer", "csrf_token": token}, **here).status_code == 303
    assert reading_file.read(file.read_text(encoding="utf-8")).answers[0].answer == "?"
    assert page.get("/epreuve/crcn-1.3-01", **here).status_code == 404
    assert page.post("/question/1", data={"action": "passer"}, **here).status_code == 403, "no form of another page"
    file.write_text(file.read_text(encoding="utf-8").replace("seed = ", "seed = x"), encoding="utf-8")
    assert "ligne" in page.get("/question/1", **here).text
