"""The keys of file tasks, found again in their files by the script that an item has for it."""

import runpy
from collections.abc import Iterable
from pathlib import Path

from engine.items.bank import Bank
from engine.items.item import Item, Kind
from engine.items.response import is_correct, parse
from engine.items.variants import every_variant
from engine.kernel import EngineError, ItemId


def script_of(root: Path, item: Item) -> Path:
    """Where the script of an item stands: its id, as a name of a Python module."""
    return root / "scripts" / item.framework / f"{item.id.replace('-', '_').replace('.', '_')}.py"


def faults_of_keys(root: Path, bank: Bank) -> Iterable[tuple[ItemId, str, str]]:
    """Triples (item, front-matter key, sentence): file tasks whose script finds another key, or that have none.

    Runs the Python of the bank: only of one that you trust.
    """
    for item in bank:
        if item.kind is not Kind.FILE_TASK:
            continue
        script = script_of(root, item)
        if not script.is_file():
            yield item.id, "attachments", f"no script finds its key again: write {script.relative_to(root)}"
            continue
        folder = (root / bank.sources[item.id].path).parent
        yield from ((item.id, "key", told) for told in _faults(script, item, folder))


def stray_scripts(root: Path, bank: Bank) -> list[str]:
    """Scripts that no item of the bank has."""
    own = {script_of(root, item) for item in bank if item.kind is Kind.FILE_TASK}
    return [str(p.relative_to(root)) for p in sorted((root / "scripts").rglob("*.py")) if p not in own]


def _faults(script: Path, item: Item, folder: Path) -> Iterable[str]:
    try:
        find = runpy.run_path(str(script))["key"]
    except Exception as error:  # whatever an author's script does wrong is told as a problem of the item
        yield f"{script.name} does not run: {error!r}"
        return
    for number, one in enumerate(every_variant(item), start=1):
        files = [folder / a.file for a in one.attachments]
        try:
            found = str(find(files))
            right = is_correct(one.interaction, parse(one.interaction, found))
        except EngineError as error:
            yield f"variant {number}: what {script.name} finds could not be given as an answer: {error}"
        except Exception as error:
            yield f"variant {number}: {script.name} fails on {', '.join(f.name for f in files)}: {error!r}"
        else:
            if not right:
                yield f"variant {number}: the file says {found!r}, the key says otherwise ({script.name})"
