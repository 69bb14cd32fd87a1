"""HTML → Markdown: what is shown stays what it was."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from engine.items.exchange.model import Unsupported
from engine.items.exchange.to_markdown import ToMarkdown, plain_line, plain_paragraphs

RENDER = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})


def converted(source: str) -> str:
    return ToMarkdown().blocks(html.fragment_fromstring(source, create_parent="div"))


CASES = {
    "paragraphs": ("<p>a</p><p>b  c</p>", "a\n\nb c"),
    "emphasis closes on words": ("<p>un <b> mot </b>et <i>deux</i></p>", "un **mot** et *deux*"),
    "code": ("<p><code>a `b`</code></p>", "`` a `b` ``"),
    "a list in a list": ("<ul><li>a<ol start='3'><li>b</li></ol></li><li>c</li></ul>", "- a\n  3. b\n- c"),
    "a table": (
        "<table><tr><th>A</th><th></th></tr><tr><td>a|b</td><td>2</td></tr></table>",
        "| A | |\n|---|---|\n| a\\|b | 2 |",
    ),
    "a title": ("<h2>Titre</h2><p>a</p>", "**Titre**\n\na"),
    "a quotation": ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    "verbatim": ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
    "spaces that do not break": ("<p>a&nbsp;&nbsp;b</p>", "a\xa0\xa0b"),
    "text around blocks": ("a<p>b</p>c", "a\n\nb\n\nc"),
    "signs of Markdown": (
        "<p># a</p><p>1. b</p><p>*c* &lt;d&gt; &amp;amp;</p>",
        "\\# a\n\n1\\. b\n\n\\*c\\* &lt;d> &amp;amp;",
    ),
}


@pytest.mark.parametrize(("source", "markdown"), CASES.values(), ids=CASES)
def test_html_becomes_the_markdown_of_the_bank(source, markdown):
    assert converted(source) == markdown


def test_a_table_inside_a_table_is_refused():
    with pytest.raises(Unsupported, match="a table stands inside a table"):
        converted("<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>")


SIGNS = st.sampled_from(" *_`#<>&[]()\\~|-+=1.!")
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"])
TEXT = st.text(LETTERS | SIGNS, max_size=25)


def shown(markdown: str) -> str:
    rendered = html.fragment_fromstring(RENDER.render(markdown), create_parent="div")
    return re.sub(r"\s+", " ", "".join(rendered.itertext())).strip()


@given(TEXT)
@settings(max_examples=150)
def test_any_text_is_shown_as_it_was(text):
    words = re.sub(r"\s+", " ", text).strip()
    assert shown(plain_paragraphs(text)) == words
    inline = html.fragment_fromstring(RENDER.renderInline(plain_line(text)) or " ", create_parent="div")
    assert "".join(inline.itertext()).strip() == words


def test_an_object_of_qti_2_that_is_an_image_is_one():
    mend = ToMarkdown(linked=lambda address: f"items/{address}")
    element = html.fragment_fromstring("<p>Vue : <object data='a.png' type='image/png'>Un <b>plan</b></object></p>")
    assert mend.inline(element) == "Vue : ![](items/a.png)"
    assert mend.images == [("items/a.png", "Un plan")]
