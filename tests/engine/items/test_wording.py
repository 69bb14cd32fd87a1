"""Sentences that are too long, and words that give a key away."""

from dataclasses import replace

import pytest

from engine.items.item import Choice, SingleChoice
from engine.items.wording import faults_of_wording, lix, prose
from tests.builders import an_item

LONG = " ".join(["mot"] * 36)
BODY = "Une classe prépare une exposition.\n\n**Que faire ?**"


def told(*items) -> list[str]:
    return [sentence for _, _, sentence in faults_of_wording(items)]


def choices(*texts: str, key: str = "a") -> SingleChoice:
    return SingleChoice(tuple(Choice(i, text) for i, text in zip("abcd", texts, strict=False)), key)


def test_a_sentence_of_more_than_35_words_is_told_with_its_beginning():
    [sentence] = told(an_item("crcn-1.1-01", body=f"{LONG}.\n\n**Que faire ?**"))
    assert "36 words (« mot mot mot mot mot mot … »)" in sentence
    assert not told(an_item("crcn-1.1-01", body=f"{LONG.removesuffix(' mot')}.\n\n**Que faire ?**"))


def test_a_text_of_long_words_is_hard_to_read():
    [sentence] = told(an_item("crcn-1.1-01", body="Vérifiez scrupuleusement l'authentification institutionnelle."))
    assert sentence.startswith("hard to read (LIX ")


def test_lix_counts_words_a_sentence_and_long_words():
    assert lix("Un deux trois. Quatre cinq.") == 2.5
    assert lix("Un deux septante. Quatre cinq.") == pytest.approx(2.5 + 100 / 5)
    assert lix("") == 0


def test_code_tables_images_and_marks_are_no_prose():
    assert prose("![](a.svg)\n| a | b |\n**Un** `x = 1` [[g1]]").split() == ["Un", "code", "mot"]


def test_a_word_of_question_and_key_alone_is_a_clue():
    plain = [an_item(f"crcn-1.1-{n:02}", body=f"Une situation {n}.") for n in range(2, 60)]
    body = "Le vidéoprojecteur clignote.\n\n**Que faire ?**"
    item = an_item("crcn-1.1-01", body=body, interaction=choices("Éteindre les vidéoprojecteurs", "Attendre", "Sortir"))
    [sentence] = told(item, *plain)
    assert "« vidéoprojecteur »" in sentence
    shared = choices("Éteindre les vidéoprojecteurs", "Regarder le vidéoprojecteur", "Sortir")
    assert not told(replace(item, interaction=shared), *plain)


def test_a_word_of_the_trade_is_no_clue():
    many = [an_item(f"crcn-1.1-{n:02}", body=f"Un élève arrive {n}.") for n in range(2, 60)]
    item = an_item("crcn-1.1-01", body="Un élève lit.", interaction=choices("Aider l'élève", "Attendre", "Sortir"))
    assert not told(item, *many)
