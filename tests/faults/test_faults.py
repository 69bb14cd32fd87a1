"""The short run, and servers that are wrong on purpose, each of which the harness must find out."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import pytest
from rich.console import Console

from tests.faults import chaos, network
from tests.faults.report import figures, show
from tests.faults.run import Outcome, Plan, run
from tests.postgres import DURABLE, Postgres, running

pytestmark = pytest.mark.slow

EVERYTHING = frozenset((*chaos.KINDS, *network.KINDS))
NEEDS_ROOT = frozenset() if os.geteuid() == 0 else frozenset({"disk_full"})
SHORT = Plan(
    candidates=40,
    items=12,
    minutes=0.25,
    enough=100,
    calm=4,
    haste=6,
    think=0.2,
    hold=3,
    without=NEEDS_ROOT,
    megabytes=64,
)
SMALL = replace(SHORT, candidates=12, items=6, minutes=0.1, enough=40, calm=1, nodes=1, deaths=0)


Small: TypeAlias = Callable[..., Outcome]


@pytest.fixture(scope="module")
def durable() -> Iterator[Postgres]:
    """One PostgreSQL for all small runs; who does not wait for its disk loses the seconds before it is killed."""
    with running((*DURABLE, "wal_writer_delay=10s")) as server:
        yield server


@pytest.fixture
def found_out(durable: Postgres) -> Small:
    """A small run against a wrong server, with some faults only."""

    def small(app: str, *faults: str) -> Outcome:
        plan = replace(SMALL, app=f"tests.faults.{app}()", without=EVERYTHING - set(faults))
        return run(plan, postgres=durable)

    return small


def test_no_answer_is_lost_whatever_breaks():
    outcome = run(SHORT)
    found = figures(outcome)
    show(found, Console())
    assert not outcome.verdict.broken, outcome.verdict.told
    assert not outcome.bugs
    assert not outcome.never_injected
    assert outcome.verdict.acknowledged == outcome.verdict.scored > SHORT.candidates
    assert found["retries"] > 0
    never = replace(outcome, injected={**outcome.injected, "database_killed": 0})
    assert not never.holds, "a run in which something never broke proves nothing of it"


def test_a_server_that_acknowledges_before_it_stores_is_found_out(found_out: Small):
    outcome = found_out("wrong:early", "reply_dropped")
    assert outcome.verdict.lost > 0


def test_a_server_that_does_not_know_an_answer_again_is_found_out(found_out: Small):
    outcome = found_out("wrong:forgetful", "reply_dropped", "request_duplicated")
    assert outcome.verdict.duplicated > 0


def test_a_server_that_does_not_wait_for_the_disk_is_found_out(found_out: Small):
    outcome = found_out("wrong:careless", "database_killed")
    assert outcome.injected["database_killed"] > 0
    assert outcome.verdict.lost > 0


def test_a_server_that_stores_another_reply_is_found_out(found_out: Small):
    outcome = found_out("wrong:swapping")
    assert outcome.verdict.altered > 0
    assert outcome.verdict.scored_otherwise > 0


def test_a_server_with_a_bug_is_found_out(found_out: Small):
    outcome = found_out("wrong:buggy")
    assert not outcome.verdict.broken, outcome.verdict.told
    assert outcome.bugs > 0
    assert not outcome.holds


def test_the_same_small_run_finds_nothing_wrong_with_the_server_as_it_is(found_out: Small):
    outcome = found_out("app:make", "reply_dropped", "request_duplicated", "database_killed")
    assert outcome.holds, outcome.verdict.told
