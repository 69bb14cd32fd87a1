"""What Palier writes about its own items in a package, so that nothing of them is lost on the way.

The manifest of QTI 3 takes no foreign element. It has a type of resource for files of foreign metadata
(`resourceextmetadata/xml`), on which the resource of an item can depend.
"""

import tomllib
from typing import Any

from lxml import etree
from pydantic import ValidationError

from engine.items.frameworks import Level, Track
from engine.items.item import Demand, Item
from engine.items.schema import parse_item
from engine.items.write import item_text

NAMESPACE = "urn:palier:item:1"
LOM = "http://ltsc.ieee.org/xsd/LOM"


def own_metadata(item: Item, variant: str, with_keys: bool) -> Any:
    """The root of a file about an item, or about one of its variants.

    Without keys nothing is given that says why something is right: reasons, sources, and the item's own text stay here.
    """
    own = etree.Element(f"{{{NAMESPACE}}}item", nsmap={"palier": NAMESPACE})
    level = item.tag.slug if isinstance(item.tag, Level) else str(int(item.tag))
    facts = {
        "id": item.id,
        "version": str(item.version),
        "framework": item.framework,
        "competence": item.competence,
        "level": level,
        "subject": item.subject,
        "expected-seconds": str(item.expected_seconds),
        "interaction": item.kind,
        "variant": variant,
        "tracks": " ".join(t for t in Track if t in item.tracks),
        "demands": " ".join(d for d in Demand if d in item.demands),
    }
    for name, value in facts.items():
        if value:
            own.set(name, value)
    for name, text in (("author", item.author), ("licence", item.licence)):
        etree.SubElement(own, f"{{{NAMESPACE}}}{name}").text = text
    if with_keys and not variant:
        etree.SubElement(own, f"{{{NAMESPACE}}}record").text = item_text(item)
    return own


def read_metadata(own: Any) -> tuple[dict[str, Any], Item | None]:
    """Fields of the front matter as Palier gave them out, and the whole item if it was given too."""
    fields: dict[str, Any] = {name.replace("-", "_"): value for name, value in own.attrib.items()}
    for name in ("tracks", "demands"):
        if name in fields:
            fields[name] = fields[name].split()
    for name in ("version", "expected_seconds"):
        fields[name] = int(fields[name]) if str(fields.get(name, "")).isdecimal() else None
    for name in ("author", "licence"):
        fields[name] = own.findtext(f"{{{NAMESPACE}}}{name}") or ""
    return {k: v for k, v in fields.items() if v}, _record(own.findtext(f"{{{NAMESPACE}}}record") or "")


def _record(text: str) -> Item | None:
    """The item that a text describes, or `None`: somebody may have written into it."""
    pieces = text.split("+++\n", 2)
    if len(pieces) < 3:
        return None
    try:
        return parse_item(tomllib.loads(pieces[1]), pieces[2].strip())
    except (ValidationError, ValueError, RecursionError):
        return None


def lom(item: Item) -> Any:
    """A few words about an item in IEEE LOM, for everybody."""

    def put(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
        child = etree.SubElement(parent, f"{{{LOM}}}{name}", attributes)
        child.text = text or None
        return child

    root = etree.Element(f"{{{LOM}}}lom", nsmap={"lom": LOM})
    general = put(root, "general")
    put(put(general, "title"), "string", item.subject.replace("-", " "), language="fr")
    put(general, "language", "fr")
    put(put(general, "keyword"), "string", f"{item.framework} {item.competence}", language="fr")
    educational = put(root, "educational")
    put(put(educational, "typicalLearningTime"), "duration", f"PT{item.expected_seconds}S")
    rights = put(root, "rights")
    put(put(rights, "description"), "string", f"{item.author}, {item.licence}", language="fr")
    return root
