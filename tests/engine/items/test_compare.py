"""What one release has that another has not."""

from engine.items.compare import Moved, compare
from engine.items.freeze import ItemRow, Manifest, ParameterRow
from engine.items.release import Provenance


def row(item: str, version: int = 1, digest: str = "d", b: float = 0.0, pretest: bool = False) -> ItemRow:
    return ItemRow(
        id=item,
        version=version,
        path=f"items/{item}",
        digest=digest,
        parameters=ParameterRow(a=1, b=b),
        pretest=pretest,
    )


def release(*rows: ItemRow) -> Manifest:
    return Manifest(name="r", provenance=Provenance.TAGS, note="", items=rows)


def test_items_come_change_and_go():
    old = release(row("crcn-1.1-01"), row("crcn-1.1-02"), row("crcn-1.1-03"), row("crcn-1.1-04"))
    new = release(row("crcn-1.1-02", 2, "e"), row("crcn-1.1-03", 1, "e"), row("crcn-1.1-04"), row("crcn-1.1-05"))
    found = compare(old, new)
    assert found.added == ("crcn-1.1-05",)
    assert found.gone == ("crcn-1.1-01",)
    assert found.changed == (("crcn-1.1-02", 1, 2), ("crcn-1.1-03", 1, 1))
    assert found.unversioned == ("crcn-1.1-03",)
    assert not found.moved


def test_parameters_that_move_are_told_and_the_farthest_first():
    old = release(row("crcn-1.1-01"), row("crcn-1.1-02"), row("crcn-1.1-03"))
    new = release(row("crcn-1.1-01", b=0.1), row("crcn-1.1-02", b=0.4), row("crcn-1.1-03", b=-0.5))
    found = compare(old, new)
    assert [m.item for m in found.moved] == ["crcn-1.1-01", "crcn-1.1-02", "crcn-1.1-03"]
    assert [m.item for m in found.notable] == ["crcn-1.1-03", "crcn-1.1-02"]
    assert found.notable[0] == Moved("crcn-1.1-03", (1, 1), (0, -0.5), (0, 0))


def test_items_that_begin_or_cease_to_count_are_told():
    found = compare(
        release(row("crcn-1.1-01", pretest=True), row("crcn-1.1-02")),
        release(row("crcn-1.1-01"), row("crcn-1.1-02", pretest=True)),
    )
    assert (found.promoted, found.demoted) == (("crcn-1.1-01",), ("crcn-1.1-02",))
    same = release(row("crcn-1.1-01"))
    assert compare(same, same).is_empty
