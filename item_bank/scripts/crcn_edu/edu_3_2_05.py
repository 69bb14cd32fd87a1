"""The only pupil of a chat who still waits for an answer."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """An answer begins with @ and the name; it must come before the next question of the same pupil."""
    text = files[0].read_text(encoding="utf-8-sig")
    lines = re.findall(r"^\[\d\d:\d\d\] (\w+) : (.*)$", text, flags=re.MULTILINE)
    waiting = []
    for place, (author, message) in enumerate(lines):
        if author == "Professeur" or not message.endswith("?"):
            continue
        answered = False
        for other, later in lines[place + 1 :]:
            if other == author and later.endswith("?"):
                break
            if re.match(rf"@{author}\b", later):
                answered = True
                break
        if not answered:
            waiting.append(author)
    assert len(waiting) == 1
    return waiting[0]


def make(folder: Path) -> None:
    """The two pupils with similar names exchange them; or one has another, as similar."""
    text = (folder / "edu-3.2-05.txt").read_bytes().decode()
    for variant, names in (("v2", {"Maëlys": "Maël", "Maël": "Maëlys"}), ("v3", {"Maëlys": "Maëlle"})):
        other = re.sub(r"\bMaël(ys)?\b", lambda m, to=names: to.get(m[0], m[0]), text)
        (folder / f"edu-3.2-05-{variant}.txt").write_bytes(other.encode())
