"""What candidates read is sound HTML, whatever an author wrote."""

from engine.items.read import read_bank
from tests.builders import ITEM_BANK
from tests.house.dom import read
from web.rendering import body_parts


def test_every_head_of_a_table_says_something():
    tables = 0
    bank, _ = read_bank(ITEM_BANK)
    assert bank is not None
    for item in bank.items:
        html = "".join(markup for kind, markup in body_parts(item, "/media/") if kind == "html")
        heads = read(html).root.all("th")
        tables += bool(heads)
        assert all(head.text.strip() for head in heads), f"{item.id}: a head of a table is empty"
    assert tables > 10
