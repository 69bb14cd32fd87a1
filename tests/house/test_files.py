"""Promises about the files of the project."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, short

LONGEST = 400
VENDOR = ROOT / "web" / "static" / "vendor"
FONTS = ROOT / "web" / "fonts"
# In pieces, so that this file does not mention them itself.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.", "unpkg" + ".com", "jsdelivr" + ".net"]


def test_no_file_grows_without_end():
    long = {
        short(path): lines
        for path in files("*.py")
        if not short(path).startswith(("tests/", "web/db/migrations/"))
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long, f"cut these by idea, {LONGEST} lines at most: {long}"


def test_every_module_says_what_it_is():
    mute = [
        short(path)
        for path in files("*.py")
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith(('"""', "#!", 'r"""'))
    ]
    assert not mute, f"open with a docstring: {mute}"


def test_lock_files_name_versions_and_sums_and_no_address():
    locks = files("requirements*.lock")
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text), short(path)
        wanted = re.findall(r"^([a-z0-9][\w.-]*)(==\S+)?", text, re.MULTILINE | re.IGNORECASE)
        assert len(wanted) > 20, short(path)
        assert all(version for _, version in wanted), f"{short(path)}: pin every version"
        assert text.count("--hash=sha256:") >= len(wanted), f"{short(path)}: give every file its sum"


def test_no_file_depends_on_where_packages_are_fetched():
    named = [
        f"{short(path)}: {host}"
        for path in files("*.py", "*.toml", "*.lock", "*.md", "*.html", "*.js", "*.css", "*.ini", "Makefile", "run")
        for host in REGISTRIES
        if host in path.read_text(encoding="utf-8")
    ]
    assert not named, f"leave the choice of a registry to the machine: {named}"


@pytest.mark.parametrize("folder", [VENDOR, FONTS], ids=short)
def test_files_of_others_are_as_they_were_published(folder: Path):
    listed = {
        folder / file["path"]: file["sha256"]
        for package in tomllib.loads((folder / "vendored.toml").read_text(encoding="utf-8"))["package"]
        for file in package["files"]
    }
    assert listed
    for path, digest in listed.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, f"{short(path)} was changed"
    present = {path for path in folder.rglob("*") if path.is_file()} - {folder / "vendored.toml"}
    assert present == set(listed), "list every vendored file in vendored.toml"


def test_every_form_of_a_template_carries_its_token():
    seen = 0
    for path in files("*.html", below="web"):
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            seen += 1
            if 'method="get"' in form:
                assert "csrf()" not in form, f"{short(path)}: no token in a form that only reads: {form[:80]}"
                continue
            assert 'method="post"' in form, f"{short(path)}: {form[:80]}"
            assert re.search(r"csrf\(\)|hidden_tag\(\)", form), (
                f"{short(path)}: put {{{{ m.csrf() }}}} into {form[:80]}"
            )
    assert seen >= 15


def test_templates_hold_no_inline_code_and_trust_no_text():
    for path in files("*.html", below="web"):
        text = path.read_text(encoding="utf-8")
        # A study report is one file that people send on: its style travels inside, and nothing serves it.
        inline = r"\sstyle=|\son[a-z]+=|javascript:" + ("" if "study" in path.parts else "|<style")
        assert not re.search(inline, text), f"{short(path)}: move it to a file"
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), f"{short(path)}: move the script to a file"
        unsafe = [m for m in re.findall(r"\{\{[^}]*\|\s*safe\b[^}]*\}\}", text) if not re.match(r'\{\{ "<br>"', m)]
        assert not unsafe, f"{short(path)}: leave escaping on: {unsafe}"
        assert "autoescape" not in text, short(path)


def test_scripts_make_no_code_out_of_text():
    for path in files("*.js", below="web/static"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"\beval\b|\bnew Function\b|document\.write|\bset(?:Timeout|Interval)\(\s*[\"'`]", text)
        assert not found, f"{short(path)}: {found}"
        assert not re.search(r"https?://", text), f"{short(path)}: talk to this site only"


def test_styles_load_nothing_from_elsewhere():
    for path in files("*.css", below="web/static"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", text), short(path)
        for target in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
            assert target.startswith("data:") or (path.parent / target).is_file(), f"{short(path)}: {target}"


def test_every_file_that_a_template_loads_is_there():
    wanted = set()
    for path in files("*.html", below="web"):
        text = path.read_text(encoding="utf-8")
        for own, name in re.findall(r"'(\w+\.)?static', filename='([^'~]+)'\s*\)", text):
            wanted.add(f"preview/static/{name}" if own else f"static/{name}")  # the one room with files of its own
        wanted |= {f"static/js/{name}" for name in re.findall(r"m\.script\(\"([^\"]+)\"\)", text)}
    assert len(wanted) >= 4
    missing = [name for name in wanted if not (ROOT / "web" / name).is_file()]
    assert not missing


def test_links_between_documents_lead_somewhere():
    broken, seen = [], 0
    for path in files("*.md"):
        if short(path).startswith("item_bank/items/"):
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            seen += 1
            if not (path.parent / target.split("#")[0]).exists():
                broken.append(f"{short(path)}: {target}")
    assert not broken, f"mend these links: {broken}"
    assert seen


def test_the_reasons_that_code_points_to_are_written():
    missing = [
        f"{short(path)}: {mention}"
        for path in files("*.py", "*.toml", "*.html")
        for mention in re.findall(r"docs/(?:adr/\d{4}|[\w-]+\.md)", path.read_text(encoding="utf-8"))
        if not list(ROOT.glob(f"{mention}*"))
    ]
    assert not missing, f"write what the code refers to: {missing}"


def test_decisions_are_numbered_once():
    numbers = [path.name[:4] for path in Path(ROOT / "docs" / "adr").glob("*.md") if path.name[:4].isdigit()]
    assert len(numbers) == len(set(numbers)), sorted(numbers)
