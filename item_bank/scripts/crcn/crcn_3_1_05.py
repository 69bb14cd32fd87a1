"""The only numbered subtitle of a guide that has no style of a title."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLED = '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>'
PAINTED = (
    '<w:p><w:pPr><w:keepNext/><w:spacing w:before="200" w:after="0"/></w:pPr>'
    '<w:r><w:rPr><w:b/><w:color w:val="1F3A5F"/><w:sz w:val="26"/></w:rPr><w:t>'
)


def key(files: list[Path]) -> str:
    """Its number."""
    with zipfile.ZipFile(files[0]) as package:
        document = ElementTree.fromstring(package.read("word/document.xml"))
    styled, painted = [], []
    for paragraph in document.iter(f"{W}p"):
        text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
        if re.match(r"\d\.\d ", text):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            (styled if style is not None and style.get(f"{W}val") == "Heading2" else painted).append(text)
    assert len(styled) == 19
    assert len(painted) == 1
    return painted[0].split()[0]


def make(folder: Path) -> None:
    """The subtitle gets its style, another one loses it."""
    for variant, other in (("v2", "2.3 Retards et relances"), ("v3", "3.2 Le classement des rayons")):
        with (
            zipfile.ZipFile(folder / "crcn-3.1-05.docx") as before,
            zipfile.ZipFile(folder / f"crcn-3.1-05-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "word/document.xml":
                    text = content.decode()
                    assert PAINTED in text
                    assert STYLED + other in text
                    text = text.replace(PAINTED, STYLED).replace(STYLED + other, PAINTED + other)
                    content = text.encode()
                after.writestr(info, content)
