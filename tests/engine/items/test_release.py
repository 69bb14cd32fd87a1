"""Freezing a release, and reading it back as it was frozen or not at all."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.items import read
from engine.items.bank import Bank
from engine.items.frameworks import Framework, Level
from engine.items.freeze import Manifest, ParameterRow, freeze, simulated
from engine.items.item import Status
from engine.items.read import BrokenRelease, read_bank, read_release
from engine.items.release import Parameters, Provenance, Release, UnknownItem, tag_difficulty
from engine.kernel import ItemId
from tests.builders import a_release, an_item
from tests.engine.items.files import GOOD, good_bank, put

ONE = "items/crcn/1.1/crcn-1.1-01.md"


def the_bank(root: Path) -> Bank:
    bank, problems = read_bank(root)
    assert bank is not None, problems
    return bank


def frozen(root: Path, name: str = "spring", provenance: Provenance = Provenance.TAGS, seed: int = 0) -> Manifest:
    """A release of the bank below `root`, written where it is read."""
    manifest = freeze(the_bank(root), name, provenance, seed)
    put(root, {f"releases/{name}.json": manifest.model_dump_json(indent=1)})
    return manifest


def edited(root: Path, change: Any) -> None:
    path = root / "releases" / "spring.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_release_is_read_back_as_it_was_frozen(tmp_path):
    manifest = frozen(good_bank(tmp_path), provenance=Provenance.SIMULATED, seed=5)
    release = read_release(tmp_path, "spring")
    assert (release.name, release.digest, release.provenance) == ("spring", manifest.digest, Provenance.SIMULATED)
    assert release.items == the_bank(tmp_path).items
    assert release.parameters == tuple(Parameters(**row.parameters.model_dump()) for row in manifest.items)
    assert release.heldout_error == dict.fromkeys(Framework, 0.02)


def test_the_same_bank_gives_the_same_digest(tmp_path):
    one, other = good_bank(tmp_path / "one"), good_bank(tmp_path / "other")
    for provenance in (Provenance.TAGS, Provenance.SIMULATED):
        first, second = (freeze(the_bank(root), "spring", provenance, 7) for root in (one, other))
        assert first == second
        assert first.digest == first.computed_digest()


@pytest.mark.parametrize("path", list(GOOD))
def test_a_byte_more_in_any_file_gives_another_digest(tmp_path, path):
    before = freeze(the_bank(good_bank(tmp_path)), "spring", Provenance.TAGS)
    with (tmp_path / path).open("ab") as file:
        file.write(b" ")
    assert freeze(the_bank(tmp_path), "spring", Provenance.TAGS).digest != before.digest


def test_another_name_or_seed_gives_another_digest(tmp_path):
    bank = the_bank(good_bank(tmp_path))
    digests = {freeze(bank, n, Provenance.SIMULATED, s).digest for n in ("spring", "autumn") for s in (1, 2)}
    assert len(digests) == 4


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_only_approved_items_enter_a_release(tmp_path, status):
    bank = the_bank(good_bank(tmp_path))
    bank = replace(bank, items=(replace(bank.items[0], status=status), *bank.items[1:]))
    assert [row.id for row in freeze(bank, "spring", Provenance.TAGS).items] == [i.id for i in bank.items[1:]]


def test_parameters_from_tags_rest_on_no_response(tmp_path):
    bank = the_bank(good_bank(tmp_path))
    manifest = freeze(bank, "spring", Provenance.TAGS)
    for item, row in zip(bank, manifest.items, strict=True):
        p = row.parameters
        assert (p.a, p.b, p.c, p.responses, p.se_b) == (1.0, tag_difficulty(item.framework, item.tag), 0.0, 0, None)
    assert manifest.heldout_error == {}
    assert "aucune donnée" in manifest.note


def test_simulated_parameters_say_so():
    manifest = freeze(Bank((), {}), "demo", Provenance.SIMULATED, 42)
    assert manifest.note == "Paramètres simulés (graine 42), sans valeur officielle."


def test_simulated_difficulties_lie_around_their_tags():
    rng = np.random.default_rng(1)
    for tag in (1, 4, 8):
        drawn = [simulated(an_item("crcn-1.1-01", tag=tag), rng) for _ in range(400)]
        assert np.mean([p.b for p in drawn]) == pytest.approx(tag_difficulty(Framework.CRCN, tag), abs=0.15)
        assert np.std([p.b for p in drawn]) == pytest.approx(0.9, abs=0.1)
        assert np.mean(np.log([p.a for p in drawn])) == pytest.approx(0.1, abs=0.05)


def test_a_calibrated_release_does_not_come_from_freezing(tmp_path):
    with pytest.raises(ValueError, match="made from a calibration"):
        freeze(the_bank(good_bank(tmp_path)), "spring", Provenance.CALIBRATED)


def test_a_higher_tag_is_a_higher_difficulty():
    for framework, tags in ((Framework.CRCN, range(1, 9)), (Framework.CRCN_EDU, Level)):
        difficulties = [tag_difficulty(framework, tag) for tag in tags]
        assert difficulties == sorted(set(difficulties))


def refusal(root: Path, name: str = "spring") -> str:
    with pytest.raises(BrokenRelease) as refused:
        read_release(root, name)
    return str(refused.value)


def test_a_release_that_is_not_there_is_named(tmp_path):
    assert refusal(good_bank(tmp_path), "winter").startswith("There is no release winter at ")


@pytest.mark.parametrize("path", list(GOOD))
def test_a_file_that_was_changed_is_named(tmp_path, path):
    frozen(good_bank(tmp_path))
    with (tmp_path / path).open("ab") as file:
        file.write(b" ")
    item = path.rsplit(".", 1)[0] + ".md"
    assert refusal(tmp_path).startswith(f"Release spring is not as it was frozen: {item} has changed since.")


@pytest.mark.parametrize("path", list(GOOD))
def test_a_file_that_is_missing_is_named(tmp_path, path):
    frozen(good_bank(tmp_path))
    (tmp_path / path).unlink()
    assert f"{Path(path).name} is missing" in refusal(tmp_path)


def test_everything_that_is_missing_or_changed_is_named_at_once(tmp_path):
    frozen(good_bank(tmp_path))
    (tmp_path / ONE).unlink()
    put(tmp_path, {"items/crcn/1.3/crcn-1.3-01.csv": b"x", "items/crcn/2.1/crcn-2.1-01.md": b"x"})
    told = refusal(tmp_path)
    assert all(name in told for name in ("crcn-1.1-01.md is missing", "crcn-1.3-01.md has changed", "crcn-2.1-01.md:1"))


def test_what_was_frozen_is_not_measured_by_rules_that_came_later(tmp_path, monkeypatch):
    """A sitting finds the release that it pinned, however strict the bank has become since."""
    frozen(good_bank(tmp_path))
    monkeypatch.setattr(read, "problems_of", lambda _: [("key", "a rule of tomorrow")])
    assert len(read_release(tmp_path, "spring").items) == 8
    assert len(read_bank(tmp_path)[1]) == 8


def test_a_file_that_was_added_later_does_not_matter(tmp_path):
    frozen(good_bank(tmp_path))
    put(tmp_path, {"items/crcn/1.1/crcn-1.1-08.md": "not an item yet"})
    assert len(read_release(tmp_path, "spring").items) == 8


EDITS = {
    "a parameter": lambda m: m["items"][0]["parameters"].update(b=3.0),
    "a path": lambda m: m["items"][0].update(path=m["items"][1]["path"]),
    "an item left out": lambda m: m["items"].pop(),
    "the provenance": lambda m: m.update(provenance="calibrated"),
    "the note": lambda m: m.update(note="Officiel."),
    "the held-out error": lambda m: m.update(heldout_error={"crcn": 0.001}),
    "the name": lambda m: m.update(name="autumn"),
    "the digest": lambda m: m.update(digest="0" * 64),
    "no digest": lambda m: m.pop("digest"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_manifest_is_refused(tmp_path, edit):
    frozen(good_bank(tmp_path))
    edited(tmp_path, EDITS[edit])
    assert refusal(tmp_path) == "The manifest of release spring was edited after it was frozen."


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["items"][0]["parameters"].update(a=0),
        lambda m: m["items"][0]["parameters"].update(c=1),
        lambda m: m["items"][0].pop("digest"),
        lambda m: m.update(surprise=1),
        lambda m: m.update(provenance="guessed"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path, edit):
    frozen(good_bank(tmp_path))
    edited(tmp_path, edit)
    assert refusal(tmp_path).startswith("Release spring cannot be read: ")


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory):
    root = good_bank(tmp_path_factory.mktemp("release"))
    frozen(root)
    return root


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from([*GOOD, *["releases/spring.json"] * 4]),
    place=st.floats(0, 1),
    length=st.integers(0, 30),
    instead=st.binary(max_size=8),
)
def test_however_a_release_is_corrupted_it_is_as_it_was_frozen_or_refused(release_folder, path, place, length, instead):
    before = read_release(release_folder, "spring")
    file = release_folder / path
    good = file.read_bytes()
    at = round(place * len(good))
    file.write_bytes(good[:at] + instead + good[at + length :])
    try:
        assert read_release(release_folder, "spring") == before
    except BrokenRelease:
        pass
    finally:
        file.write_bytes(good)


def test_a_release_can_be_copied_elsewhere(tmp_path):
    frozen(good_bank(tmp_path / "here"))
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert read_release(tmp_path / "there", "spring") == read_release(tmp_path / "here", "spring")


def test_an_item_is_found_by_its_id_and_an_unknown_one_refused():
    one, other = an_item("crcn-1.1-01"), an_item("edu-1.1-01")
    release = a_release(one, other)
    assert release.item(other.id) is other
    assert [release.row_of[i.id] for i in release.items] == [0, 1]
    with pytest.raises(UnknownItem, match="holds no item") as refused:
        release.item(ItemId("crcn-5.2-99"))
    assert refused.value.facts == {"item": "crcn-5.2-99"}


def test_a_release_has_one_row_of_parameters_for_each_item():
    with pytest.raises(ValueError, match="1 items but 0 rows"):
        Release("x", "-", Provenance.TAGS, (an_item(),), ())


@pytest.mark.parametrize(("a", "c", "sentence"), [(0, 0, "positive"), (-1, 0, "positive"), (1, 1, "asymptote")])
def test_parameters_that_no_model_has_are_refused(a, c, sentence):
    with pytest.raises(ValueError, match=sentence):
        Parameters(a, 0.0, c)


def test_fit_and_flags_are_part_of_a_digest_only_where_they_say_something():
    plain = {"a": 1.0, "b": 0.0}
    assert "fit" not in ParameterRow(**plain).model_dump(mode="json")
    assert "flags" not in ParameterRow(**plain, flags=()).model_dump(mode="json")
    told = ParameterRow(**plain, fit=3.5, flags=("misfit",))
    assert ParameterRow.model_validate_json(told.model_dump_json()) == told
    assert told.model_dump(mode="json").items() >= {"fit": 3.5, "flags": ["misfit"]}.items()


def test_an_item_in_pre_test_is_listed_and_leaves_the_parameters_of_the_others_as_they_were(tmp_path):
    bank = the_bank(good_bank(tmp_path))
    for n, item in enumerate(bank.items):
        items = [replace(i, status=Status.PRETEST) if i is item else i for i in bank.items]
        tried = freeze(replace(bank, items=tuple(items)), "spring", Provenance.SIMULATED, 7)
        others = freeze(
            replace(bank, items=tuple(i for i in bank.items if i is not item)), "spring", Provenance.SIMULATED, 7
        )
        assert [row.pretest for row in tried.items] == [i is item for i in bank.items]
        assert [row for row in tried.items if not row.pretest] == list(others.items)
        assert tried.items[n].parameters.responses == 0


def test_a_release_says_which_items_it_tries(tmp_path):
    root = good_bank(tmp_path)
    path = root / ONE
    path.write_text(path.read_text().replace('status = "approved"', 'status = "pretest"'))
    manifest = frozen(root)
    release = read_release(root, "spring")
    assert release.pretest == {"crcn-1.1-01"}
    assert [row.id for row in manifest.items if row.pretest] == ["crcn-1.1-01"]
    assert len(release.items) == len(the_bank(root))
    counted = sum(len(release.counted(f)) for f in Framework)
    assert counted == len(release.items) - 1


def test_a_manifest_without_items_in_pre_test_does_not_speak_of_them(tmp_path):
    assert "pretest" not in frozen(good_bank(tmp_path)).model_dump_json()
