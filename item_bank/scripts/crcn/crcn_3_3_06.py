"""The only image of a page without an alternative text, even an empty one."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """The name of its file."""
    images = re.findall(r"<img\b[^>]*>", files[0].read_text(encoding="utf-8"))
    missing = [image for image in images if not re.search(r"\salt=", image)]
    assert len(images) == 18
    assert len(missing) == 1
    source = re.search(r'src="img/([^"]+)"', missing[0])
    assert source is not None
    return source[1]


def make(folder: Path) -> None:
    """The image gets its alternative text, that of another one becomes a title."""
    page = (folder / "crcn-3.3-06.html").read_bytes().decode()
    for variant, other in (("v2", "coupe-grotte.png"), ("v3", "chambre.jpg")):

        def changed(image: re.Match[str], other: str = other) -> str:
            if "carte-alpage.png" in image[0]:
                return image[0].replace("title=", "alt=")
            return re.sub(r"\balt=", "title=", image[0]) if other in image[0] else image[0]

        text = re.sub(r"<img\b[^>]*>", changed, page)
        (folder / f"crcn-3.3-06-{variant}.html").write_bytes(text.encode())
