"""QTI 2.1, 2.2 and 3 under one set of names: `choice-interaction`, `response-identifier`."""

import re
from functools import lru_cache
from typing import Any

from engine.items.exchange.to_markdown import tag

QTI_NAMESPACES = re.compile(r"imsqti|imsqtiasi|apip")


def canonical(root: Any) -> Any:
    """The tree with the names of QTI 3 without `qti-` and without namespaces; its text is untouched.

    `choiceInteraction` of QTI 2 and `qti-choice-interaction` of QTI 3 become `choice-interaction`.
    """
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        element.tag = kebab(tag(element)).removeprefix("qti-")
        for name in list(element.attrib):
            plain = kebab(name.rpartition("}")[2])
            if plain != name:
                value = element.attrib.pop(name)
                if plain not in element.attrib:
                    element.set(plain, value)
    return root


@lru_cache(maxsize=1024)
def kebab(name: str) -> str:
    """A name of QTI 2 as QTI 3 writes it.

    >>> kebab("simpleAssociableChoice"), kebab("p")
    ('simple-associable-choice', 'p')
    """
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()


def take_out(element: Any) -> None:
    """Remove an element, and leave the text behind it where it is."""
    parent = element.getparent()
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def as_written(name: str) -> str:
    """A name as authors of QTI 3 write it, for sentences about it."""
    return f"qti-{name}"
