"""Reading a bank: a whole one, or every problem with its file and line."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.items.bank import Bank, Problem
from engine.items.frameworks import Framework, Level, Track
from engine.items.item import Attachment, Demand, Kind, Medium, MultipleChoice, Number, ShortText, Status
from engine.items.read import LARGEST_FILE, read_bank
from tests.engine.items.files import GOOD, PLAIN, REASONED, SINGLE, good_bank, item_file, put

ONE = "items/crcn/1.1/crcn-1.1-01.md"
TASK = "items/crcn/1.3/crcn-1.3-01.md"
MEDIA = "items/crcn_edu/2.2/edu-2.2-01.md"


def problems(root: Path) -> list[str]:
    bank, found = read_bank(root)
    assert bank is None
    return [str(p) for p in found]


def test_a_good_bank_is_read_whole_in_the_order_of_ids(tmp_path):
    bank, found = read_bank(good_bank(tmp_path))
    assert found == ()
    assert bank is not None
    names = [i.id for i in bank]
    assert names == sorted(Path(p).stem for p in GOOD if p.endswith(".md"))
    assert {i.kind for i in bank} == set(Kind)
    assert len(bank) == len(names) == len(bank.sources)


def test_an_item_is_what_its_file_says(tmp_path):
    bank, _ = read_bank(good_bank(tmp_path))
    assert bank is not None
    items = {str(i.id): i for i in bank}
    text = items["edu-2.2-01"]
    assert (text.framework, text.competence, text.domain, text.tag) == (
        Framework.CRCN_EDU,
        "2.2",
        2,
        Level.CONFIRME,
    )
    assert text.tracks == frozenset(Track)
    assert text.status is Status.APPROVED
    assert text.body == "Un courriel.\n\n![](edu-2.2-01.svg)\n\n**Une question ?**"
    assert text.media == (Medium("edu-2.2-01.svg", "Un courriel"),)
    assert isinstance(text.interaction, ShortText)
    assert text.interaction.refused == ("harponnage",)
    assert text.interaction.forgiven.typos
    assert text.interaction.forgiven.case
    task = items["crcn-1.3-01"]
    assert (task.kind, task.tag) == (Kind.FILE_TASK, 3)
    assert task.interaction == Number(12.5, "Mo", absolute=0.1)
    assert task.attachments == (Attachment("crcn-1.3-01.csv", "Un tableau (CSV, 1 ko)"),)
    ticked = items["crcn-1.1-02"].interaction
    assert isinstance(ticked, MultipleChoice)
    assert ticked.key == {"a", "d"}


def test_an_item_demands_nothing_unless_its_file_says_so(tmp_path):
    bank, _ = read_bank(good_bank(tmp_path))
    assert bank is not None
    assert {i.demands for i in bank} == {frozenset()}
    text = item_file("crcn-1.1-01", SINGLE, enemies=["edu-2.2-01"], demands=["colour", "sight"])
    demanding, problems = read_bank(good_bank(tmp_path / "other", **{ONE: text}))
    assert demanding is not None, problems
    assert demanding.items[0].demands == {Demand.COLOUR, Demand.SIGHT}


def test_a_file_with_windows_line_ends_is_the_same_item(tmp_path):
    before, _ = read_bank(good_bank(tmp_path))
    put(tmp_path, {ONE: str(GOOD[ONE]).replace("\n", "\r\n")})
    after, found = read_bank(tmp_path)
    assert found == ()
    assert before is not None
    assert after is not None
    assert after.items == before.items


def test_an_empty_folder_is_no_bank(tmp_path):
    assert problems(tmp_path) == ["items:1: no item found: put them at items/<framework>/<competence>/"]


CHOICE_FAULTS: list[tuple[str, dict[str, object], str, str]] = [
    ("an unknown key", {"key": "z"}, "", "the key names z, which is not among a, b, c, d"),
    ("too few choices", {"choices": REASONED[:2]}, "choices", "choices: Tuple should have at least 3 items"),
    ("one id twice", {"choices": [*REASONED[:3], REASONED[0] | {"text": "x"}]}, "", "the id 'a' stands twice"),
    ("one text twice", {"choices": [*REASONED[:3], REASONED[0] | {"id": "d"}]}, "", "the text 'proposition a'"),
    ("a silent choice", {"choices": [*REASONED[:3], PLAIN[3]]}, "", "say in `why` what is wrong with choice d"),
    ("a bad id", {"choices": [*REASONED[:3], PLAIN[3] | {"id": "D!"}]}, "choices", "choices.3.id: String should match"),
    ("an empty text", {"choices": [*REASONED[:3], {"id": "d", "text": ""}]}, "choices", "choices.3.text: String"),
    (
        "a catch-all",
        {"choices": [*REASONED[:3], {"id": "d", "text": "Toutes les réponses", "why": "Non."}]},
        "choices",
        "choice d is a catch-all",
    ),
    ("a field of another interaction", {"unit": "Mo"}, "unit", "unit: Extra inputs are not permitted"),
]
HEAD_FAULTS: list[tuple[str, dict[str, object], str, str]] = [
    ("an unknown field", {"colour": "red"}, "colour", "colour: Extra inputs are not permitted"),
    ("a missing field", {"licence": None}, "", "licence: Field required"),
    ("an empty field", {"source": ""}, "source", "source: String should have at least 1 character"),
    ("version nought", {"version": 0}, "version", "version: Input should be greater than or equal to 1"),
    ("an unknown status", {"status": "ready"}, "status", "status: Input should be 'draft', 'pretest', 'approved'"),
    ("an unknown framework", {"framework": "pix"}, "framework", "framework: Input should be 'crcn_edu' or 'crcn'"),
    ("an unknown competence", {"competence": "1.9"}, "", "crcn has no competence 1.9"),
    ("another id", {"id": "crcn-1.2-01"}, "", "the id must start with crcn-1.1-"),
    ("an id of no shape", {"id": "one"}, "id", "id: String should match pattern"),
    ("a level of the other framework", {"level": "expert"}, "", "CRCN-Édu levels are names, CRCN levels are numbers"),
    ("a level beyond eight", {"level": 9}, "level", "level: a CRCN level lies between 1 and 8"),
    ("a subject that is no slug", {"subject": "Le Droit"}, "subject", "subject: String should match pattern"),
    ("no track", {"tracks": []}, "tracks", "tracks: Tuple should have at least 1 item"),
    ("an unknown track", {"tracks": ["third"]}, "tracks", "tracks.0: Input should be"),
    ("too little time", {"expected_seconds": 5}, "expected_seconds", "expected_seconds: Input should be greater"),
    ("an unknown interaction", {"interaction": "essay"}, "interaction", "interaction: Input should be"),
    ("an answer outside a file task", {"answer": "number"}, "", "`answer` is given for a file_task, and only there"),
    ("an unknown demand", {"demands": ["smell"]}, "demands", "demands.0: Input should be 'sight', 'colour', "),
    ("a demand named twice", {"demands": ["colour", "colour"]}, "demands", "demands: a demand is named once"),
    ("its own enemy", {"enemies": ["edu-2.2-01", "crcn-1.1-01"]}, "enemies", "an item is not its own enemy"),
    ("an enemy that is not", {"enemies": ["edu-2.2-01", "crcn-5.2-99"]}, "enemies", "crcn-5.2-99 does not exist"),
    (
        "an enemy that does not know",
        {"enemies": ["edu-2.2-01", "crcn-2.1-01"]},
        "enemies",
        "crcn-2.1-01 does not name crcn-1.1-01 as its enemy",
    ),
    (
        "an attachment that is missing",
        {"attachments": [{"file": "crcn-1.1-01.pdf", "title": "Un document"}]},
        "attachments",
        "crcn-1.1-01.pdf is missing: put it beside the item",
    ),
    ("a path as a file", {"attachments": [{"file": "../x.md", "title": "x"}]}, "attachments", "attachments.0.file: "),
    ("an image without alternative", {"media": [{"file": "crcn-1.1-01.png", "alt": ""}]}, "media", "media.0.alt: "),
]


@pytest.mark.parametrize(("fields", "key", "sentence"), [pytest.param(*f[1:], id=f[0]) for f in CHOICE_FAULTS])
def test_a_fault_of_the_interaction_is_told_with_its_line(tmp_path, fields, key, sentence):
    text = item_file("crcn-1.1-01", SINGLE | fields, enemies=["edu-2.2-01"])
    assert_told(good_bank(tmp_path, **{ONE: text}), text, key, sentence)


@pytest.mark.parametrize(("fields", "key", "sentence"), [pytest.param(*f[1:], id=f[0]) for f in HEAD_FAULTS])
def test_a_fault_of_the_front_matter_is_told_with_its_line(tmp_path, fields, key, sentence):
    text = item_file("crcn-1.1-01", SINGLE, **({"enemies": ["edu-2.2-01"]} | fields))
    assert_told(good_bank(tmp_path, **{ONE: text}), text, key, sentence)


def assert_told(root: Path, text: str, key: str, sentence: str) -> None:
    line = next((n for n, row in enumerate(text.split("\n"), 1) if key and row.startswith(f"{key} =")), 1)
    assert (line > 1) == bool(key)
    told = [p for p in problems(root) if p.startswith(f"{ONE}:{line}: ") and sentence in p]
    assert len(told) == 1, problems(root)


OTHER_INTERACTIONS: list[tuple[str, dict[str, object], str]] = [
    ("multiple_choice", {"key": ["a"], "choices": REASONED}, "key: Tuple should have at least 2 items"),
    ("multiple_choice", {"key": list("abcde"), "choices": REASONED}, "at least one choice must be wrong"),
    ("multiple_choice", {"key": ["a", "z"], "choices": REASONED}, "the key names z"),
    ("short_text", {"key": []}, "key: Tuple should have at least 1 item"),
    ("short_text", {"key": [""]}, "key.0: String should have at least 1 character"),
    ("short_text", {"key": ["RSS"], "tolerance": {"tyops": True}}, "tolerance.tyops: Extra inputs"),
    ("short_text", {"key": ["RSS"], "refused": ["r.s.s."]}, "'r.s.s.' is accepted by the key"),
    ("short_text", {"key": ["a\tb", "x" * 501]}, "could never be given: The reply is longer than 500"),
    ("short_text", {"key": ["@"]}, "'@' is forgiven as a whole"),
    ("number", {"key": "twelve"}, "key: Input should be a valid number"),
    ("number", {"key": "nan"}, "key: "),
    ("number", {"key": 1, "tolerance": {"absolute": -1}}, "tolerance.absolute: Input should be greater"),
    ("number", {"key": 1, "tolerance": {"relative": 1}}, "tolerance.relative: Input should be less than 1"),
    ("ordering", {"key": ["a", "b"], "choices": PLAIN}, "the key must name each choice once"),
    ("matching", {"key": {"p1": "a"}, "prompts": PLAIN[:2], "choices": PLAIN}, "the key must name each prompt once"),
    ("matching", {"key": {"a": "a", "b": "z"}, "prompts": PLAIN[:2], "choices": PLAIN}, "the key names z"),
    ("matching", {"key": {"a": "a", "b": "a"}, "prompts": PLAIN[:2], "choices": PLAIN}, "serves at most once"),
    ("gaps", {"key": {"g1": "z"}, "gaps": [{"id": "g1", "choices": PLAIN}]}, "the key names z"),
    ("gaps", {"key": {}, "gaps": [{"id": "g1", "choices": PLAIN}]}, "the key must name each gap once"),
    ("gaps", {"key": {"g1": "a"}, "gaps": [{"id": "g1", "choices": PLAIN}]}, "the body must hold each gap once"),
    ("file_task", {"key": 1}, "`answer` is given for a file_task"),
    ("file_task", {"key": ["a"], "answer": "ordering"}, "a file task is answered by single_choice, short_text, number"),
    ("file_task", {"key": 1, "answer": "number"}, "a file task needs [[attachments]]"),
]


@pytest.mark.parametrize(("kind", "own", "sentence"), OTHER_INTERACTIONS)
def test_a_key_that_does_not_fit_its_interaction_is_told(tmp_path, kind, own, sentence):
    text = item_file("crcn-1.1-01", own, interaction=kind, enemies=["edu-2.2-01"])
    found = problems(good_bank(tmp_path, **{ONE: text}))
    assert [p for p in found if p.startswith(ONE) and sentence in p], found


def changed(path: str, old: str, new: str) -> dict[str, str]:
    text = GOOD[path]
    assert isinstance(text, str)
    assert old in text
    return {path: text.replace(old, new, 1)}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({ONE: b"+++\nid = \xff"}, f"{ONE}:1: not UTF-8 (invalid start byte at byte 9): save the file as UTF-8"),
        ({ONE: b""}, f"{ONE}:1: the file must start with +++, TOML, and +++ alone on a line"),
        ({ONE: "+++\nid = 1\n"}, f"{ONE}:1: the file must start with +++, TOML, and +++ alone on a line"),
        (changed(ONE, "+++\n", "\n+++\n"), f"{ONE}:1: the file must start with +++"),
        (changed(ONE, "+++\n", "\ufeff+++\n"), f"{ONE}:1: the file must start with +++"),
        (changed(ONE, "version = 1", "version = = 1"), f"{ONE}:3: not TOML: Invalid value (at line 3"),
        (changed(ONE, "version = 1", "id = 1"), f"{ONE}:3: not TOML: Cannot overwrite a value (at line 3"),
        (changed(ONE, "version = 1", f"version = {'9' * 5000}"), f"{ONE}:1: not TOML: Exceeds the limit"),
        (changed(ONE, "version = 1", f"version = {'[' * 5000}"), f"{ONE}:1: not TOML: "),
        ({ONE: item_file("crcn-1.1-01", SINGLE).split("Une situation")[0]}, f"{ONE}:1: the body is empty"),
        (changed(ONE, "Une situation", "<b>Une situation</b>"), f"{ONE}:1: the body holds raw HTML"),
        (changed(ONE, "Une situation", "[[g1]] Une situation"), f"{ONE}:1: the body must hold each gap once"),
        (changed(ONE, "Une situation", "![](x.png)"), f"{ONE}:1: image x.png is not in [[media]]"),
        (changed(MEDIA, "![](", "![Un courriel]("), f"{MEDIA}:18: image edu-2.2-01.svg: its alternative text stands"),
        (changed(MEDIA, "![](edu-2.2-01.svg)", ""), f"{MEDIA}:18: edu-2.2-01.svg is never shown in the body"),
        ({TASK.replace("md", "csv"): b""}, f"{TASK}:19: crcn-1.3-01.csv is empty"),
        ({TASK.replace("md", "csv"): b"x" * (LARGEST_FILE + 1)}, f"{TASK}:19: crcn-1.3-01.csv is larger than 2 MiB"),
        (
            changed(TASK, 'file = "crcn-1.3-01.csv"', 'file = "other.csv"') | {"items/crcn/1.3/other.csv": b"x"},
            f"{TASK}:19: other.csv: the name must start with crcn-1.3-01",
        ),
        ({"items/crcn/1.1/notes.txt": b"x"}, "items/crcn/1.1/notes.txt:1: no item names this file"),
        ({"items/crcn/crcn-1.1-09.md": GOOD[ONE]}, "items/crcn/crcn-1.1-09.md:1: no item names this file"),
        (
            {"items/crcn/1.2/crcn-1.1-01.md": GOOD[ONE]},
            "items/crcn/1.2/crcn-1.1-01.md:1: must be at items/crcn/1.1/crcn-1.1-01.md",
        ),
        (
            {"items/crcn/1.1/crcn-1.1-09.md": item_file("crcn-1.1-09", SINGLE, "Une situation pour crcn-1.1-01 !")},
            "items/crcn/1.1/crcn-1.1-09.md:1: its body is the same as that of crcn-1.1-01",
        ),
    ],
)
def test_a_fault_of_a_file_is_told_with_its_line(tmp_path, files, problem):
    found = problems(good_bank(tmp_path, **files))
    assert [p for p in found if p.startswith(problem)], found


def test_code_between_backquotes_is_not_raw_html(tmp_path):
    root = good_bank(tmp_path, **changed(ONE, "Une situation", "Le code `<b>` et\n```html\n<p>Bon</p>\n```\n"))
    assert read_bank(root)[1] == ()


def test_every_fault_of_every_file_is_told_in_one_run(tmp_path):
    files: dict[str, str | bytes] = {
        ONE: item_file("crcn-1.1-01", SINGLE | {"choices": REASONED[:2]}, version=0, status="ready"),
        TASK: b"\xff",
        "items/crcn/2.1/crcn-2.1-01.md": "no fence",
        **changed(MEDIA, "![](edu-2.2-01.svg)", "<b></b> [[g1]]"),
        "items/crcn_edu/2.2/stray.txt": b"x",
    }
    found = problems(good_bank(tmp_path, **files))
    assert [p.split(": ")[0] for p in found] == [
        f"{ONE}:3",
        f"{ONE}:4",
        f"{ONE}:19",
        f"{TASK}:1",
        "items/crcn/2.1/crcn-2.1-01.md:1",
        f"{MEDIA}:1",
        f"{MEDIA}:1",
        f"{MEDIA}:18",
        "items/crcn_edu/2.2/stray.txt:1",
    ]


def test_an_item_with_a_fault_keeps_its_own_files_and_its_enemies_quiet(tmp_path):
    root = good_bank(tmp_path, **changed(MEDIA, "version = 1", "version = 0"))
    assert problems(root) == [f"{MEDIA}:3: version: Input should be greater than or equal to 1"]


def test_a_folder_with_the_name_of_an_item_is_no_item(tmp_path):
    root = good_bank(tmp_path)
    (root / "items/crcn/1.1/crcn-1.1-77.md").mkdir()
    assert read_bank(root)[1] == ()


def test_a_problem_reads_as_editors_expect_it():
    assert str(Problem(PurePosixPath("items/x.md"), 7, "mend it")) == "items/x.md:7: mend it"


@pytest.fixture(scope="module")
def bank_folder(tmp_path_factory):
    return good_bank(tmp_path_factory.mktemp("bank"))


FIELDS = ["+++", "[[media]]", "[tolerance]", "key = 1", "id = {}", "interaction = []", "answer = {a = 1}"]
SIGNS = ["[[g1]]", '"', "'''", "}", "[", "-", "nan", "1e999", "é", "\0", "\ufeff"]
whole_lines = [f"{field}\n".encode() for field in FIELDS]
scrap = st.binary(max_size=12) | st.sampled_from(whole_lines + [sign.encode() for sign in SIGNS])
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), scrap), min_size=1, max_size=4)


def corrupted(content: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, instead in wounds:
        at = round(place * len(content))
        content = content[:at] + instead + content[at + length :]
    return content


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(list(GOOD)), wounds=edits)
@example(path=ONE, wounds=[(0.0, 10_000, b"")])
def test_however_a_bank_is_corrupted_it_is_whole_or_has_problems(bank_folder, path, wounds):
    good = GOOD[path].encode() if isinstance(GOOD[path], str) else GOOD[path]
    (bank_folder / path).write_bytes(corrupted(good, wounds))
    try:
        bank, found = read_bank(bank_folder)
    finally:
        (bank_folder / path).write_bytes(good)
    if bank is None:
        assert found
        assert all(p.line >= 1 and p.sentence for p in found)
    else:
        assert found == ()
        assert isinstance(bank, Bank)
        assert {s.path.as_posix() for s in bank.sources.values()} == {p for p in GOOD if p.endswith(".md")}
