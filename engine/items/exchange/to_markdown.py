"""HTML and XHTML → the Markdown of an item; what Markdown has no word for is named."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.items.exchange.model import Unsupported

BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "details", "div", "dd", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul", "rubric-block", "template-block",
    "feedback-block", "content-body", "stimulus-body",
}  # fmt: skip
STRONG, EMPHASIS, CODE = {"strong", "b"}, {"em", "i", "cite", "dfn", "var"}, {"code", "kbd", "samp", "tt"}
SILENT = {"script", "style", "head", "title", "link", "meta", "stylesheet", "noscript", "template"}
FOREIGN = {
    "math", "object", "audio", "video", "iframe", "embed", "svg", "canvas", "applet", "input", "select", "textarea",
    "button", "printed-variable", "picture", "include",
}  # fmt: skip
FADED = {"sub", "sup", "u", "s", "del", "ins", "strike", "mark", "ruby", "small", "big"}
DEEPEST = 100

_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_SPECIAL = re.compile(r"[\\`\[\]]|(?<!\s)\*|\*(?!\s)|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~")
_EDGE = " \t\r\n\f\v"

Special = Callable[[Any], str | None]
"""What stands for an element that is no HTML; `None` if it is read as any other."""


def _nothing_special(_: Any) -> str | None:
    return None


@dataclass
class ToMarkdown:
    """One body or one choice after the other; keeps what was met on the way."""

    special: Special = _nothing_special
    linked: Callable[[str], str] = lambda _: ""
    """The file of the package that an address means, if it is one."""
    images: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def blocks(self, element: Any, depth: int = 0) -> str:
        """The content of an element as paragraphs, lists and tables."""
        if depth > DEEPEST:
            raise Unsupported("elements stand deeper in one another than any text needs: flatten it")
        out: list[str] = []
        line = _text(element.text)

        def flush() -> None:
            nonlocal line
            paragraph = _paragraph(line)
            if paragraph:
                out.append(paragraph)
            line = ""

        for child in element:
            name = tag(child)
            if name in BLOCKS and self.special(child) is None:
                flush()
                out.append(self._block(child, name, depth + 1))
            else:
                line += self._inline_of(child, name, depth + 1)
            line += _text(child.tail)
        flush()
        return "\n\n".join(piece for piece in out if piece)

    def inline(self, element: Any, depth: int = 0) -> str:
        """The content of an element as one line."""
        return _SPACES.sub(" ", self._inline(element, depth).replace("\\\n", " ")).strip(_EDGE)

    def _block(self, element: Any, name: str, depth: int) -> str:
        match name:
            case "ul" | "ol":
                return self._list(element, name, depth)
            case "table":
                return self._table(element, depth)
            case "pre":
                return _fenced("".join(element.itertext()).strip("\n"))
            case "blockquote":
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(element, depth).split("\n"))
            case "hr":
                return "---"
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                title = self.inline(element, depth).replace("**", "")
                return f"**{title}**" if title else ""
            case _:
                return self.blocks(element, depth)

    def _list(self, element: Any, name: str, depth: int) -> str:
        start = element.get("start", "1")
        number = int(start) if re.fullmatch(r"\d{1,6}", start) else 1
        items = []
        for child in element:
            content = self.blocks(child, depth + 1) if tag(child) == "li" else self._inline_of(child, tag(child), depth)
            if not content.strip():
                continue
            mark = f"{number}. " if name == "ol" else "- "
            number += 1
            lines = re.sub(r"\n\n(?=(- |\d+\. ))", "\n", content).split("\n")
            items.append(mark + "\n".join([lines[0], *(" " * len(mark) + line if line else "" for line in lines[1:])]))
        loose = any("\n\n" in item for item in items)
        return ("\n\n" if loose else "\n").join(items)

    def _table(self, element: Any, depth: int) -> str:
        rows = []
        titles = []
        for node in element.iter():
            if tag(node) == "tr" and _table_of(node) is element:
                cells = [cell for cell in node if tag(cell) in ("td", "th")]
                if any(cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1" for cell in cells):
                    self.lost.add("cells of a table that span others stand alone")
                if any(tag(inner) == "table" for cell in cells for inner in cell.iter()):
                    raise Unsupported("a table stands inside a table: write one table")
                rows.append([self.inline(cell, depth + 1).replace("|", "\\|") for cell in cells])
            elif tag(node) == "caption" and _table_of(node) is element:
                titles.append(self.inline(node, depth + 1))
        rows = [row for row in rows if row]
        if not rows:
            return "\n\n".join(titles)
        width = max(map(len, rows))
        full = [row + [""] * (width - len(row)) for row in rows]
        lines = ["|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in full]
        lines.insert(1, "|" + "---|" * width)
        return "\n\n".join([*titles, "\n".join(lines)])

    def _inline(self, element: Any, depth: int) -> str:
        if depth > DEEPEST:
            raise Unsupported("elements stand deeper in one another than any text needs: flatten it")
        line = _text(element.text)
        for child in element:
            name = tag(child)
            if name in BLOCKS:
                line += " "
            line += self._inline_of(child, name, depth + 1)
            if name in BLOCKS:
                line += " "
            line += _text(child.tail)
        return line

    def _inline_of(self, element: Any, name: str, depth: int) -> str:
        special = self.special(element)
        if special is not None:
            return special
        if name in SILENT:
            if name in ("script", "style"):
                self.lost.add(f"<{name}> is left out")
            return ""
        if name == "object" and element.get("type", "").startswith("image/"):
            return self._image(element.get("data", ""), "".join(element.itertext()))
        if name in FOREIGN:
            raise Unsupported(f"it holds <{name}>, which no item can show: put text, a table or an image in its place")
        if name == "br":
            return "\\\n"
        if name == "img":
            return self._image(element.get("src", ""), element.get("alt", ""))
        if name in CODE:
            return _code("".join(element.itertext()))
        content = self._inline(element, depth)
        if name in STRONG:
            return _marked("**", content)
        if name in EMPHASIS:
            return _marked("*", content)
        if name == "a":
            return self._link(element, content)
        if name in FADED:
            self.lost.add(f"<{name}> becomes plain text")
        return content

    def _image(self, address: str, words: str) -> str:
        if not address:
            self.lost.add("an image without an address is left out")
            return ""
        if not self.linked(address):
            shown = address if len(address) <= 80 else address[:77] + "…"
            raise Unsupported(f"the image {shown} is not in the file: put it into the package")
        self.images.append((self.linked(address), re.sub(r"\s+", " ", words).strip()))
        return f"![]({written_address(self.linked(address))})"

    def _link(self, element: Any, content: str) -> str:
        address = element.get("href", "")
        file = self.linked(address) if address else ""
        if file:
            self.links.append((file, re.sub(r"\s+", " ", "".join(element.itertext())).strip() or file))
            return ""
        if address:
            self.lost.add(f"the link to {address} becomes plain text: nothing leads out of a test")
        return content


def tag(element: Any) -> str:
    """The name of an element without its namespace; of what is no element, nothing."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def written_address(file: str) -> str:
    """A name as it can stand in `![](…)`.

    >>> written_address("images/le plan (1).png")
    'images/le%20plan%20%281%29.png'
    """
    return "".join(c if re.fullmatch(r"[A-Za-z0-9._/-]", c) else "".join(f"%{b:02X}" for b in c.encode()) for c in file)


def escaped(text: str) -> str:
    r"""Text that Markdown leaves as it is, except at the start of a line.

    >>> escaped("2 * 3 < 4, mon_fichier, [[g1]], <b>")
    '2 * 3 < 4, mon_fichier, \\[\\[g1\\]\\], &lt;b>'
    """
    text = _SPECIAL.sub(lambda m: "\\" + m[0], text)
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def plain_paragraphs(text: str) -> str:
    """Plain text as Markdown: an empty line parts paragraphs, the end of a line is one."""
    pieces = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(p for p in (_paragraph(_lines(piece)) for piece in pieces) if p)


def plain_line(text: str) -> str:
    """Plain text as one line of Markdown."""
    return escaped(_SPACES.sub(" ", text)).strip(_EDGE)


def _lines(text: str) -> str:
    return "\\\n".join(escaped(_SPACES.sub(" ", line)) for line in text.strip().split("\n"))


def _text(text: str | None) -> str:
    return escaped(_SPACES.sub(" ", text)) if text else ""


def _paragraph(line: str) -> str:
    """A run of inline Markdown as a paragraph whose lines open no list, title or quotation."""
    lines = [re.sub(r"[ \t]+", " ", one).strip(_EDGE) for one in line.split("\n")]
    while lines and lines[-1] in ("", "\\"):
        lines.pop()
    while lines and lines[0] in ("", "\\"):
        lines.pop(0)
    if lines:
        lines[-1] = re.sub(r"(?<!\\)((?:\\\\)*)\\$", r"\1", lines[-1])
    return "\n".join(map(_opens_nothing, lines))


def _opens_nothing(line: str) -> str:
    if re.match(r"(#{1,6}(\s|$)|>|[-+*](\s|$)|=+\s*$|-+\s*$|~~~)", line) or re.fullmatch(r"(-\s*){3,}", line):
        return "\\" + line
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", line)


def _marked(mark: str, content: str) -> str:
    """Emphasis closes on its words, not on the spaces around them; what is marked already is not marked again."""
    inner = content.strip(_EDGE)
    if not inner or inner == "\\":
        return content
    before, after = content[: len(content) - len(content.lstrip(_EDGE))], content[len(content.rstrip(_EDGE)) :]
    if inner.startswith(mark) or inner.endswith(mark):
        return content
    return f"{before}{mark}{inner}{mark}{after}"


def _code(text: str) -> str:
    plain = _SPACES.sub(" ", text)
    if not plain.strip():
        return plain
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", plain)), default=0))
    pad = " " if plain.startswith("`") or plain.endswith("`") or (plain[0] == plain[-1] == " ") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def _table_of(node: Any) -> Any:
    parent = node.getparent()
    while parent is not None and tag(parent) != "table":
        parent = parent.getparent()
    return parent


def joined(pieces: Iterable[str]) -> str:
    """Pieces of a body, one below the other."""
    return "\n\n".join(piece.strip() for piece in pieces if piece.strip())
