"""Items as candidates read them: Markdown to clean HTML, once per item and release."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from engine.items.item import Item
from engine.items.schema import GAP_MARK
from web.typography import spaced

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})


def _space_texts(state: StateCore) -> None:
    """French spacing in running text, never in code."""
    for block in state.tokens:
        for token in block.children or ():
            if token.type == "text":
                token.content = spaced(token.content)


_MARKDOWN.core.ruler.push("french_spacing", _space_texts)
_TAGS = nh3.ALLOWED_TAGS - {"a"}  # nothing in an exam leads out of it
_ATTRIBUTES = {"img": {"src", "alt"}, "ol": {"start"}, "th": {"scope"}, "code": {"class"}}


@lru_cache(maxsize=4096)
def inline(text: str) -> Markup:
    """A choice or a prompt."""
    return Markup(_clean(_MARKDOWN.renderInline(text)))


@lru_cache(maxsize=4096)
def body_parts(item: Item, media_url: str) -> tuple[tuple[str, Markup], ...]:
    """The body in pieces: ("html", markup), and ("gap", id) where a menu stands. `media_url` ends with a slash."""
    alt = {m.file: m.alt for m in item.media}
    source = re.sub(r"!\[\]\(([^)\s]+)\)", lambda m: f"![{_escaped(alt.get(m[1], ''))}]({media_url}{m[1]})", item.body)
    html = _clean(_MARKDOWN.render(source)).replace(
        "<table>", '<div class="table-wrap" tabindex="0" role="group" aria-label="Tableau"><table>'
    )
    html = html.replace("</table>", "</table></div>")
    html = html.replace("<th></th>", "<td></td>")  # the corner of a table with heads on two sides is no head
    pieces = GAP_MARK.split(html) if item.kind == "gaps" else [html]
    return tuple(("gap", Markup(piece)) if n % 2 else ("html", Markup(piece)) for n, piece in enumerate(pieces))


def _escaped(alt: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", alt)


def _clean(html: str) -> str:
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set(), link_rel=None)
