"""A file or a package of QTI → every question in it, or everything that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.items.bank import Problem
from engine.items.exchange.model import Faulty, Place, Question, Reading, Unsupported
from engine.items.exchange.package import resolved, unpack
from engine.items.exchange.palier_metadata import NAMESPACE, read_metadata
from engine.items.exchange.qti_in import read_item
from engine.items.exchange.qti_out import ABOUT, item_xml, parts
from engine.items.exchange.qti_tree import canonical
from engine.items.exchange.safe_xml import parse_xml
from engine.items.exchange.to_markdown import tag
from engine.items.item import Item, ShortText, Variant

MANIFEST = "imsmanifest.xml"
ITEM_ROOTS = {"assessmentItem", "qti-assessment-item"}
NO_ITEM = {"assessmentTest", "qti-assessment-test"}


@dataclass(frozen=True, slots=True)
class _Row:
    """An item that a manifest lists, with the files of foreign metadata that it depends on."""

    name: str
    line: int = 1
    about: tuple[str, ...] = ()


def read_qti(data: bytes, file: str) -> Reading:
    """The questions of an item file or of a content package. Raises `Faulty` for what cannot be opened at all."""
    if data[:2] != b"PK":
        content = {file: data}
        rows = [_Row(file)]
        remarks: list[str] = []
        inside = ""
    else:
        content = unpack(data, file)
        inside = f"{file}/"
        rows, remarks = _rows(content, inside)
    problems: list[Problem] = []
    unsupported: list[Problem] = []
    questions: list[Question] = []
    for row in rows:
        place = Place(inside + row.name)
        if row.name not in content:
            told = Place(inside + MANIFEST).problem(f"it names {row.name}, which is not in the package", row.line)
            problems.append(told)
            continue
        try:
            questions.append(_read(content, row, place, inside))
        except Faulty as fault:
            problems += fault.problems
        except Unsupported as refusal:
            unsupported.append(place.problem(str(refusal)))
    grouped, more = _grouped(questions)
    return Reading(tuple(map(_believed, grouped)), content, tuple(problems + more), tuple(unsupported), tuple(remarks))


def _rows(content: Mapping[str, bytes], inside: str) -> tuple[list[_Row], list[str]]:
    """The item files of a package, from its manifest, or from their root elements where it has none."""
    manifests = sorted((n for n in content if n.rsplit("/", 1)[-1] == MANIFEST), key=lambda n: n.count("/"))
    if not manifests:
        names = [n for n in sorted(content) if n.endswith(".xml")]
        found = [n for n in names if tag(parse_xml(content[n], inside + n)) in ITEM_ROOTS]
        if not found:
            raise Faulty(
                Place(inside.rstrip("/")).problem(f"no {MANIFEST} and no QTI item in it: is it a QTI package?")
            )
        return [_Row(n) for n in found], []
    manifest = manifests[0]
    root = parse_xml(content[manifest], inside + manifest)
    resources = [e for e in root.iter() if tag(e) == "resource"]
    items = [r for r in resources if r.get("type", "").startswith(("imsqti_item", "imsqti_apipitem"))]
    if not items:
        kinds = ", ".join(sorted({r.get("type", "?") for r in resources})) or "nothing"
        raise Faulty(Place(inside + manifest).problem(f"it lists no QTI 2 or 3 item, but {kinds}", root.sourceline))
    remarks = [
        f"{r.get('href') or r.get('identifier')}: the order and the sections of a test are left out"
        for r in resources
        if r.get("type", "").startswith("imsqti_test") or r.get("type", "").startswith("imsqti_assessment")
    ]
    known = {r.get("identifier"): resolved(r.get("href", ""), manifest) for r in resources if r.get("type") == ABOUT}
    rows = []
    for item in items:
        wanted = [e.get("identifierref") for e in item if tag(e) == "dependency"]
        name = resolved(item.get("href", ""), manifest) or item.get("href", "")
        rows.append(_Row(name, item.sourceline or 1, tuple(known[w] for w in wanted if w in known)))
    return rows, remarks


def _read(content: Mapping[str, bytes], row: _Row, place: Place, inside: str) -> Question:
    root = parse_xml(content[row.name], place.file)
    if tag(root) not in ITEM_ROOTS:
        if tag(root) == "questestinterop":
            raise Faulty(place.problem("QTI 1.2: export it from its system as QTI 2.1, 2.2 or 3", root.sourceline))
        what = "a whole test: name its package" if tag(root) in NO_ITEM else f"<{tag(root)}>, no QTI item"
        raise Faulty(place.problem(what, root.sourceline))

    def linked(address: str) -> str:
        target = resolved(address, row.name)
        return target if target in content else ""

    def stimulus(address: str) -> Any:
        target = resolved(address, row.name)
        if target not in content:
            raise Faulty(place.problem(f"the stimulus {address} is not in the package"))
        body = canonical(parse_xml(content[target], inside + target)).find("stimulus-body")
        if body is None:
            raise Faulty(Place(inside + target).problem("a stimulus has a qti-stimulus-body"))
        return body

    question = read_item(root, place, linked, stimulus)
    for about in row.about:
        if about in content:
            own = parse_xml(content[about], inside + about)
            if own.tag == f"{{{NAMESPACE}}}item":
                fields, record = read_metadata(own)
                return replace(question, own=fields, record=record)
    return question


def _grouped(questions: list[Question]) -> tuple[list[Question], list[Problem]]:
    """The variants of a file task, which travel as items of their own, with the item that they belong to."""
    whole = {q.own["id"]: q for q in questions if q.own.get("id") and not q.own.get("variant")}
    problems = []
    for question in questions:
        name = question.own.get("variant")
        if not name:
            continue
        main = whole.get(question.own.get("id", ""))
        if main is None:
            problems.append(
                question.place.problem(f"the item {question.own.get('id')} of this variant is not in the package")
            )
            continue
        rationale = question.rationale if question.rationale != main.rationale else ""
        variant = Variant(name, question.interaction, question.attachments, rationale)
        whole[main.own["id"]] = replace(main, variants=(*main.variants, variant))
    kept = [whole.get(q.own.get("id", ""), q) for q in questions if not q.own.get("variant")]
    return kept, problems


def _believed(question: Question) -> Question:
    """Keep the record of Palier only where the question still says what the record says; else what of it holds."""
    record = question.record
    if record is None:
        return question
    if _same(question, _native(record)):
        return replace(question, lost=())
    left = {"level_reason": record.level_reason, "source": record.source, "learn_more": record.learn_more}
    interaction = question.interaction
    if isinstance(interaction, ShortText) and isinstance(record.interaction, ShortText):
        interaction = replace(interaction, forgiven=record.interaction.forgiven)
    return replace(
        question,
        interaction=interaction,
        record=None,
        own={**question.own, **{k: v for k, v in left.items() if v}, "enemies": sorted(record.enemies)},
        lost=(*question.lost, "it was changed since Palier exported it: read from its new text"),
    )


def _native(record: Item) -> Question | None:
    """What a reader gets who knows only the QTI of an item."""
    found = []
    for name, part in parts(record):
        try:
            root = parse_xml(item_xml(part, with_keys=True), "")
            question = read_item(root, Place(""), lambda address: f"items/{address}", lambda _: None)
        except (Faulty, Unsupported):
            return None
        found.append(replace(question, own={"id": record.id, "variant": name} if name else {"id": record.id}))
    grouped, _ = _grouped(found)
    return grouped[0]


def _same(a: Question, b: Question | None) -> bool:
    return b is not None and all(
        getattr(a, n) == getattr(b, n) for n in ("body", "interaction", "media", "attachments", "variants", "rationale")
    )
