"""How many pupils a group on proportionality will have."""

from pathlib import Path

from odfdo import Document
from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> float:
    """Those who were there and solved fewer than three of its five questions."""
    book = CalamineWorkbook.from_path(files[0])
    wanted = {row[0] for row in book.get_sheet_by_name("Questions").to_python()[1:] if row[1] == "Proportionnalité"}
    head, *pupils = book.get_sheet_by_name("Réponses").to_python()
    columns = [place for place, name in enumerate(head) if name in wanted]
    assert len(columns) == 5
    present = [row for row in pupils if "abs" not in row]
    assert len(present) < len(pupils)
    return sum(sum(row[place] == 1 for place in columns) < 3 for row in present)


def make(folder: Path) -> None:
    """Three pupils leave the group, or three more belong to it."""
    asked = ("E", "H", "I", "L", "O")  # the columns of Q3, Q6, Q7, Q10, Q13
    for variant, solved in (("v2", 3), ("v3", 2)):
        document = Document(folder / "edu-3.3-02.ods")
        table = document.body.get_table(name="Réponses")
        left = 3
        for row in range(4, 29):
            values = [table.get_value(f"{column}{row}") for column in asked]
            if left and "abs" not in values and (values.count(1) < 3) == (solved == 3):
                for n, column in enumerate(asked):
                    table.set_value(f"{column}{row}", int(n < solved))
                left -= 1
        document.save(folder / f"edu-3.3-02-{variant}.ods", pretty=False)
