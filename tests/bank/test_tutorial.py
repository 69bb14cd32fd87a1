"""The items of the tutorial are as sound as those of the bank, and their file holds the key."""

from python_calamine import CalamineWorkbook

from engine.items.item import Kind, ShortText, Status
from engine.items.read import read_bank
from engine.items.response import is_correct
from tests.house.source import ROOT

TUTORIAL = ROOT / "item_bank" / "tutorial"


def test_every_interaction_is_tried_once_and_none_can_enter_a_release() -> None:
    bank, problems = read_bank(TUTORIAL)
    assert bank is not None, problems
    assert [i.kind for i in bank] == list(Kind)
    assert {i.status for i in bank} == {Status.DRAFT}


def test_the_file_task_is_answered_by_its_file() -> None:
    bank, _ = read_bank(TUTORIAL)
    assert bank is not None
    task = bank.items[-1]
    assert isinstance(task.interaction, ShortText)
    path = TUTORIAL / bank.sources[task.id].path.parent / task.attachments[0].file
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    where = {str(row[header.index("Date")]): str(row[header.index("Destination")]) for row in rows}
    assert is_correct(task.interaction, where["12 mai"])
    assert sum(is_correct(task.interaction, place) for place in where.values()) == 1
