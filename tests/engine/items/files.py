"""A small good bank as files: one item of each interaction, with an image and attachments."""

from pathlib import Path
from typing import Any

REASONED = [{"id": i, "text": f"Proposition {i}", "why": f"Pas {i}."} for i in "abcde"]
PLAIN = [{"id": i, "text": f"Étape {i}"} for i in "abcd"]


def toml(value: Any) -> str:
    """A value as TOML writes it on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case dict():
            return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return str(value)


def item_file(item: str, own: dict[str, Any], body: str = "", **front: Any) -> str:
    """The text of an item file; a field given as `None` is left out."""
    prefix, competence, _ = item.split("-")
    usual: dict[str, Any] = {
        "id": item,
        "version": 1,
        "status": "approved",
        "framework": "crcn_edu" if prefix == "edu" else "crcn",
        "competence": competence,
        "subject": "un-sujet",
        "tracks": ["first_degree", "second_degree"],
        "level": "confirme" if prefix == "edu" else 3,
        "level_reason": "Une raison.",
        "interaction": "single_choice",
        "expected_seconds": 60,
        "author": "Équipe Palier",
        "licence": "CC-BY-SA-4.0",
        "enemies": [],
        "rationale": "Une justification.",
        "source": "Une source",
    }
    fields = {k: v for k, v in (usual | front | own).items() if v is not None}
    lines = [f"{name} = {toml(value)}" for name, value in fields.items()]
    return "\n".join(["+++", *lines, "+++", "", body or f"Une situation pour {item}.", "", "**Une question ?**", ""])


SINGLE = {"key": "b", "choices": REASONED[:4]}

GOOD: dict[str, str | bytes] = {
    "items/crcn/1.1/crcn-1.1-01.md": item_file("crcn-1.1-01", SINGLE, enemies=["edu-2.2-01"]),
    "items/crcn/1.1/crcn-1.1-02.md": item_file(
        "crcn-1.1-02", {"key": ["a", "d"], "choices": REASONED}, interaction="multiple_choice"
    ),
    "items/crcn/1.3/crcn-1.3-01.md": item_file(
        "crcn-1.3-01",
        {"key": 12.5, "unit": "Mo", "tolerance": {"absolute": 0.1}},
        interaction="file_task",
        answer="number",
        attachments=[{"file": "crcn-1.3-01.csv", "title": "Un tableau (CSV, 1 ko)"}],
    ),
    "items/crcn/1.3/crcn-1.3-01.csv": b"nom;taille\na;12,5\n",
    "items/crcn/2.1/crcn-2.1-01.md": item_file(
        "crcn-2.1-01",
        {"key": {"p1": "c", "p2": "a"}, "prompts": [{"id": "p1", "text": "Un"}, {"id": "p2", "text": "Deux"}]}
        | {"choices": PLAIN},
        interaction="matching",
    ),
    "items/crcn_edu/2.2/edu-2.2-01.md": item_file(
        "edu-2.2-01",
        {"key": ["phishing", "hameçonnage"], "refused": ["harponnage"], "tolerance": {"typos": True}},
        "Un courriel.\n\n![](edu-2.2-01.svg)",
        interaction="short_text",
        enemies=["crcn-1.1-01"],
        media=[{"file": "edu-2.2-01.svg", "alt": "Un courriel"}],
    ),
    "items/crcn_edu/2.2/edu-2.2-01.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "items/crcn_edu/2.3/edu-2.3-01.md": item_file(
        "edu-2.3-01", {"key": 3, "tolerance": {"relative": 0.05}}, interaction="number"
    ),
    "items/crcn_edu/3.1/edu-3.1-01.md": item_file(
        "edu-3.1-01", {"key": ["c", "a", "d", "b"], "choices": PLAIN}, interaction="ordering"
    ),
    "items/crcn_edu/5.2/edu-5.2-01.md": item_file(
        "edu-5.2-01",
        {"key": {"g1": "b", "g2": "a"}, "gaps": [{"id": "g1", "choices": PLAIN}, {"id": "g2", "choices": PLAIN[:2]}]},
        "D'abord [[g1]], puis [[g2]].",
        interaction="gaps",
    ),
}
"""What lies where."""


def put(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def good_bank(root: Path, **changed: str | bytes) -> Path:
    """The good bank below `root`."""
    return put(root, GOOD | changed)
