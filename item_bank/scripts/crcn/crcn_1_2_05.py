"""Who saved a document last, by its properties."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree


def key(files: list[Path]) -> str:
    """From the core properties; the name stands nowhere in the text."""
    with zipfile.ZipFile(files[0]) as package:
        core = ElementTree.fromstring(package.read("docProps/core.xml"))
        body = "".join(ElementTree.fromstring(package.read("word/document.xml")).itertext())
    values = {child.tag.rsplit("}", 1)[1]: child.text or "" for child in core}
    assert values["lastModifiedBy"].split()[-1] not in body
    assert values["creator"] != values["lastModifiedBy"]
    assert all(name in body for name in ("Paul Lantier", "Inès Barthélemy", "Rachel Moreau"))
    return values["lastModifiedBy"]


def make(folder: Path) -> None:
    """Another name in the property."""
    for variant, name in (("v2", "Damien Vasseur"), ("v3", "Nora Castaing")):
        with (
            zipfile.ZipFile(folder / "crcn-1.2-05.docx") as before,
            zipfile.ZipFile(folder / f"crcn-1.2-05-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "docProps/core.xml":
                    content = content.replace(b"Sonia Delcourt", name.encode())
                after.writestr(info, content)
