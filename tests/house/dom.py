"""A page as a tree, read with the standard library: enough to check it and to fill in its forms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass(eq=False)
class Element:
    """One element with what is in it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        """Whether an attribute stands there, with or without a value."""
        return name in self.attributes

    def all(self, *tags: str) -> "Iterator[Element]":
        """Everything below in the order of the page, or only some tags."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def one(self, tag: str, **attributes: str) -> "Element":
        """The one element below with this tag and these attributes."""
        found = [e for e in self.all(tag) if all(e.get(k) == v for k, v in attributes.items())]
        assert len(found) == 1, f"{len(found)} <{tag}> with {attributes} instead of one"
        return found[0]

    def above(self, tag: str) -> "Element | None":
        """The nearest element around this one with a tag."""
        around = self.parent
        while around is not None and around.tag != tag:
            around = around.parent
        return around

    @property
    def text(self) -> str:
        """The words in it, closed parts too; spaces and apostrophes of every kind as the plain one."""
        return " ".join("".join(self._words()).replace("’", "'").split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield "" if child.tag in _INLINE else " "
                yield from child._words()
                yield "" if child.tag in _INLINE else " "


_INLINE = frozenset({"a", "abbr", "b", "button", "code", "em", "i", "span", "strong", "sub", "sup", "time", "u"})


@dataclass
class Document:
    """A parsed page, with what was wrong in its markup."""

    root: Element
    doctype: str
    faults: list[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {})
        self.doctype = ""
        self.faults: list[str] = []

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice: {attrs}")
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        # HTML lets these end where their parent ends.
        while self.here.tag in {"p", "li", "dt", "dd", "option", "tr", "td", "th"} and self.here.tag != tag:
            assert self.here.parent is not None
            self.here = self.here.parent
        if self.here.tag != tag:
            self.faults.append(f"</{tag}> closes <{self.here.tag}>")
            return
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read(html: str) -> Document:
    """The tree of a page or of a piece of one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.here is not reader.root:
        reader.faults.append(f"<{reader.here.tag}> is never closed")
    return Document(reader.root, reader.doctype, reader.faults)
