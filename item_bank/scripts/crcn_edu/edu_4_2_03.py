"""How many pupils are weak in fractions only."""

import random
from pathlib import Path

from odfdo import Document
from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> float:
    """Below 50 in fractions, at least 60 in algebra; those who were away have no score."""
    header, *rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    fractions, algebra = header.index("Fractions (%)"), header.index("Calcul littéral (%)")
    assert len(rows) > 100
    present = [row for row in rows if "abs" not in (row[fractions], row[algebra])]
    assert len(present) < len(rows)
    assert any(row[fractions] == 50 and float(str(row[algebra])) >= 60 for row in present)
    return sum(float(str(row[fractions])) < 50 and float(str(row[algebra])) >= 60 for row in present)


def make(folder: Path) -> None:
    """Some pupils have another score in fractions."""
    for variant, low in (("v2", False), ("v3", True)):
        dice = random.Random(f"edu-4.2-03/{variant}")
        document = Document(folder / "edu-4.2-03.ods")
        table = document.body.get_table(position=0)
        for row in dice.sample(range(2, 100), 14):
            if table.get_value(f"C{row}") != "abs":
                table.set_value(f"C{row}", dice.choice([25, 30, 45] if low else [55, 65, 75]))
        document.save(folder / f"edu-4.2-03-{variant}.ods", pretty=False)
