"""Accounts of an installation: who has a centre, who has none, who may have one."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import main
from web.db import people
from web.db.database import Database
from web.db.people import Role

PASSWORD = "un-mot-de-passe-assez-long"


@pytest.fixture
def palier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command line on an empty installation with one centre."""
    monkeypatch.setenv("PALIER_DATABASE_URL", f"sqlite:///{tmp_path}/palier.sqlite")
    monkeypatch.setenv("PALIER_DATA", str(tmp_path))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    assert run("db", "upgrade").exit_code == 0
    assert run("centre", "add", "Lille", "--academy", "Lille").exit_code == 0
    return run


@pytest.mark.parametrize(
    ("role", "centre", "allowed"),
    [
        (Role.MANAGER, True, True),
        (Role.MANAGER, False, False),
        (Role.PROCTOR, True, True),
        (Role.PROCTOR, False, False),
        (Role.JURY, True, True),
        (Role.JURY, False, True),
        (Role.ADMIN, True, False),
        (Role.ADMIN, False, True),
    ],
)
def test_managers_and_proctors_have_a_centre_jury_members_may_admins_never(
    palier, tmp_path: Path, role: Role, centre: bool, allowed: bool
):
    where = ["--centre", "Lille"] if centre else []
    done = palier("account", "add", "x", "--name", "X", "--role", role.value, "--password", PASSWORD, *where)
    assert (done.exit_code == 0) == allowed, done.output
    database = Database(f"sqlite:///{tmp_path}/palier.sqlite")
    with database.read() as connection:
        made = people.with_login(connection, "x")
    database.close()
    assert (made is not None) == allowed
    assert made is None or (made.centre_id is not None) == centre
