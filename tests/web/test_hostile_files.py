"""Files that somebody built to harm: read or refused by name, within a memory and a time, opening nothing else."""

import io
import resource
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web import hostile_books as books
from tests.web.test_import import ROWS, TITLES, WORKBOOK, as_csv, as_xlsx, sent
from tests.web.world import World
from web.services import roster_file, sheet_file
from web.services.sheet_file import NotASheet, SheetEmpty, SheetEncrypted, SheetTooBig
from web.services.sheet_process import CELLS, MEMORY, SECONDS, SIGNS

REFUSED = (NotASheet, SheetEmpty, SheetEncrypted, SheetTooBig)
PATIENCE = 25  # seconds on a busy machine; the reader has 5 of its own, within 20
CELL = '<c t="s"><v>0</v></c>'
REPEATED = 'table:number-columns-repeated="{}"'
CANARY = "a-canary-that-stands-in-a-file"


def _times(text: str, count: int) -> str:
    return "".join(text for _ in range(count))


def _many_of_one_text() -> bytes:
    """Twenty-five kilobytes that say one text of a thousand signs three hundred thousand times."""
    row = f"<row>{_times(CELL, 60)}</row>"
    shared = books.strings(f"<si><t>{'x' * 1000}</t></si>")
    return books.package(books.xlsx_parts(books.rows(_times(row, 5000)), shared))


def _one_sheet_many_times() -> bytes:
    return books.package(books.xlsx_parts(books.rows(_times(books.inline("x" * 900), 3000)), sheets=200))


def _a_long_sheet_of(piece: bytes, times: int) -> bytes:
    out = io.BytesIO()
    parts = books.xlsx_parts("")
    parts.pop("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(books.rows("").split("</sheetData>")[0].encode())
            for _ in range(1000):
                part.write(piece * (times // 1000))
    return out.getvalue()


def _a_zip_in_a_zip(depth: int = 20) -> bytes:
    inner = b"x" * 1_000_000
    for _ in range(depth):
        inner = books.package({"inner.zip": inner})
    return books.package({**books.xlsx_parts(books.rows(books.inline("Nom"))), "xl/embeddings/inner.zip": inner})


def _overlapping() -> bytes:
    """Many entries of the directory that point to one stream (Fifield, 2019)."""
    content = WORKBOOK
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.start_dir
    end = content.rindex(b"PK\x05\x06")
    directory, tail = content[at:end], bytearray(content[end:])
    many = directory * 300
    count = min(len(zipfile.ZipFile(io.BytesIO(content)).namelist()) * 300, 65_535)
    struct.pack_into("<HHII", tail, 8, count, count, len(many), at)
    return content[:at] + many + bytes(tail)


def _lying_about_its_size() -> bytes:
    content = bytearray(WORKBOOK)
    for mark, field in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(mark)
        while at >= 0:
            struct.pack_into("<I", content, at + field, 0xFFFFFFF0)
            at = content.find(mark, at + 4)
    return bytes(content)


def _encrypted_entries() -> bytes:
    content = bytearray(WORKBOOK)
    for mark, field in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + field] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def _names_that_climb() -> bytes:
    parts = books.xlsx_parts(books.rows(books.inline("Nom")))
    climbing = ("../../../../tmp/palier-was-here", "/tmp/palier-was-here", "..\\..\\palier-was-here", "C:\\x", "a\x00b")
    return books.package({**parts, **dict.fromkeys(climbing, CANARY)})


def _targets_that_climb() -> bytes:
    parts = books.xlsx_parts(books.rows(books.inline("Nom")))
    rels = str(parts["xl/_rels/workbook.xml.rels"])
    parts["xl/_rels/workbook.xml.rels"] = rels.replace("worksheets/sheet1.xml", "../../../../etc/passwd")
    return books.package(parts)


BOMBS: dict[str, Callable[[], bytes]] = {
    "one text a million times": _many_of_one_text,
    "one sheet two hundred times": _one_sheet_many_times,
    "a gigabyte of spaces": lambda: _a_long_sheet_of(b" ", 10**9),
    "a hundred million tags": lambda: _a_long_sheet_of(b"<c/>", 10**8),
    "a zip in a zip": _a_zip_in_a_zip,
    "overlapping entries": _overlapping,
    "sizes that lie": _lying_about_its_size,
    "encrypted entries": _encrypted_entries,
    "names that climb": _names_that_climb,
    "targets that climb": _targets_that_climb,
    "a dimension without end": lambda: books.package(
        books.xlsx_parts(
            books.rows(books.inline("Nom")).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
        )
    ),
    "a cell at the end of the world": lambda: books.package(
        books.xlsx_parts(
            books.rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"/></row>')
        )
    ),
    "a cell beyond the end": lambda: books.package(
        books.xlsx_parts(books.rows('<row r="4294967295"><c r="ZZZZZZZ4294967295"><v>1</v></c></row>'))
    ),
    "nested without end": lambda: books.package(books.xlsx_parts(books.rows(_times("<row>", 200_000)))),
    "attributes without end": lambda: books.package(
        books.xlsx_parts(books.rows("<row " + "".join(f'a{n}="1" ' for n in range(100_000)) + "/>"))
    ),
    "one text of a hundred megabytes": lambda: books.package(books.xlsx_parts(books.rows(books.inline("x" * 10**8)))),
    "laughs in shared texts": lambda: books.package(
        books.xlsx_parts(
            books.rows('<row><c t="s"><v>0</v></c></row>'), books.strings("<si><t>&lol9;</t></si>", books.laughs())
        )
    ),
    "laughs in a sheet": lambda: books.package(books.xlsx_parts(books.rows(books.inline("&lol9;"), books.laughs()))),
    "laughs in an ODS": lambda: books.ods(
        f"<table:table-row>{books.ods_cell('&lol9;')}</table:table-row>", books.laughs()
    ),
    "one entity many times": lambda: books.package(
        books.xlsx_parts(books.rows(books.inline("&a;" * 60_000), books.quadratic()))
    ),
    "one entity many times in an ODS": lambda: books.ods(
        f"<table:table-row>{books.ods_cell('&a;' * 60_000)}</table:table-row>", books.quadratic()
    ),
    "columns repeated in an ODS": lambda: books.ods(
        f"<table:table-row>{books.ods_cell('x' * 900, REPEATED.format(2147483647))}</table:table-row>"
    ),
    "rows repeated in an ODS": lambda: books.ods(
        f'<table:table-row table:number-rows-repeated="2147483647">{books.ods_cell("x" * 900)}</table:table-row>'
    ),
    "both repeated in an ODS": lambda: books.ods(
        '<table:table-row table:number-rows-repeated="1048576">'
        f"{books.ods_cell('x' * 900, REPEATED.format(16384))}</table:table-row>"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused_within_its_memory_and_time(name: str):
    content = BOMBS[name]()
    assert len(content) <= sheet_file.LARGEST, "it would be refused for its size alone"
    before, began, children = _memory(), time.monotonic(), _children()
    try:
        file = sheet_file.read(content)
    except REFUSED:
        pass
    else:
        assert sum(len(cell) for rows in file.sheets for row in rows for cell in row) <= SIGNS
    assert time.monotonic() - began < PATIENCE
    assert _memory() - before < 150 << 20
    # The largest child so far: of another test perhaps; and a child begins as large as the one that starts it.
    assert _children() <= max(children, _memory(), MEMORY) + (64 << 20)


@pytest.mark.parametrize("name", ["one text a million times", "laughs in an ODS", "names that climb"])
def test_a_bomb_that_is_sent_is_told_as_any_wrong_file(world: World, name: str):
    page = sent(world.staff("centre"), world.session, BOMBS[name](), "liste.xlsx", expect=400)
    assert page.heading == "Inscrire par fichier"
    assert page.alert


def test_several_bombs_at_once_do_not_add_up():
    content, running, most = _many_of_one_text(), 0, 0
    lock = threading.Lock()
    real = sheet_file.subprocess.run

    def counted(*args: object, **more: object) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return real(*args, **more)  # type: ignore[call-overload]
        finally:
            with lock:
                running -= 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_file.subprocess, "run", counted)
        with ThreadPoolExecutor(8) as pool:
            ended = list(pool.map(_ending, [content] * 8))
    assert set(ended) <= {"SheetTooBig", "NotASheet"}
    assert 1 <= most <= 2


def test_nothing_climbs_out_of_an_archive(tmp_path: Path):
    sheet_file.read(_names_that_climb())
    assert not Path("/tmp/palier-was-here").exists()
    with pytest.raises(REFUSED):
        sheet_file.read(_targets_that_climb())
    del tmp_path


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address that notes who calls."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            try:
                caller, _ = server.accept()
            except TimeoutError:
                continue
            heard.append(caller.recv(1000))
            caller.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/x", heard
    done.set()
    thread.join()
    server.close()


@pytest.mark.parametrize("before", [books.external, books.parametric], ids=["entity", "parameter entity"])
@pytest.mark.parametrize("place", ["sheet", "shared texts", "workbook", "relationships", "ods"])
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_what_stands_elsewhere_is_never_fetched(
    tmp_path: Path,
    listener: tuple[str, list[bytes]],
    before: Callable[[str], str],
    place: str,
    scheme: str,
):
    (secret := tmp_path / "secret").write_text(CANARY)
    address, heard = listener
    head = before(secret.as_uri() if scheme == "file" else address)
    parts = books.xlsx_parts(books.rows(books.inline("Nom &x;") + '<row><c t="s"><v>0</v></c></row>'))
    parts["xl/sharedStrings.xml"] = books.strings("<si><t>Nom &x;</t></si>")
    part = {
        "sheet": "xl/worksheets/sheet1.xml",
        "shared texts": "xl/sharedStrings.xml",
        "workbook": "xl/workbook.xml",
        "relationships": "xl/_rels/workbook.xml.rels",
    }.get(place)
    if part:
        parts[part] = head + str(parts[part])
        content = books.package(parts)
    else:
        content = books.ods(f"<table:table-row>{books.ods_cell('Nom &x;')}</table:table-row>", head)
    try:
        seen = str(sheet_file.read(content).sheets)
    except REFUSED:
        seen = ""
    assert CANARY not in seen
    assert not heard


def test_the_reader_of_strangers_files_knows_no_secret_and_can_open_nothing(monkeypatch: pytest.MonkeyPatch):
    """What the process has: no variable of ours, no descriptor left, a time and a memory."""
    monkeypatch.setenv("PALIER_SECRET_KEY", CANARY)
    probe = """
import json, os, resource, socket, sys
sys.path.insert(0, {folder!r})
import sheet_process
sheet_process.confine()
def opens(what, *about):
    try:
        what(*about)
    except OSError:
        return "no"
    return "yes"
seen = [os.environ.get("PALIER_SECRET_KEY", "none"), opens(open, "/etc/passwd"), opens(socket.socket)]
print(json.dumps({{"sheets": [[seen + [str(resource.getrlimit(resource.RLIMIT_CPU)[0])]]]}}))
"""
    folder = str(sheet_file._PROCESS.parent)
    (real, seen) = (sheet_file.subprocess.run, [])

    def run(command: list[str], **more: object) -> object:
        seen.append(command)
        return real([command[0], "-I", "-c", probe.format(folder=folder)], **more)  # type: ignore[call-overload]

    monkeypatch.setattr(sheet_file.subprocess, "run", run)
    assert sheet_file.read(WORKBOOK).sheets == ([["none", "no", "no", str(SECONDS)]],)
    assert seen


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\x.csv", "/etc/passwd", "liste\x00.csv", "<img src=x onerror=alert(1)>.csv",
     "é" * 300,
     '"; filename="x', "a%0d%0aSet-Cookie: x=1.csv", "=cmd|' /C calc'!A0.csv", "\u202egpj.vsc"],
)  # fmt: skip
def test_the_name_of_a_file_is_text_and_leads_nowhere(world: World, name: str):
    browser = world.staff("centre")
    sent(browser, world.session, as_csv([TITLES, *ROWS]), name)
    page = browser.follow()
    assert "<img src=x" not in page.html
    assert "3 à inscrire" in page.text
    browser.submit(f"{page.path}/confirmer")
    answer = browser.follow()
    assert "Set-Cookie: x=1" not in str(answer.headers)


# Laws

PIECES = st.sampled_from(
    ["<row>", "</row>", "<c>", '<c t="s">',
     '<c t="b"><v>1</v></c>', '<c t="d"><v>2026-13-45</v></c>', "<v>", "</v>",
     "0",     "-1", "99999999999999999999", "1e400", "NaN", '<c r="A0">', '<c r="ZZZZ1">', "<is><t>", "</t></is>",
     "</c>",
     "&#0;",     "&#xD800;", "&x;", "<![CDATA[", "]]>", "<!--", "-->", "<f>1+1</f>", '<mergeCell ref="A1:XFD1048576"/>',
     "é",
     "\x0b"]
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheet=st.lists(PIECES, max_size=30).map("".join), shared=st.lists(PIECES, max_size=10).map("".join))
def test_a_workbook_of_any_xml_is_read_or_refused_by_name(sheet: str, shared: str):
    _read_and_understood(books.package(books.xlsx_parts(books.rows(sheet), books.strings(f"<si>{shared}</si>"))))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            PIECES,
            st.sampled_from([
                "<table:table-row>", "</table:table-row>", books.ods_cell("Nom"), "<text:p>", "</text:p>",
                '<table:table-cell office:value-type="date" office:date-value="31/02/1985"/>',
                '<table:table-cell office:value-type="float" office:value="x"/>',
                '<table:table-cell table:number-columns-repeated="-1"/>',
            ]),
        ),
        max_size=20,
    ).map("".join)
)  # fmt: skip
def test_an_ods_of_any_xml_is_read_or_refused_by_name(content: str):
    _read_and_understood(books.ods(content))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_list_that_was_cut_doubled_or_bent_is_read_or_refused_by_name(data: st.DataObject):
    content = data.draw(st.sampled_from([WORKBOOK, as_csv([TITLES, *ROWS]), as_csv([TITLES, *ROWS], "\t", "utf-16")]))
    content = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at, to = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        match data.draw(st.sampled_from(["cut", "double", "bend"])):
            case "cut":
                del content[at:to]
            case "double":
                content[at:at] = content[at:to]
            case "bend":
                content[at:at] = data.draw(st.binary(max_size=8))
    _read_and_understood(bytes(content))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*TITLES, ";", ",", "\t", "\n", "\r\n", '"', '""', "sep=", "\ufeff", "\x00", "\x1a", "=1+1"]
            ),
            st.text(max_size=6),
        ),
        max_size=60,
    ).map("".join),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1252", "utf-7"]),
)
def test_a_csv_of_any_signs_in_any_encoding_is_read_or_refused_by_name(text: str, encoding: str):
    _read_and_understood(text.encode(encoding, "replace"))


@pytest.mark.parametrize(
    "content",
    [b'"' * 1_000_000, b";" * 2_000_000, b"\n" * 2_000_000 + b"x", b"a;b\n" * 500_000, b'"a' + b'""' * 900_000,
     b"sep=\n\nx", b"sep=;" + b"\r" * 500_000, "é;".encode() * 600_000],
    ids=range(8),
)  # fmt: skip
def test_a_csv_that_is_all_separators_is_done_within_seconds(content: bytes):
    began = time.monotonic()
    _read_and_understood(content)
    assert time.monotonic() - began < PATIENCE


def test_a_whole_list_of_five_thousand_is_within_the_limits():
    file = sheet_file.read(as_xlsx([TITLES, *[[*ROWS[0][:4], f"A-{n}", *ROWS[0][5:]] for n in range(5000)]]))
    assert len(roster_file.lines_of(roster_file.table_of(file))) == 5000


def test_texts_and_workbooks_have_one_limit():
    assert sheet_file.MOST_CELLS == CELLS


def _read_and_understood(content: bytes) -> None:
    """All that happens to a file before anybody sees it; anything but a named refusal fails the test."""
    try:
        table = roster_file.table_of(sheet_file.read(content))
    except (*REFUSED, roster_file.WrongColumns, roster_file.NoCandidates, roster_file.TooManyLines):
        return
    roster_file.lines_of(table)


def _ending(content: bytes) -> str:
    try:
        sheet_file.read(content)
    except REFUSED as refusal:
        return type(refusal).__name__
    return "read"


def _children() -> int:
    """Bytes of the largest process that this one has started and seen the end of."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10


def _memory() -> int:
    """Bytes of this process, at their highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
