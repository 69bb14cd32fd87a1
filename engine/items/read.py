"""Files → `Bank` or `Release`, or every `Problem` found: the engine's only file access.

One bad file never gives half a bank: `read_bank` returns either a whole bank or problems.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from engine.items.bank import Bank, Problem, Source
from engine.items.check import problems_between, problems_of
from engine.items.freeze import Manifest
from engine.items.item import Item
from engine.items.release import Parameters, Release
from engine.items.schema import faults_of, parse_item
from engine.kernel import EngineError

FENCE = "+++"
TO_FILL_IN = re.compile(r"\[À REMPLIR(?: : ([^\]]*))?\]")
"""What drafts hold where something is missing, with a word on what belongs there."""
LARGEST_FILE = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Read:
    """One item with the text that it came from."""

    item: Item
    path: PurePosixPath
    text: str
    files: tuple[Path, ...]


def read_bank(root: Path) -> tuple[Bank | None, tuple[Problem, ...]]:
    """The bank below `root` (the folder that holds `items/`), or `None` with every problem of every file."""
    read, problems = _read_all(root)
    return (None, problems) if problems else (_bank(read), ())


def read_what_can_be(root: Path) -> tuple[Bank, tuple[Problem, ...]]:
    """A bank at work: each item that can be read on its own, in the order of ids, with every problem."""
    read, problems = _read_all(root)
    return _bank(read), problems


def _bank(read: list[_Read]) -> Bank:
    sources = {r.item.id: Source(r.path, digest_of(r.files)) for r in read}
    return Bank(tuple(r.item for r in read), sources)


def read_item(path: Path, root: Path) -> tuple[Item | None, tuple[Problem, ...]]:
    """One item file below `root` on its own, with its problems; `None` if they leave nothing to look at."""
    one, problems = _look_at(path, root)
    return (one.item if one else None), tuple(problems)


def _read_all(root: Path) -> tuple[list[_Read], tuple[Problem, ...]]:
    folder = root / "items"
    paths = sorted(p for p in folder.glob("*/*/*.md") if p.is_file())
    if not paths:
        return [], (Problem(PurePosixPath("items"), 1, "no item found: put them at items/<framework>/<competence>/"),)
    read: list[_Read] = []
    problems: list[Problem] = []
    for path in paths:
        one, found = _read_item(path, root)
        problems += found
        if one is not None:
            read.append(one)
    unread = {p.stem for p in paths} - {r.item.id for r in read}
    problems += _strays(folder, {f for r in read for f in r.files} | set(paths), unread, root)
    where = {r.item.id: (r.path, r.text) for r in read}
    for item, key, sentence in problems_between([r.item for r in read], unread):
        place, text = where[item]
        problems.append(Problem(place, line_of(text, key), sentence))
    read.sort(key=lambda r: r.item.id)
    return read, tuple(sorted(problems, key=lambda p: (str(p.path), p.line)))


def digest_of(files: Iterable[Path]) -> str:
    """SHA-256 over the names, sizes and bytes of some files, in their order."""
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def line_of(text: str, key: str) -> int:
    """The line of a front-matter key, or of the comment that keeps its place in a draft, or 1.

    >>> line_of("+++\\nid = 1\\nkey = 2\\n+++\\n", "key")
    3
    >>> line_of("+++\\n# key = 2\\n+++\\n", "key")
    2
    """
    found = re.search(rf"^(\[\[?)?{re.escape(key)}(\]\]?)?\s*(=|$)", text, re.MULTILINE) if key else None
    found = found or (re.search(rf"^# {re.escape(key)} =", text, re.MULTILINE) if key else None)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _read_item(path: Path, root: Path) -> tuple[_Read | None, list[Problem]]:
    """The item, or its problems."""
    one, problems = _look_at(path, root)
    return (None if problems else one), problems


def _look_at(path: Path, root: Path) -> tuple[_Read | None, list[Problem]]:
    """The item as far as it can be made out, and its problems."""
    one, problems = _parsed(path, root)
    if one is None:
        return None, problems
    item, place, text = one.item, one.path, one.text
    missing = list(_to_fill_in(text.split("\n"), place))
    if missing:
        return one, missing
    found = [Problem(place, line_of(text, key), sentence) for key, sentence in problems_of(item)]
    found += [Problem(place, line_of(text, key), sentence) for key, sentence in _files(item, path, one.files[1:])]
    if path.parent.name != item.competence or path.parent.parent.name != item.framework or path.stem != item.id:
        found.append(Problem(place, 1, f"must be at items/{item.framework}/{item.competence}/{item.id}.md"))
    return one, found


def _parsed(path: Path, root: Path) -> tuple[_Read | None, list[Problem]]:
    """The item that a file holds, or what keeps it from being one; whether it is a good one is not looked at."""
    place = PurePosixPath(path.relative_to(root).as_posix())

    def problem(line: int, sentence: str) -> tuple[None, list[Problem]]:
        return None, [Problem(place, line, sentence)]

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return problem(1, f"not UTF-8 ({error.reason} at byte {error.start}): save the file as UTF-8")
    lines = text.split("\n")
    fences = [n for n, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        return problem(1, f"the file must start with {FENCE}, TOML, and {FENCE} alone on a line")
    head, body = "\n".join(lines[1 : fences[1]]), "\n".join(lines[fences[1] + 1 :]).strip()
    try:
        front = tomllib.loads("\n" + head)  # the fence is its first line: messages count as editors do
    except (ValueError, RecursionError) as error:  # also a number of 5 000 digits, a thousand brackets
        at = re.search(r"at line (\d+)", str(error))
        return problem(int(at[1]) if at else 1, f"not TOML: {error}")
    try:
        item = parse_item(front, body)
    except ValidationError:
        faults = [
            Problem(place, line_of(text, str(e["loc"][0]) if e["loc"] else ""), _sentence(e["loc"], e["msg"]))
            for e in faults_of(front)
        ]
        missing = list(_to_fill_in(lines, place))
        told = {problem.line for problem in missing}
        return None, [*missing, *(fault for fault in faults if fault.line not in told)]
    return _Read(item, place, text, (path, *(path.parent / name for name in item.files))), []


def _to_fill_in(lines: list[str], place: PurePosixPath) -> Iterable[Problem]:
    """A problem for each mark of a draft, with the field that it stands in."""
    field = ""
    for n, line in enumerate(lines, start=1):
        if line.rstrip() == FENCE and n > 1:
            field = "the body"
        elif found := re.match(r"([a-z_]+) *=|\[\[?([a-z_.]+)\]", line):
            field = found[1] or found[2]
        one = re.match(r' *\{ id = "(\w+)"', line)
        where = f"{field}.{one[1]}" if one else field
        if not line.startswith("#"):
            for mark in TO_FILL_IN.finditer(line):
                yield Problem(place, n, f"{where} is still to be filled in{f': {mark[1]}' if mark[1] else ''}")


def _sentence(loc: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in loc)
    plain = message.removeprefix("Value error, ")
    return f"{where}: {plain}" if where else plain


def _files(item: Item, path: Path, files: tuple[Path, ...]) -> Iterable[tuple[str, str]]:
    """Problems of the images and attachments of an item."""
    keys = ["media"] * len(item.media) + ["attachments"] * (len(item.files) - len(item.media))
    for key, file in zip(keys, files, strict=True):
        if not file.name.startswith(f"{path.stem}"):
            yield key, f"{file.name}: the name must start with {path.stem}"
        if not file.is_file():
            yield key, f"{file.name} is missing: put it beside the item"
        elif file.stat().st_size == 0:
            yield key, f"{file.name} is empty"
        elif file.stat().st_size > LARGEST_FILE:
            yield key, f"{file.name} is larger than 2 MiB"


def _strays(folder: Path, claimed: set[Path], unread: set[str], root: Path) -> list[Problem]:
    """Files that no item names; an item that could not be read keeps its own files quiet."""
    problems = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file in claimed or file.name.startswith("."):
            continue
        if any(file.name.startswith(stem) for stem in unread):
            continue
        place = PurePosixPath(file.relative_to(root).as_posix())
        problems.append(Problem(place, 1, "no item names this file: name it in media or attachments, or remove it"))
    return problems


def _is_frozen(files: tuple[Path, ...], digest: str) -> bool:
    return all(file.is_file() for file in files) and digest_of(files) == digest


class BrokenRelease(EngineError):
    """A release whose manifest or files are not what was frozen."""

    code = "broken_release"


def is_whole(root: Path, name: str, release: Release) -> bool:
    """Whether the release `name` below `root` is, to the byte, one that was read elsewhere.

    Raises `BrokenRelease` for a manifest that is none.
    """
    manifest = _manifest(root, name)
    return manifest.digest == release.digest and all(
        _is_frozen((root / row.path, *((root / row.path).parent / file for file in item.files)), row.digest)
        for row, item in zip(manifest.items, release.items, strict=True)
    )


def _manifest(root: Path, name: str) -> Manifest:
    path = root / "releases" / f"{name}.json"
    if not path.is_file():
        raise BrokenRelease(f"There is no release {name} at {path}.", release=name)
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BrokenRelease(f"Release {name} cannot be read: {error}", release=name) from error
    if manifest.computed_digest() != manifest.digest:
        raise BrokenRelease(f"The manifest of release {name} was edited after it was frozen.", release=name)
    return manifest


def read_release(root: Path, name: str) -> Release:
    """The release `name` below `root` (which holds `releases/` and `items/`), each file as it was frozen.

    Raises `BrokenRelease`, naming everything that is missing or has changed since.
    """
    manifest = _manifest(root, name)
    items: list[Item] = []
    faults: list[str] = []
    for row in manifest.items:
        file = root / row.path
        if not file.is_file():
            faults.append(f"{row.path} is missing")
            continue
        # What was frozen was good by the rules of its day: those of today are for what is frozen today.
        one, problems = _parsed(file, root)
        if one is not None and _is_frozen(one.files, row.digest):
            items.append(one.item)
        else:
            problems = problems or _read_item(file, root)[1]
            faults += map(str, problems) if problems else [f"{row.path} has changed since"]
    if faults:
        told = "; ".join(faults)
        raise BrokenRelease(
            f"Release {name} is not as it was frozen: {told}. Restore these files, or freeze it anew.", faults=faults
        )
    return Release(
        name=manifest.name,
        digest=manifest.digest,
        provenance=manifest.provenance,
        items=tuple(items),
        parameters=tuple(
            Parameters(p.a, p.b, p.c, p.responses, p.se_b, p.fit, p.flags)
            for p in (r.parameters for r in manifest.items)
        ),
        heldout_error=manifest.heldout_error,
        pretest=frozenset(item.id for item, row in zip(items, manifest.items, strict=True) if row.pretest),
    )
