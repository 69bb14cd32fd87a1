"""Items → a QTI 3 package. Keys leave only when they are asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.items.exchange.ids import scattered
from engine.items.exchange.model import Unsupported
from engine.items.exchange.package import pack
from engine.items.exchange.palier_metadata import lom, own_metadata
from engine.items.exchange.to_xhtml import body_elements, fill_inline, plain, put_in_gaps
from engine.items.item import (
    Choice,
    Gaps,
    Interaction,
    Item,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.kernel import ItemId

QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
CP = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd"
TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates"
RESPONSE = "RESPONSE"
ABOUT = "resourceextmetadata/xml"


def export(
    items: Sequence[Item], files: Mapping[str, bytes], with_keys: bool
) -> tuple[bytes, list[tuple[ItemId, str]]]:
    """A package of items, and for each item what the format could not carry. `files` are its images and attachments."""
    content: dict[str, bytes] = {}
    resources: list[Any] = []
    notes: list[tuple[ItemId, str]] = []
    for item in items:
        notes += [(item.id, sentence) for sentence in _not_carried(item, with_keys)]
        for variant, part in parts(item):
            identifier = item.id + (variant and f"-{variant}")
            name, about = f"items/{identifier}.xml", f"metadata/{identifier}.xml"
            content[name] = item_xml(part, with_keys)
            content[about] = _serialised(own_metadata(item, variant, with_keys))
            named = list(dict.fromkeys(part.files))
            content |= {f"items/{file}": files[file] for file in named}
            resources += _resources(item, identifier, name, named, about)
    manifest = _manifest(resources)
    return pack({"imsmanifest.xml": manifest, **content}), notes


def parts(item: Item) -> Iterable[tuple[str, Item]]:
    """The item as QTI items: itself, then each variant as an item of its own, under its name."""
    yield "", replace(item, variants=())
    for one in item.variants:
        yield (
            one.id,
            replace(
                item,
                interaction=one.interaction,
                attachments=one.attachments,
                rationale=one.rationale or item.rationale,
                variants=(),
            ),
        )


def item_xml(item: Item, with_keys: bool) -> bytes:
    """One QTI item. Raises `Unsupported` for text that XML cannot hold."""
    try:
        return _serialised(_assessment_item(item, with_keys))
    except (ValueError, etree.XMLSyntaxError) as error:
        raise Unsupported(f"{item.id} holds characters that XML has not: {error}", item=item.id) from error


def _assessment_item(item: Item, with_keys: bool) -> Any:
    root = etree.Element(_q("assessment-item"), nsmap={None: QTI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{QTI} {SCHEMAS}/imsqti_asiv3p0_v1p0.xsd")
    for name, value in {
        "identifier": item.id,
        "title": item.subject.replace("-", " "),
        "adaptive": "false",
        "time-dependent": "false",
        "tool-name": "Palier",
        "tool-version": "1",
    }.items():
        root.set(name, value)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    for declaration in _declarations(item.interaction, with_keys):
        root.append(declaration)
    root.append(_el("outcome-declaration", identifier="SCORE", cardinality="single", base_type="float"))
    if with_keys:
        root.append(_el("outcome-declaration", identifier="FEEDBACK", cardinality="multiple", base_type="identifier"))
    root.append(_body(item, with_keys))
    if with_keys:
        root.append(_processing(item.interaction))
        if item.rationale:
            feedback = _el("modal-feedback", outcome_identifier="FEEDBACK", identifier="RATIONALE", show_hide="show")
            content = etree.SubElement(feedback, _q("content-body"))
            fill_inline(etree.SubElement(content, f"{{{QTI}}}p"), item.rationale, QTI)
            root.append(feedback)
    return root


def _declarations(interaction: Interaction, with_keys: bool) -> Iterable[Any]:
    match interaction:
        case SingleChoice(key=key):
            yield _declared(RESPONSE, "single", "identifier", [key] if with_keys else [])
        case MultipleChoice(choices=choices, key=keys):
            right = [c.id for c in choices if c.id in keys]
            yield _declared(RESPONSE, "multiple", "identifier", right if with_keys else [])
        case Ordering(key=order):
            yield _declared(RESPONSE, "ordered", "identifier", order if with_keys else [])
        case Matching(key=pairs):
            yield _declared(RESPONSE, "multiple", "directedPair", [f"{a} {b}" for a, b in pairs] if with_keys else [])
        case Gaps(gaps=gaps, key=pairs):
            chosen = dict(pairs)
            for gap in gaps:
                yield _declared(gap.id, "single", "identifier", [chosen[gap.id]] if with_keys else [])
        case Number(key=number):
            yield _declared(RESPONSE, "single", "float", [repr(number)] if with_keys else [])
        case ShortText(key=texts, refused=refused, forgiven=forgiven):
            declared = _declared(RESPONSE, "single", "string", texts[:1] if with_keys else [])
            if with_keys:
                mapping = etree.SubElement(declared, _q("mapping"), {"default-value": "0"})
                case = "false" if forgiven.case else "true"
                for value, worth in (*((t, "1") for t in texts), *((t, "0") for t in refused)):
                    entry = {"map-key": value, "mapped-value": worth, "case-sensitive": case}
                    etree.SubElement(mapping, _q("map-entry"), entry)
            yield declared


def _declared(identifier: str, cardinality: str, base_type: str, right: Iterable[str]) -> Any:
    declared = _el("response-declaration", identifier=identifier, cardinality=cardinality, base_type=base_type)
    values = list(right)
    if values:
        correct = etree.SubElement(declared, _q("correct-response"))
        for value in values:
            etree.SubElement(correct, _q("value")).text = value
    return declared


def _body(item: Item, with_keys: bool) -> Any:
    body = etree.Element(_q("item-body"))
    blocks = body_elements(item.body, QTI, {m.file: m.alt for m in item.media})
    interaction = item.interaction
    if isinstance(interaction, Gaps):
        gaps = {gap.id: gap for gap in interaction.gaps}
        put_in_gaps(blocks, lambda gap: _menu(gap, gaps[gap].choices, with_keys))
    asked = _asked(blocks) if isinstance(interaction, SingleChoice | MultipleChoice | Ordering | Matching) else None
    body.extend(blocks)
    if item.attachments:
        listed = etree.SubElement(body, f"{{{QTI}}}ul")
        for attachment in item.attachments:
            link = etree.SubElement(etree.SubElement(listed, f"{{{QTI}}}li"), f"{{{QTI}}}a", href=attachment.file)
            link.text = attachment.title
    element = _interaction(interaction, with_keys)
    if asked is not None:
        prompt = _el("prompt")
        prompt.text = asked.text
        prompt.extend(list(asked))
        element.insert(0, prompt)
    if element is not None:
        body.append(element)
    return body


def _asked(blocks: list[Any]) -> Any:
    """The question in bold, alone in the last paragraph: taken out of the blocks, as it is what a prompt is for."""
    if not blocks or blocks[-1].tag != f"{{{QTI}}}p" or blocks[-1].text or len(blocks[-1]) != 1:
        return None
    only = blocks[-1][0]
    if only.tag != f"{{{QTI}}}strong" or (only.tail or "").strip() or only.findall(f".//{{{QTI}}}img"):
        return None
    blocks.pop()
    return only


def _interaction(interaction: Interaction, with_keys: bool) -> Any:
    match interaction:
        case SingleChoice() | MultipleChoice():
            most = "1" if isinstance(interaction, SingleChoice) else str(len(interaction.choices))
            shuffled = "false" if interaction.fixed_order else "true"
            element = _el("choice-interaction", response_identifier=RESPONSE, shuffle=shuffled, max_choices=most)
            element.extend(_choice("simple-choice", c, with_keys) for c in interaction.choices)
        case Ordering(choices=choices):
            element = _el("order-interaction", response_identifier=RESPONSE, shuffle="true")
            element.extend(_choice("simple-choice", c, with_keys) for c in _in_order(choices, with_keys))
        case Matching(prompts=prompts, choices=choices, fixed_order=fixed):
            element = _el(
                "match-interaction",
                response_identifier=RESPONSE,
                shuffle="false" if fixed else "true",
                max_associations=str(len(prompts)),
            )
            for side in (prompts, choices if fixed else _in_order(choices, with_keys)):
                group = etree.SubElement(element, _q("simple-match-set"))
                group.extend(_choice("simple-associable-choice", c, with_keys, match_max="1") for c in side)
        case ShortText() | Number():
            element = etree.Element(f"{{{QTI}}}p")
            field = etree.SubElement(element, _q("text-entry-interaction"), {"response-identifier": RESPONSE})
            if isinstance(interaction, Number) and interaction.unit:
                field.tail = f" {interaction.unit}"
        case Gaps():
            return None
    return element


def _in_order(choices: Sequence[Choice], with_keys: bool) -> Sequence[Choice]:
    """As in the file; without keys in an order that tells nothing, as that of the file may be the right one."""
    if with_keys:
        return choices
    by_text = {choice.text: choice for choice in choices}
    return [by_text[text] for text in scattered(by_text)]


def _menu(gap: str, choices: Iterable[Choice], with_keys: bool) -> Any:
    menu = _el("inline-choice-interaction", response_identifier=gap, shuffle="true")
    for choice in choices:
        one = etree.SubElement(menu, _q("inline-choice"), identifier=choice.id)
        one.text = plain(choice.text)
        if choice.why and with_keys:
            one.append(_why(choice))
    return menu


def _choice(name: str, choice: Choice, with_keys: bool, **attributes: str) -> Any:
    element = _el(name, identifier=choice.id, **attributes)
    fill_inline(element, choice.text, QTI)
    if choice.why and with_keys:
        element.append(_why(choice))
    return element


def _why(choice: Choice) -> Any:
    feedback = _el("feedback-inline", outcome_identifier="FEEDBACK", identifier=choice.id, show_hide="show")
    fill_inline(feedback, choice.why, QTI)
    return feedback


def _processing(interaction: Interaction) -> Any:
    match interaction:
        case ShortText():
            return _el("response-processing", template=f"{TEMPLATES}/map_response.xml")
        case Number(absolute=absolute, relative=relative) if absolute or relative:
            margin, mode = (
                (absolute, "absolute") if absolute >= relative * abs(interaction.key) else (relative * 100, "relative")
            )
            equal = _el("equal", tolerance_mode=mode, tolerance=f"{margin!r} {margin!r}")
            equal.append(_el("variable", identifier=RESPONSE))
            equal.append(_el("correct", identifier=RESPONSE))
            return _scored_if(equal)
        case Gaps(gaps=gaps):
            every = _el("and")
            for gap in gaps:
                match = etree.SubElement(every, _q("match"))
                match.append(_el("variable", identifier=gap.id))
                match.append(_el("correct", identifier=gap.id))
            return _scored_if(every)
        case _:
            return _el("response-processing", template=f"{TEMPLATES}/match_correct.xml")


def _scored_if(condition: Any) -> Any:
    processing = _el("response-processing")
    when = etree.SubElement(etree.SubElement(processing, _q("response-condition")), _q("response-if"))
    when.append(condition)
    score = etree.SubElement(when, _q("set-outcome-value"), identifier="SCORE")
    etree.SubElement(score, _q("base-value"), {"base-type": "float"}).text = "1"
    return processing


def _not_carried(item: Item, with_keys: bool) -> Iterable[str]:
    """What another system than Palier does not learn from the package, by the names of the fields."""
    if not with_keys:
        yield (
            "keys, `why`, `refused`, `rationale`, `level_reason`, `source`, `learn_more` and `enemies` are left out:"
            " --with-keys gives them"
        )
    alone = [n for n in ("level_reason", "source", "learn_more", "enemies") if getattr(item, n)] if with_keys else []
    alone += ["demands"] if item.demands else []
    if alone:
        yield f"only Palier reads {', '.join(f'`{name}`' for name in alone)}: QTI has no place for them"
    if item.variants:
        yield f"its {len(item.variants) + 1} variants become as many QTI items: only Palier knows that they are one"
    interactions = [item.interaction, *(v.interaction for v in item.variants)]
    if any(isinstance(i, ShortText) for i in interactions):
        forgiving = [i.forgiven for i in interactions if isinstance(i, ShortText)]
        names = [n for n in ("accents", "spaces", "punctuation", "typos") if any(getattr(f, n) for f in forgiving)]
        if names:
            yield f"`tolerance` of {', '.join(names)}: other systems compare letter by letter, but for capitals"
    if with_keys and any(isinstance(i, Number) and i.absolute and i.relative for i in interactions):
        yield "two tolerances: other systems get the wider one"
    if any(isinstance(i, Number) for i in interactions):
        yield "a number with a comma, with spaces or with its unit: whether it is understood is for the other system"
    if isinstance(item.interaction, Gaps) and any(
        c.text != plain(c.text) for g in item.interaction.gaps for c in g.choices
    ):
        yield "marks in the choices of menus: other systems get plain words"


def _resources(item: Item, identifier: str, name: str, files: Iterable[str], about: str) -> Iterable[Any]:
    """An item with its files, and the file about it that it depends on."""
    resource = etree.Element(f"{{{CP}}}resource", identifier=identifier, type="imsqti_item_xmlv3p0", href=name)
    etree.SubElement(resource, f"{{{CP}}}metadata").append(lom(item))
    for file in (name, *(f"items/{file}" for file in files)):
        etree.SubElement(resource, f"{{{CP}}}file", href=file)
    etree.SubElement(resource, f"{{{CP}}}dependency", identifierref=f"{identifier}-about")
    yield resource
    own = etree.Element(f"{{{CP}}}resource", identifier=f"{identifier}-about", type=ABOUT, href=about)
    etree.SubElement(own, f"{{{CP}}}file", href=about)
    yield own


def _manifest(resources: Iterable[Any]) -> bytes:
    root = etree.Element(f"{{{CP}}}manifest", nsmap={None: CP, "xsi": XSI}, identifier="palier-items")
    root.set(f"{{{XSI}}}schemaLocation", f"{CP} {SCHEMAS}/imsqtiv3p0_imscpv1p2_v1p0.xsd")
    described = etree.SubElement(root, f"{{{CP}}}metadata")
    etree.SubElement(described, f"{{{CP}}}schema").text = "QTI Package"
    etree.SubElement(described, f"{{{CP}}}schemaversion").text = "3.0.0"
    etree.SubElement(root, f"{{{CP}}}organizations")
    etree.SubElement(root, f"{{{CP}}}resources").extend(resources)
    return _serialised(root)


def _el(name: str, **attributes: str) -> Any:
    return etree.Element(_q(name), {n.replace("_", "-"): v for n, v in attributes.items()})


def _q(name: str) -> str:
    return f"{{{QTI}}}qti-{name}"


def _serialised(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
