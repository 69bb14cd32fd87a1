"""What stands in deploy/ is what the programs that read it accept, and says what the code knows."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click import Group
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.nodes.nginx import Nginx
from tests.postgres import Postgres
from web import fitness
from web.cli import main
from web.config import ROOT, Settings
from web.db import grants
from web.db.database import Database
from web.fitness import UnfitForProduction

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
OF_OTHERS = {
    "HOST",
    "PORT",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "WEB_LINGER",
    "WEB_PRELOAD",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
}


def named_settings() -> dict[str, str]:
    """Each setting of the example, whether it is set there or commented out."""
    found = re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", (DEPLOY / "palier.env").read_text(), re.MULTILINE)
    assert len({name for name, _ in found}) == len(found), "each once"
    return dict(found)


def test_the_example_names_each_setting_that_there_is_and_no_other() -> None:
    known = {f"PALIER_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in named_settings() if name not in OF_OTHERS} == known


def test_what_the_example_comments_out_is_the_default() -> None:
    given = re.findall(r"^#PALIER_([A-Z_]+)=(.+)$", (DEPLOY / "palier.env").read_text(), re.MULTILINE)
    for name, value in given:
        default = Settings.model_fields[name.lower()].default
        if name not in (
            "BANK",
            "ICE_SERVERS",
            "AUDIT_KEY",
            "LOG_LEVEL",
            "SECOND_FACTOR",
        ):  # paths; what production makes of none
            assert str(default) == value, name


def test_the_example_is_refused_until_a_secret_is_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in named_settings().items():
        if re.search(rf"^{name}=", (DEPLOY / "palier.env").read_text(), re.MULTILINE):
            monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.is_production
    assert settings.news
    with pytest.raises(UnfitForProduction, match="PALIER_SECRET_KEY"):
        fitness.require(settings, False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_each_unit_and_it_runs_a_command_that_there_is(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    commands = re.findall(r"^Exec\w+=-?(\S+) ?(.*)$", text, re.MULTILINE)
    for program, rest in commands:
        if program.endswith("/palier"):
            assert _is_command(shlex.split(rest)), rest
    if unit.suffix == ".service":
        for line in ("User=palier", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
            assert f"\n{line}\n" in text, line
    if shutil.which("systemd-analyze") is None:
        return  # the machine knows nothing of units
    for other in UNITS:  # a timer is looked at with its service
        placed = other.read_text().replace("/opt/palier/.venv/bin/", f"{Path(sys.executable).parent}/")
        (tmp_path / other.name).write_text(placed)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


def _is_command(words: list[str]) -> bool:
    here: object = main
    for word in words:
        if not isinstance(here, Group):
            return True
        here = here.commands.get(word)
        if here is None:
            return False
    return not isinstance(here, Group)


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    said = Nginx(tmp_path / "nginx", [(8000, 8001, 8002), (9000, 9001, 9002)]).test()
    assert said.returncode == 0, said.stderr
    assert "[warn]" not in said.stderr, said.stderr


def test_bodies_that_the_application_takes_are_not_refused_by_the_proxy() -> None:
    from web.app import LARGEST_REQUEST
    from web.services.sheet_file import LARGEST

    sizes = [
        int(size) * 1024
        for size in re.findall(r"client_max_body_size (\d+)k;", (DEPLOY / "nginx" / "palier.conf").read_text())
    ]
    assert sizes[0] > LARGEST_REQUEST
    assert sizes[1] > LARGEST


def test_the_roles_are_made_and_the_one_of_the_web_cannot_change_the_log(postgres: Postgres) -> None:
    url = postgres.create("deployed")
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    script = (DEPLOY / "postgresql" / "roles.sql").read_text()
    with psycopg.connect(address, autocommit=True) as superuser:
        for statement in _statements(script):
            if statement.endswith("\\gexec"):
                row = superuser.execute(statement.removesuffix("\\gexec").strip().encode()).fetchone()
                assert row is not None
                statement = row[0]
            superuser.execute(statement.encode())
    owner, web = (Database(postgres.url("deployed", user)) for user in ("palier_owner", "palier_web"))
    try:
        owner.upgrade()
        with owner.write() as connection:
            grants.grant(connection, "palier_web")
        with web.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM sitting_event")).scalar_one() == 0
        with web.write() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("DELETE FROM sitting_event"))
    finally:
        owner.close()
        web.close()
        postgres.drop("deployed")


def _statements(script: str) -> list[str]:
    """The statements of a script for psql, its two passwords put in."""
    bare = re.sub(r"--.*", "", script).replace(":'owner_password'", "'a'").replace(":'web_password'", "'b'")
    return [part.strip() for part in re.findall(r"[^;\\]+(?:;|\\gexec)", bare) if part.strip()]


def test_the_settings_of_postgresql_are_settings_of_postgresql(postgres: Postgres) -> None:
    given = re.findall(r"^(\w+) = (\S+)", (DEPLOY / "postgresql" / "palier.conf").read_text(), re.MULTILINE)
    assert len(given) > 15
    with psycopg.connect(f"host={postgres.folder} user=postgres dbname=postgres") as connection:
        known = {row[0].lower() for row in connection.execute("SELECT name FROM pg_settings")}
    assert {name for name, _ in given} <= known
    assert {"fsync", "synchronous_commit", "full_page_writes"} <= {name for name, value in given if value == "on"}


def test_the_image_runs_as_nobody_special_from_the_lock_with_hashes() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    steps = [line.split()[0] for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    known = {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD",
    }  # fmt: skip
    assert set(steps) <= known
    assert "--require-hashes -r requirements.lock" in text
    assert steps.index("USER") < steps.index("CMD")
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path
    copied = {"engine", "web", "item_bank"}
    assert copied <= set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE))
