"""What an item can become, who may decide it, and what a decision is worth once the file changed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.approval import (
    STEPS,
    CommentsOpen,
    Decision,
    FindingsOpen,
    NotReadTwice,
    NotThisStep,
    OwnItem,
    Standing,
    require_step,
    standing,
    steps_of,
    with_status,
)
from engine.items.frameworks import Framework
from engine.items.item import Item, Status
from engine.items.read import read_what_can_be
from engine.items.reviews import Reading, parse_log
from engine.kernel import ItemId, PersonId
from tests.builders import ITEM_BANK, an_item

READ = (Reading(ItemId("crcn-1.1-01"), date(2026, 11, 23), "Une lectrice", 1, True),)


def a_draft(**changes: object) -> Item:
    return replace(an_item("crcn-1.1-01"), status=Status.DRAFT, version=1, author="Léa Petit", **changes)


def a_decision(was: Status = Status.DRAFT, becomes: Status = Status.APPROVED) -> Decision:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Decision("d", ItemId("crcn-1.1-01"), 1, "old", was, becomes, "Bonne.", PersonId("p"), at)


def test_a_draft_that_was_read_and_has_no_open_comment_is_approved():
    require_step(a_draft(), Status.APPROVED, None, READ, 0, "Karim Lefort")


@pytest.mark.parametrize(
    ("refusal", "readings", "comments", "who"),
    [
        (NotReadTwice, (), 0, "Karim Lefort"),
        (NotReadTwice, (replace(READ[0], version=2),), 0, "Karim Lefort"),
        (NotReadTwice, (replace(READ[0], agreed=False),), 0, "Karim Lefort"),
        (NotReadTwice, (replace(READ[0], version=None, agreed=None),), 0, "Karim Lefort"),
        (FindingsOpen, (replace(READ[0], findings=(("Deux clés.", "open"),)),), 0, "Karim Lefort"),
        (CommentsOpen, READ, 1, "Karim Lefort"),
        (OwnItem, READ, 0, "léa  PETIT"),
    ],
)
def test_a_draft_is_not_approved_without(refusal: type[Exception], readings, comments: int, who: str):
    for becomes in (Status.APPROVED, Status.PRETEST):
        with pytest.raises(refusal):
            require_step(a_draft(), becomes, None, readings, comments, who)


@pytest.mark.parametrize("status", Status)
def test_an_item_becomes_nothing_but_what_the_table_says(status: Status):
    item = replace(a_draft(), status=status)
    for becomes in Status:
        if becomes not in STEPS[status]:
            with pytest.raises(NotThisStep):
                require_step(item, becomes, None, READ, 0, "Karim Lefort")
        else:
            require_step(item, becomes, None, READ, 0, "Karim Lefort")


def test_only_items_of_the_crcn_are_pre_tested():
    assert Status.PRETEST in steps_of(a_draft())
    assert Status.PRETEST not in steps_of(a_draft(framework=Framework.CRCN_EDU))


def test_a_waiting_decision_is_taken_back_by_the_status_of_the_file():
    require_step(a_draft(), Status.DRAFT, a_decision(), (), 3, "Léa Petit")


def test_a_decision_waits_while_the_file_is_as_it_was_read():
    assert standing(a_decision(), Status.DRAFT, "old") is Standing.WAITING
    assert standing(a_decision(), Status.APPROVED, "new") is Standing.APPLIED
    assert standing(a_decision(), Status.DRAFT, "new") is Standing.LAPSED
    assert standing(a_decision(becomes=Status.DRAFT), Status.DRAFT, "old") is Standing.WITHDRAWN


@given(st.sampled_from(sorted((ITEM_BANK / "items").glob("*/*/*.md"))), st.sampled_from(Status), st.booleans())
def test_a_status_is_written_and_not_a_byte_else(path, status: Status, windows: bool):
    text = path.read_bytes().decode()
    if windows:
        text = text.replace("\n", "\r\n")
    changed = with_status(text, status)
    differing = [(a, b) for a, b in zip(text.split("\n"), changed.split("\n"), strict=True) if a != b]
    assert all(a.startswith("status = ") and b.strip() == f'status = "{status}"' for a, b in differing)
    assert f'\nstatus = "{status}"' in changed
    assert with_status(with_status(text, Status.DRAFT), status) == changed


def test_a_file_whose_front_matter_has_no_status_is_told():
    with pytest.raises(ValueError, match="no line"):
        with_status('+++\nid = "x"\n+++\nstatus = "draft"\n', Status.APPROVED)


def test_a_log_says_which_items_were_read_and_what_was_found():
    text = (
        'date = "2026-11-23"\nreader = "Une lectrice"\nitems_read = 2\n'
        'read = [{ item = "b", version = 2, agreed = false }, { item = "a", version = 1, agreed = true }]\n'
        '[[findings]]\nitem = "b"\nfinding = "Deux clés."\naction = "open"\n'
        '[[findings]]\nitem = "c"\nfinding = "Un mot."\naction = "mended"\n'
    )
    a, b, c = parse_log(text)
    assert (a.item, a.version, a.agreed, a.findings) == ("a", 1, True, ())
    assert (b.version, b.agreed, b.is_open) == (2, False, True)
    assert (c.version, c.agreed, c.is_open) == (None, None, False)


@pytest.mark.parametrize(
    "text", ["date =", "reader = 'x'", 'date = "2026-11-23"\nreader = "x"\nread = [{ item = "a" }]']
)
def test_a_log_that_is_none_says_why(text: str):
    with pytest.raises(ValueError, match=r".+"):
        parse_log(text)


def test_all_logs_of_the_bank_are_read_and_name_items_that_are_there():
    items = {item.id for item in read_what_can_be(ITEM_BANK)[0]}
    logs = sorted((ITEM_BANK / "reviews").glob("*.toml"))
    readings = [r for log in logs for r in parse_log(log.read_text(encoding="utf-8"))]
    assert len(readings) > 80
    assert {r.item for r in readings} <= items
