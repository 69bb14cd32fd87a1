"""A second reading without the keys: nothing is given away, every way of answering is understood, the log grows."""

import re
import tomllib
from pathlib import Path
from string import ascii_uppercase

import pytest
from click.testing import CliRunner, Result

from engine.items.item import Gaps, Item, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.read import read_what_can_be
from tests.builders import ITEM_BANK
from web.cli import main
from web.commands import reading_file
from web.commands.reading_file import NotAnAnswer, Question

ITEMS, PROBLEMS = read_what_can_be(ITEM_BANK)
ONE_OF_EACH = {type(i.interaction): i for i in ITEMS}


def palier(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in ("bank", "reading", *arguments)])


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
        assert reading_file.agrees(question, reading_file.reply(question, in_letters(question))), item.id
        assert reading_file.shown_key(question)
        assert not reading_file.agrees(question, reading_file.reply(question, reading_file.PASS))


def test_a_questionnaire_tells_nothing_that_a_reader_must_not_know():
    items = tuple(ONE_OF_EACH.values())
    text = reading_file.written(
        "N", "2026-01-01", 7, [(Question.at(i, 7, n + 1), "x", []) for n, i in enumerate(items)]
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
        reading_file.reply(Question.at(ONE_OF_EACH[kind], 7, 1), answer)


def test_a_reading_goes_from_the_questionnaire_to_the_log_and_is_read_on(tmp_path: Path):
    file, log = tmp_path / "lecture.toml", tmp_path / "journal.toml"
    few = [i for i in ITEMS if (i.framework, i.competence) == ("crcn", "1.3")]
    done = palier(
        "new", file, "--reader", "Aïcha", "--competence", "crcn:1.3", "--status", "approved", "--status", "draft"
    )
    assert done.exit_code == 0, done.output
    assert palier("new", file, "--reader", "x", "--competence", "crcn:1.3").exit_code == 1, "never overwrites"
    asked = reading_file.read(file.read_text(encoding="utf-8"))
    by_id = {str(i.id): i for i in few}
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


def test_an_item_that_has_changed_since_is_to_be_read_again(tmp_path: Path):
    file = tmp_path / "lecture.toml"
    assert palier("new", file, "--reader", "x", "--item", ITEMS[0].id).exit_code == 0
    text = re.sub(r'seen = "\w+"', 'seen = "autre"', answered(file.read_text(encoding="utf-8"), ITEMS[0].id, "?", ""))
    file.write_text(text, encoding="utf-8")
    done = palier("compare", file, "--no-log")
    assert f"à relire : {ITEMS[0].id}" in done.output


def test_a_questionnaire_that_was_broken_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "lecture.toml"
    assert palier("new", file, "--reader", "x", "--item", ITEMS[0].id).exit_code == 0
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace('answer = ""', 'answer = "A'), encoding="utf-8")
    line = whole.split("\n").index('answer = ""') + 1
    done = palier("compare", file)
    assert done.exit_code == 1
    assert f"ligne {line}" in done.output
