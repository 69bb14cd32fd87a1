"""The total of a budget once the changes of one reader are accepted and those of two others refused."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def key(files: list[Path]) -> float:
    """No other choice of readers gives the same total."""
    with zipfile.ZipFile(files[0]) as package:
        document = ElementTree.fromstring(package.read("word/document.xml"))
    authors = {str(e.get(f"{W}author")) for tag in ("ins", "del") for e in document.iter(f"{W}{tag}")}
    assert authors == {"Inès Ferrand", "Marc Okoye", "Judith Lestrade"}
    total = _budget(document, {"Inès Ferrand"})
    others: list[set[str]] = [set(), authors, authors - {"Inès Ferrand"}, {"Marc Okoye"}, {"Judith Lestrade"}]
    assert all(_budget(document, accepted) != total for accepted in others)
    return total


def _budget(document: ElementTree.Element, accepted: set[str]) -> int:
    rows = [[_settled(c, accepted) for c in r.iter(f"{W}tc")] for r in document.iter(f"{W}tr")]
    assert rows[0] == ["Poste", "Montant (€)"]
    return sum(int(amount) for _, amount in rows[1:])


def _settled(cell: ElementTree.Element, accepted: set[str]) -> str:
    text = ""
    for paragraph in cell.iter(f"{W}p"):
        for node in paragraph:
            kept = node.get(f"{W}author") in accepted
            if node.tag == f"{W}r" or (node.tag == f"{W}ins" and kept):
                text += "".join(t.text or "" for t in node.iter(f"{W}t"))
            elif node.tag == f"{W}del" and not kept:
                text += "".join(t.text or "" for t in node.iter(f"{W}delText"))
    return text


def make(folder: Path) -> None:
    """The reader proposed other amounts."""
    for variant, amounts in (("v2", ("3120", "1080", "215")), ("v3", ("2976", "1128", "245"))):
        with (
            zipfile.ZipFile(folder / "crcn-3.1-06.docx") as before,
            zipfile.ZipFile(folder / f"crcn-3.1-06-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "word/document.xml":
                    for old, new in zip(("3072", "1104", "235"), amounts, strict=True):
                        assert content.count(f">{old}<".encode()) == 1
                        content = content.replace(f">{old}<".encode(), f">{new}<".encode())
                after.writestr(info, content)
