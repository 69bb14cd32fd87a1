"""The only part title of a booklet that has the look but not the style of a title."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLED = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>'
DRESSED = (
    '<w:p><w:pPr><w:keepNext/><w:spacing w:before="360" w:after="120"/></w:pPr><w:r><w:rPr>'
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial"/><w:b/><w:sz w:val="32"/></w:rPr><w:t>'
)


def key(files: list[Path]) -> str:
    """Its words."""
    with zipfile.ZipFile(files[0]) as archive:
        document = ElementTree.fromstring(archive.read("word/document.xml"))
    styled, dressed = [], []
    for paragraph in document.iter(f"{WORD}p"):
        text = "".join(node.text or "" for node in paragraph.iter(f"{WORD}t"))
        style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
        if style is not None and style.get(f"{WORD}val") == "Heading1":
            styled.append(text)
        elif style is None and paragraph.find(f"{WORD}r/{WORD}rPr/{WORD}b") is not None:
            dressed.append(text)
    assert len(styled) == 13
    assert len(dressed) == 1
    return dressed[0]


def make(folder: Path) -> None:
    """The title gets its style, another one loses it."""
    for variant, other in (("v2", "Le phare"), ("v3", "Les marées")):
        with (
            zipfile.ZipFile(folder / "edu-2.2-01.docx") as before,
            zipfile.ZipFile(folder / f"edu-2.2-01-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "word/document.xml":
                    text = content.decode()
                    assert DRESSED in text
                    assert f"{STYLED}{other}<" in text
                    text = text.replace(DRESSED, STYLED).replace(f"{STYLED}{other}<", f"{DRESSED}{other}<")
                    content = text.encode()
                after.writestr(info, content)
