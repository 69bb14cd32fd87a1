"""What every page of the application keeps to; each page that any test fetches is held against it."""

from collections import Counter
from itertools import pairwise

from tests.house.dom import Document, Element

LABELLED = frozenset({"input", "select", "textarea"})
UNSEEN = frozenset({"hidden", "submit", "button"})


def faults(document: Document, whole: bool = True) -> list[str]:
    """Everything wrong with a page, or with a piece of one (`whole=False`)."""
    root = document.root
    found = list(document.faults)
    if whole:
        found += _frame(document)
    found += _ids(root, whole)
    found += _fields(root)
    found += _forms(root)
    found += _names(root)
    found += _inline(root)
    return found


def _frame(document: Document) -> list[str]:
    root = document.root
    found = []
    if document.doctype != "doctype html":
        found.append("begin with <!doctype html>")
    if [e.get("lang") for e in root.all("html")] != ["fr"]:
        found.append('say <html lang="fr">')
    titles = [e.text for e in root.all("title") if e.above("svg") is None]
    if len(titles) != 1 or not titles[0] or titles[0].startswith("–"):
        found.append(f"give the page one title of its own: {titles}")
    headings = [e.text for e in root.all("h1")]
    if len(headings) != 1 or not headings[0]:
        found.append(f"give the page one <h1>: {headings}")
    if len(list(root.all("main"))) != 1:
        found.append("give the page one <main>")
    levels = [int(e.tag[1]) for e in root.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if any(b > a + 1 for a, b in pairwise(levels)):
        found.append(f"skip no level of heading: {levels}")
    return found


def _ids(root: Element, whole: bool) -> list[str]:
    counts = Counter(e["id"] for e in root.all() if e.has("id"))
    found = [f"use each id once: {i}" for i, n in counts.items() if n > 1]
    for e in root.all():
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            lost = [i for i in e.get(name).split() if i not in counts]
            if lost and whole:
                found.append(f"<{e.tag} {name}> points to nothing: {lost}")
    return found


def _fields(root: Element) -> list[str]:
    labels = {e["for"]: e.text for e in root.all("label") if e.has("for")}
    ids = {e["id"]: e for e in root.all() if e.has("id")}
    found = []
    for e in root.all(*LABELLED):
        if e.tag == "input" and e.get("type") in UNSEEN:
            continue
        around = e.above("label")
        by = [ids[i].text for i in e.get("aria-labelledby").split() if i in ids]
        if not (labels.get(e.get("id")) or (around and around.text) or e.get("aria-label") or any(by)):
            found.append(f"label the field: <{e.tag} {e.attributes}>")
        if not e.has("name"):
            found.append(f"name the field: <{e.tag} {e.attributes}>")
        if e.get("type") == "radio" and not _is_in_a_named_group(e):
            found.append(f"put the radio buttons {e.get('name')} into a <fieldset> with a <legend>")
    return found


def _is_in_a_named_group(radio: Element) -> bool:
    group = radio.above("fieldset")
    return group is not None and any(legend.text for legend in group.all("legend"))


def _forms(root: Element) -> list[str]:
    found = []
    for form in root.all("form"):
        if form.above("form"):
            found.append("a form stands in a form")
        if not form.get("action", "/").startswith("/"):
            found.append(f"send forms to this site: {form['action']}")
        tokens = [e for e in form.all("input") if e.get("name") == "csrf_token" and e.get("value")]
        if form.get("method").lower() == "get":
            # It only reads; a token would end up in the address.
            if tokens:
                found.append(f"no token in a form that reads: {form.attributes}")
        elif form.get("method").lower() != "post":
            found.append(f"a form without method: {form.attributes}")
        elif len(tokens) != 1:
            found.append(f"put {{{{ m.csrf() }}}} once into the form: {form.attributes}")
    return found


def _names(root: Element) -> list[str]:
    found = []
    for e in root.all("a", "button"):
        pictures = [p.get("alt") or p.get("aria-label") for p in e.all("img", "svg")]
        if not (e.text or e.get("aria-label") or any(pictures)):
            found.append(f"say in words what <{e.tag} {e.attributes}> does")
        if e.tag == "a" and not e.get("href"):
            found.append(f"a link without href: {e.text}")
        if e.get("target") == "_blank" and not _leads_out(e):
            found.append(f"open links in place: {e.text}")
    found += [f"give the image an alt: {e.get('src')}" for e in root.all("img") if not e.has("alt")]
    return found


def _inline(root: Element) -> list[str]:
    found = []
    for e in root.all():
        if e.tag == "style" or (e.tag == "script" and (not e.has("src") or e.text)):
            found.append(f"move the inline <{e.tag}> to a file: {e.text[:60]}")
        found += [f"move {n} of <{e.tag}> to a file" for n in e.attributes if n == "style" or n.startswith("on")]
        found += [
            f"load <{e.tag}> from this site: {e[n]}"
            for n in ("src", "href", "action")
            if e.get(n) and not e[n].startswith(("/", "#")) and e.tag != "use" and not _leads_out(e)
        ]
    return found


def _leads_out(e: Element) -> bool:
    """A link that says that it leads elsewhere, such as to a video room: encrypted, and without a way back to us."""
    said = {"external", "noopener", "noreferrer"} <= set(e.get("rel").split())
    return e.tag == "a" and said and e.get("href").startswith("https://")
