"""The room of incidents and rulings does not know who answered what."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]


def imported(module: Path) -> set[str]:
    """The modules of the engine that a file names, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: say the whole name of what is imported"
            names |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {n for n in names if n.split(".")[0] == "engine" and path_of(n) is not None}


def path_of(module: str) -> Path | None:
    path = ROOT / module.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def known_to(package: str) -> set[str]:
    """Every module of the engine that a package comes to know, directly or through others."""
    waiting = list((ROOT / package.replace(".", "/")).glob("*.py"))
    assert len(waiting) > 2
    found: set[str] = set()
    while waiting:
        for module in imported(waiting.pop()) - found:
            found.add(module)
            path = path_of(module)
            assert path is not None
            waiting.append(path)
    return found


def test_proctoring_knows_nothing_of_answers():
    known = known_to("engine.proctoring")
    assert "engine.kernel" in known
    # Not even what an item is: a key beside a reply would tell.
    strange = {m for m in known if not m.startswith(("engine.kernel", "engine.proctoring"))}
    assert strange == set()


def test_the_inspection_sees_what_it_looks_for():
    assert {"engine.delivery.commands", "engine.items.response", "engine.proctoring.ruling"} <= known_to(
        "engine.scoring"
    )
