"""The largest PDF of an archive, once it is extracted."""

import zipfile
from copy import copy
from pathlib import Path, PurePosixPath


def key(files: list[Path]) -> str:
    """By the size of the extracted file; inside the archive another one is larger."""
    with zipfile.ZipFile(files[0]) as archive:
        assert archive.testzip() is None
        pdfs = [info for info in archive.infolist() if info.filename.endswith(".pdf")]
        assert all(archive.read(info).startswith(b"%PDF-1.4") for info in pdfs)
    first, second, *_ = sorted(pdfs, key=lambda info: info.file_size, reverse=True)
    assert first.file_size > 1.2 * second.file_size
    assert max(pdfs, key=lambda info: info.compress_size) is not first
    name = PurePosixPath(first.filename).name
    assert [PurePosixPath(info.filename).name for info in pdfs].count(name) == 1
    return name


def make(folder: Path) -> None:
    """The largest exchanges its content with another PDF."""
    largest = "classe-cm2/Sciences/levures.pdf"
    for variant, other in (("v2", "classe-cm2/Sciences/volcans.pdf"), ("v3", "classe-cm2/Arts/cadrage.pdf")):
        exchanged = {largest: other, other: largest}
        with (
            zipfile.ZipFile(folder / "crcn-1.2-04.zip") as before,
            zipfile.ZipFile(folder / f"crcn-1.2-04-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                after.writestr(copy(info), before.read(exchanged.get(info.filename, info.filename)))
