"""Texts of Moodle in the formats that it knows → Markdown."""

import re

from lxml import html
from lxml.etree import ParserError
from markdown_it import MarkdownIt

from engine.items.exchange.model import Unsupported
from engine.items.exchange.to_markdown import ToMarkdown, plain_line, plain_paragraphs

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def blocks(text: str, form: str, mend: ToMarkdown) -> str:
    """A whole text. `form` is html, markdown, plain (also plain_text), or moodle (also moodle_auto_format)."""
    match _known(form):
        case "plain":
            return plain_paragraphs(text)
        case "markdown":
            return mend.blocks(_parsed(_MARKDOWN.render(text)))
        case "moodle":
            pieces = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
            return mend.blocks(_parsed("".join(f"<p>{piece.replace(chr(10), '<br>')}</p>" for piece in pieces)))
        case _:
            return mend.blocks(_parsed(text))


def line(text: str, form: str, mend: ToMarkdown) -> str:
    """A choice, a prompt or a comment, in one line."""
    match _known(form):
        case "plain":
            return plain_line(text)
        case "markdown":
            return mend.inline(_parsed(_MARKDOWN.render(text)))
        case _:
            return mend.inline(_parsed(text))


def words(text: str, form: str) -> str:
    """The words alone: an answer that somebody types."""
    if _known(form) == "plain":
        return text.strip()
    return re.sub(r"[ \t\r\n]+", " ", "".join(_parsed(text).itertext())).strip()


def _known(form: str) -> str:
    return {"plain_text": "plain", "moodle_auto_format": "moodle"}.get(form, form)


def _parsed(text: str) -> html.HtmlElement:
    try:
        return html.fragment_fromstring(text, create_parent="div")
    except (ParserError, ValueError) as error:
        raise Unsupported(f"its text is no HTML: {error}") from error
