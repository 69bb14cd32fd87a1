"""A PDF as a reader's software sees it: its tags, its fonts, its text in the order of reading."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import pikepdf


class Paper:
    """One document."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(io.BytesIO(content))

    @property
    def pages(self) -> list[str]:
        """The text of each page."""
        return [" ".join(_text(page).split()) for page in self.pdf.pages]

    @property
    def text(self) -> str:
        """All text."""
        return " ".join(self.pages)

    @cached_property
    def tags(self) -> Counter[str]:
        """How often each structure type stands in the tree."""
        return Counter(str(node.S).lstrip("/") for node in self._nodes(self.pdf.Root.StructTreeRoot.K))

    def of_type(self, name: str) -> list[pikepdf.Object]:
        """The structure elements of a type."""
        return [n for n in self._nodes(self.pdf.Root.StructTreeRoot.K) if str(n.S) == f"/{name}"]

    @property
    def metadata(self) -> str:
        """The XMP packet."""
        return bytes(self.pdf.Root.Metadata.read_bytes()).decode()

    @property
    def bookmarks(self) -> list[str]:
        """The outline, all levels."""
        with self.pdf.open_outline() as outline:
            todo, found = list(outline.root), []
            while todo:
                entry = todo.pop(0)
                found.append(entry.title)
                todo = list(entry.children) + todo
            return found

    @property
    def fonts(self) -> list[pikepdf.Object]:
        """Every font that a page uses."""
        return [font for page in self.pdf.pages for font in page.Resources.get("/Font", {}).values()]

    def _nodes(self, node: pikepdf.Object) -> Iterator[pikepdf.Object]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from self._nodes(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield node
            if "/K" in node:
                yield from self._nodes(node.K)


def _text(page: pikepdf.Page) -> str:
    """The text of a page, decoded by what the fonts say that their glyphs mean."""
    maps = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    pieces, current = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                current = maps[str(operands[0])]
            case "Tj":
                pieces.append(_decoded(bytes(operands[0]), current))
            case "TJ":
                pieces += [_decoded(bytes(o), current) for o in operands[0] if isinstance(o, pikepdf.String)]
            case "ET":
                pieces.append(" ")
    return "".join(pieces)


def _decoded(codes: bytes, table: dict[int, str]) -> str:
    return "".join(table[int.from_bytes(codes[n : n + 2])] for n in range(0, len(codes), 2))


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    cmap = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for low, high, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>", block):
            first = ord(bytes.fromhex(text).decode("utf-16-be"))
            found |= {int(low, 16) + n: chr(first + n) for n in range(int(high, 16) - int(low, 16) + 1)}
    return found
