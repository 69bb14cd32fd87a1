"""What a family pays once the changes of one person are accepted and those of another refused."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def key(files: list[Path]) -> float:
    """Instalments, less the reduction, plus what is added, in article 4."""
    with zipfile.ZipFile(files[0]) as package:
        body = ElementTree.fromstring(package.read("word/document.xml")).find(f"{WORD}body")
    assert body is not None
    authors = {part.get(f"{WORD}author") for part in body.iter() if part.tag in (f"{WORD}ins", f"{WORD}del")}
    assert authors == {"Inès Moreau", "Karim Benali"}
    text = "\n".join(_settled(paragraph, "Inès Moreau") for paragraph in body.iter(f"{WORD}p"))
    article = text.split("Article 4")[1].split("Article 5")[0]
    instalments = re.search(r"réglée en (\w+) versements de (\d+) € chacun", article)
    assert instalments is not None
    total = {"trois": 3, "quatre": 4}[instalments[1]] * int(instalments[2])
    for sentence in re.split(r"(?<=\.)\s", article):
        if "remise" in sentence:
            total -= int(re.findall(r"(\d+) €", sentence)[0])
        elif "s'ajoute" in sentence:
            total += int(re.findall(r"(\d+) €", sentence)[0])
    assert len(re.findall(r"\d+ €", article)) == 3
    return total


def _settled(paragraph: ElementTree.Element, accepted: str) -> str:
    kept = []
    for part in paragraph:
        author = part.get(f"{WORD}author")
        inserted, deleted = part.tag == f"{WORD}ins", part.tag == f"{WORD}del"
        if (inserted and author != accepted) or (deleted and author == accepted):
            continue
        kept += [leaf.text or "" for leaf in part.iter() if leaf.tag in (f"{WORD}t", f"{WORD}delText")]
    return "".join(kept)


def make(folder: Path) -> None:
    """Other sums in article 4."""
    sums = {"v2": ("36", "40", "14 €", "7 €"), "v3": ("43", "46", "15 €", "8 €")}
    for variant, (kept, refused, reduction, added) in sums.items():
        with (
            zipfile.ZipFile(folder / "crcn-2.3-05.docx") as before,
            zipfile.ZipFile(folder / f"crcn-2.3-05-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "word/document.xml":
                    text = content.decode().replace(">38<", f">{kept}<").replace(">41<", f">{refused}<")
                    text = text.replace("remise de 12 €", f"remise de {reduction}").replace(
                        "agence, 9 €", f"agence, {added}"
                    )
                    content = text.encode()
                after.writestr(info, content)
