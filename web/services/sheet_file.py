"""A file of candidates as rows of text: CSV in its usual encodings and separators, or a workbook (XLSX, ODS, XLS)."""

import codecs
import csv
import io
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from engine.kernel import EngineError

LARGEST = 2 * 1024 * 1024
MOST_CELLS = 500_000  # as in sheet_process.py
_PATIENCE = 20  # seconds
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"%PDF-", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff")  # what people send by mistake and may look like a text
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SEPARATORS = ";\t,"
_READERS = threading.BoundedSemaphore(2)  # many files at once take no memory from those who sit a test
_PROCESS = Path(__file__).with_name("sheet_process.py")

Rows: TypeAlias = list[list[str]]


class NotASheet(EngineError):
    """A file that is neither a workbook nor a text with columns."""

    code = "not_a_sheet"


class SheetEncrypted(EngineError):
    """A workbook that is protected by a password."""

    code = "sheet_encrypted"


class SheetTooBig(EngineError):
    """A file of more than 2 MB, or a workbook that unfolds to far more than a list."""

    code = "sheet_too_big"


class SheetEmpty(EngineError):
    """A file without any filled cell."""

    code = "sheet_empty"


@dataclass(frozen=True, slots=True)
class SheetFile:
    """The sheets of a file, each as rows of text; the first row is row 1."""

    sheets: tuple[Rows, ...]


def read(content: bytes) -> SheetFile:
    """The rows of a file. Raises `NotASheet`, `SheetEncrypted`, `SheetTooBig`, `SheetEmpty`."""
    if len(content) > LARGEST:
        raise SheetTooBig(f"{len(content)} bytes are more than {LARGEST}.", size=len(content))
    if not content.strip(b"\x00 \t\r\n"):
        raise SheetEmpty("The file has nothing in it.")
    if content.startswith(_OTHERS):
        raise NotASheet("This is a document or a picture.")
    is_book = content.startswith((_ZIP, _COMPOUND))
    sheets = _of_book(content) if is_book else [_of_text(_decoded(content))]
    filled = tuple(rows for rows in sheets if any(any(cell for cell in row) for row in rows))
    if not filled:
        raise SheetEmpty("No cell is filled.")
    return SheetFile(filled)


def _of_book(content: bytes) -> list[Rows]:
    if content.startswith(_COMPOUND) and _ENCRYPTED in content:
        raise SheetEncrypted("The workbook is protected by a password.")
    try:
        with _READERS:
            done = subprocess.run(
                [sys.executable, "-I", str(_PROCESS)],
                input=content,
                capture_output=True,
                timeout=_PATIENCE,
                check=True,
                env={},  # it is told no secret of ours
            )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise NotASheet("The reader of workbooks gave up.") from error
    match told:
        case {"sheets": sheets}:
            return [[[plain(cell) for cell in row] for row in rows] for rows in sheets]
        case {"problem": "too_much"}:
            raise SheetTooBig("The workbook has far more in it than a list.", size=len(content))
        case {"problem": "encrypted"}:
            raise SheetEncrypted("The workbook is protected by a password.")
        case _:
            raise NotASheet("The workbook cannot be read.")


def _decoded(content: bytes) -> str:
    """A text in UTF-8, with or without mark, in UTF-16 with a mark, or as Windows writes it in France."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(c) < 32 and c not in "\t\r\n\x0c" for c in text):
            break
        return text
    raise NotASheet("This is not a text.")


def _of_text(text: str) -> Rows:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines and lines[0].casefold().startswith("sep=") and len(lines[0]) == 5:  # a spreadsheet's own note
        separator, text = lines[0][4], "\n" + text.split("\n", 1)[-1]
    else:
        separator = _separator(lines)
    rows: Rows = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            cells += len(row) + 1
            if cells > MOST_CELLS:
                raise SheetTooBig(f"More than {MOST_CELLS} cells are more than a list.")
            rows.append([plain(cell) for cell in row])
    except csv.Error as error:
        raise NotASheet(f"The text has no columns: {error}.") from error
    return rows


def _separator(lines: list[str]) -> str:
    """The sign that cuts the first lines into the most columns; of equals the one that French spreadsheets write."""
    head = [line for line in lines[:30] if line.strip()]
    return max(_SEPARATORS, key=lambda sign: max((line.count(sign) for line in head[:10]), default=0))


def plain(cell: str) -> str:
    """A text with single plain spaces and without signs that nobody sees."""
    return " ".join("".join(c for c in cell if c.isprintable() or c.isspace()).split())
