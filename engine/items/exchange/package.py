"""A package: a zip whose names lead nowhere else and whose contents fit in memory; in and out."""

import io
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from engine.items.exchange.model import Faulty, Place

MANY = 20_000
LARGEST_CONTENT = 512 * 1024 * 1024
LARGEST_MEMBER = 64 * 1024 * 1024
DENSEST = 200
"""How many times larger than its zipped form a file above 1 MiB may be: text seldom passes 20, a bomb has 1 000."""


def unpack(data: bytes, file: str) -> dict[str, bytes]:
    """The files of a zip by their names. Raises `Faulty`, naming everything that is wrong before any is unpacked."""
    place = Place(file)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Faulty(place.problem(f"not a zip file: {error}")) from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        wrong = [place.problem(f"{info.filename!r}: {fault}") for info in members for fault in _faults(info)]
        if len(members) > MANY:
            wrong.append(place.problem(f"{len(members)} files: cut it into packages of {MANY} at most"))
        if sum(info.file_size for info in members) > LARGEST_CONTENT:
            wrong.append(
                place.problem(f"unpacked it is larger than {LARGEST_CONTENT // 2**20} MiB: a bomb, or too much")
            )
        twice = [name for name, n in Counter(info.filename for info in members).items() if n > 1]
        wrong += [place.problem(f"{name!r} stands twice: keep one of them") for name in twice]
        if wrong:
            raise Faulty(*wrong)
        try:
            return {info.filename: archive.read(info) for info in members}
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
            raise Faulty(place.problem(f"cannot be unpacked: {error}")) from error
        except Exception as error:  # zlib and lzma have errors of their own, and no common base
            if type(error).__module__ not in {"zlib", "_lzma", "lzma"}:
                raise
            raise Faulty(place.problem(f"cannot be unpacked: {error}")) from error


def _faults(info: zipfile.ZipInfo) -> list[str]:
    name = info.filename
    faults = []
    parts = PurePosixPath(name).parts
    if "\\" in name:
        faults.append("a \\ in the name: make the zip with / between folders and files")
    if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        faults.append("a name that leads out of the package: nothing is unpacked")
    if stat.S_ISLNK(info.external_attr >> 16):
        faults.append("a link: put the file itself into the package")
    if info.flag_bits & 0x1:
        faults.append("enciphered: take the password off")
    if info.file_size > LARGEST_MEMBER:
        faults.append(f"larger than {LARGEST_MEMBER // 2**20} MiB")
    elif info.file_size > 2**20 and info.file_size > DENSEST * max(info.compress_size, 1):
        faults.append(f"{info.file_size // max(info.compress_size, 1)} times larger than its zipped form: a bomb")
    return faults


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of some files; the same files give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return target.getvalue()


def resolved(href: str, base: str) -> str:
    """The name in the package that a reference means, seen from the file `base`; empty if it leads out of it.

    >>> resolved("../images/a.png", "items/q.xml"), resolved("../../a", "items/q.xml"), resolved("http://a/b", "q.xml")
    ('images/a.png', '', '')
    """
    plain = unquoted(href.split("#", 1)[0].split("?", 1)[0])
    if not plain or ":" in plain.split("/", 1)[0] or plain.startswith("/") or "\\" in plain:
        return ""
    parts: list[str] = []
    for part in (*PurePosixPath(base).parent.parts, *plain.split("/")):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def unquoted(text: str) -> str:
    """`%20` and its like as the characters that they stand for (`urllib` is not for the engine)."""
    pieces = text.split("%")
    out = bytearray(pieces[0].encode())
    for piece in pieces[1:]:
        try:
            out += bytes([int(piece[:2], 16)]) + piece[2:].encode()
        except ValueError:
            out += b"%" + piece.encode()
    return out.decode(errors="replace")
