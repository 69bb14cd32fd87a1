"""What the orders of one subject cost with the prices of the catalogue."""

import random
from pathlib import Path

import openpyxl


def key(files: list[Path]) -> str:
    """In euros and cents, added up in cents."""
    book = openpyxl.load_workbook(files[0], data_only=True)
    catalogue = list(book["Catalogue"].iter_rows(min_row=2, values_only=True))
    orders = list(book["Commandes"].iter_rows(min_row=2, values_only=True))
    prices = {row[0]: round(float(str(row[2])) * 100) for row in catalogue}
    assert len(prices) == len(catalogue)
    assert all(str(subject) == str(subject).strip() for _, _, subject, _ in orders)
    biology = [(code, int(str(quantity))) for _, code, subject, quantity in orders if subject == "SVT"]
    cents = sum(prices[code] * quantity for code, quantity in biology)
    return f"{cents // 100},{cents % 100:02}"


def make(folder: Path) -> None:
    """Other prices in the catalogue."""
    for variant in ("v2", "v3"):
        dice = random.Random(f"crcn-1.3-07/{variant}")
        book = openpyxl.load_workbook(folder / "crcn-1.3-07.xlsx")
        for (price,) in book["Catalogue"].iter_rows(min_row=2, min_col=3, max_col=3):
            price.value = round(float(str(price.value)) * dice.uniform(0.8, 1.2), 2)
        book.save(folder / f"crcn-1.3-07-{variant}.xlsx")
