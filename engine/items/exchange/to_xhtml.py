"""The Markdown of an item → XHTML elements as QTI takes them."""

from collections.abc import Callable
from typing import Any

from lxml import etree
from markdown_it import MarkdownIt

from engine.items.schema import GAP_MARK

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False, "xhtmlOut": True})
_UNWRAPPED = {"a", "s"}  # nothing leads out of a test; QTI has no struck text


def body_elements(markdown: str, namespace: str, alternatives: dict[str, str]) -> list[Any]:
    """A body as block elements; images get their alternative text."""
    root = _parsed(_MARKDOWN.render(markdown), namespace)
    for image in root.iter(f"{{{namespace}}}img"):
        image.set("alt", alternatives.get(image.get("src", ""), image.get("alt", "")))
    return list(root)


def fill_inline(target: Any, markdown: str, namespace: str) -> None:
    """Put a choice or a prompt into an element that is still empty."""
    root = _parsed(_MARKDOWN.renderInline(markdown), namespace)
    target.text = root.text
    target.extend(list(root))


def plain(markdown: str) -> str:
    """The words alone, for menus that hold no marks."""
    return "".join(_parsed(_MARKDOWN.renderInline(markdown), "").itertext())


def put_in_gaps(blocks: list[Any], menu: Callable[[str], Any]) -> None:
    """Put a menu in place of each `[[g1]]`."""
    for block in blocks:
        for element in list(block.iter()):
            pieces = GAP_MARK.split(element.text or "")
            if len(pieces) > 1:
                element.text = pieces[0]
                for at, (gap, after) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True)):
                    element.insert(at, _with_tail(menu(gap), after))
            pieces = GAP_MARK.split(element.tail or "")
            if len(pieces) > 1 and element is not block:
                element.tail = pieces[0]
                parent = element.getparent()
                start = parent.index(element) + 1
                for at, (gap, after) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True)):
                    parent.insert(start + at, _with_tail(menu(gap), after))


def _with_tail(element: Any, tail: str) -> Any:
    element.tail = tail
    return element


def _parsed(html: str, namespace: str) -> Any:
    declared = f' xmlns="{namespace}"' if namespace else ""
    root = etree.fromstring(f"<div{declared}>{html}</div>", etree.XMLParser(resolve_entities=False, no_network=True))
    for element in list(root.iter()):
        element.attrib.pop("style", None)  # how a column is aligned
        element.attrib.pop("title", None)
        if etree.QName(element).localname in _UNWRAPPED:
            _unwrap(element)
    return root


def _unwrap(element: Any) -> None:
    parent = element.getparent()
    at = parent.index(element)

    def add(text: str | None) -> None:
        if not text:
            return
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    tail, element.tail = element.tail, None
    add(element.text)
    for child in list(element):
        parent.insert(at, child)
        at += 1
    parent.remove(element)
    add(tail)
