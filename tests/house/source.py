"""The files of the project, as house tests read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "node_modules", "__pycache__", "dist", "build", "vendor", "playwright-browsers"}


def files(*patterns: str, below: str = "") -> list[Path]:
    """Files of the project, by the ends of their names; what is installed or generated is left out."""
    found = []
    todo = [ROOT / below]
    while todo:
        for path in sorted(todo.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name != ".ci"
            if path.name in NOT_OURS or path.name.endswith(".egg-info") or (path.is_dir() and hidden):
                continue
            if path.is_dir():
                todo.append(path)
            elif any(path.match(pattern) for pattern in patterns):
                found.append(path)
    assert found, f"no {patterns} below {ROOT / below}: this test looks at nothing"
    return found


def short(path: Path) -> str:
    """How a file is named in a failure."""
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    """The syntax of a Python file, node by node."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), path.name))


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute or a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
