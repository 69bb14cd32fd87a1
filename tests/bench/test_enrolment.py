"""A list of 1 000 candidates, from the bytes of the file to the codes, beside the least that storing must take."""

import io
import uuid
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from openpyxl import Workbook
from pytest_benchmark.fixture import BenchmarkFixture

from engine.delivery.session import Mode
from engine.kernel import SessionId
from tests.web.fixtures import app, clock, clones, data, files, postgres, store, template, world
from tests.web.test_import import TITLES, as_csv
from tests.web.world import World
from web.db import rosters
from web.services import enrolment, roster
from web.services.enrolment import NewSession

__all__ = ["app", "clock", "clones", "data", "files", "postgres", "store", "template", "world"]

MANY = 1000
PROMISED = 5.0  # seconds
LISTS = count()


def rows() -> list[list[str]]:
    """A list of people whom nobody knows yet."""
    n = next(LISTS)
    return [TITLES, *([f"Durand {n}-{i}", f"Zoé {i}", "28/02/1987", f"zoe{i}@exemple.fr", f"{n}-{i}", "2nd degré",
                       "Expert", "oui", "10", "couleurs"] for i in range(MANY))]  # fmt: skip


def session(world: World) -> SessionId:
    """A session without a limit."""
    new = NewSession(
        "Grande", Mode.ON_SITE, "Amphithéâtre", world.clock() + timedelta(days=1), (world.person("surveillant").id,)
    )
    return enrolment.create_session(world.house, world.person("centre"), new, world.clock())


def enrolled(world: World, to: SessionId, content: bytes) -> int:
    """Everything: reading, dry run, confirming."""
    manager, now = world.person("centre"), world.clock()
    upload = roster.upload(world.house, manager, to, "liste", content, now)
    run = roster.dry_run(world.house, manager, to, upload, now)
    return roster.confirm(world.house, manager, to, upload, run.digest, now).created


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.benchmark(group="1 000 candidates")
def test_a_list_of_a_thousand(benchmark: BenchmarkFixture, world: World, kind: str) -> None:
    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (world, session(world), as_csv(rows()) if kind == "csv" else _workbook(rows())), {}

    made = benchmark.pedantic(enrolled, setup=setup, rounds=5)
    assert made == MANY
    assert benchmark.stats.stats.max <= PROMISED


@pytest.mark.benchmark(group="1 000 candidates")
def test_the_floor_the_same_rows_in_two_statements(benchmark: BenchmarkFixture, world: World) -> None:
    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        to = session(world)
        people = [
            {"id": str(uuid.uuid4()), "centre_id": "demo", "last_name": r[0], "first_name": r[1],
             "name_key": f"{r[0]}|{r[1]}", "birth_date": date(1987, 2, 28), "email": r[3], "external_id": r[4]}
            for r in rows()[1:]
        ]  # fmt: skip
        places = [
            {"id": str(uuid.uuid4()), "session_id": to, "candidate_id": p["id"], "track": "second_degree",
             "target": "expert", "extra_third": True, "extra_minutes": 10, "needs": ["colour"], "code_hash": "0" * 64,
             "seed": 1, "enrolled_at": world.clock()} for p in people
        ]  # fmt: skip
        return (world, people, places), {}

    def store(world: World, people: list[dict[str, Any]], places: list[dict[str, Any]]) -> None:
        with world.house.db.write() as connection:
            rosters.add(connection, people, places)

    benchmark.pedantic(store, setup=setup, rounds=5)


@pytest.mark.benchmark(group="1 000 candidates, the page of the session")
def test_the_page_of_a_session_with_a_thousand(benchmark: BenchmarkFixture, world: World) -> None:
    to = session(world)
    enrolled(world, to, as_csv(rows()))
    manager = world.staff("centre")
    benchmark.pedantic(manager.client.get, args=(f"/centre/sessions/{to}",), rounds=5)


def _workbook(lines: list[list[str]]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    book.save(out := io.BytesIO())
    return out.getvalue()
