"""How long the verification of many finished sittings takes: `make bench-audit`.

The sittings are simulated by the engine and written straight into the tables, with the digests that the application
would have given them; half of them take each track, in sessions of fifty. Then `palier audit seal` and
`palier audit verify` run as an installation runs them.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from engine.adaptive.dice import LUCK, throw
from engine.adaptive.simulate import _sittings as _sittings_of
from engine.adaptive.simulate import draw_abilities
from engine.delivery.clock import Accommodation
from engine.delivery.events import Answered, Authorised, CheckedIn, Entered, Event, Presented, Started, Submitted
from engine.delivery.sitting import Sitting, enrolled, replay
from engine.items.frameworks import Level, Track
from engine.items.item import Item, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.response import Reply, is_correct, parse
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from engine.scoring.report import document
from engine.scoring.result import result
from tests.postgres import running
from tests.web.world import raw_reply
from web.config import Settings
from web.db import audit, people
from web.db import exposure as state_rows
from web.db import sessions as session_rows
from web.db.audit_tables import AuditSalt
from web.db.canonical import NOTHING_BEFORE, digest, salted
from web.db.database import Database
from web.db.events import to_row
from web.db.evidence import IDENTITY, enrolment, logged
from web.db.people import Role
from web.db.sessions import Session
from web.db.tables import Candidate, ExamSession, ResultRow, SittingEvent, SittingRow
from web.services import accounts, audit_keys, exposure
from web.services.accounts import NewAccount
from web.services.catalogue import Catalogue
from web.services.house import House

MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
OF_SESSION = 50


def main() -> None:
    """Make the sittings, then time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sittings", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--postgres", action="store_true", help="On a PostgreSQL that is started for it.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running() if asked.postgres else nullcontext() as server:
        url = server.create("audit") if server is not None else ""
        told = Settings(data=Path(folder), database_url=url)
        began = time.perf_counter()
        rows = fill(told, asked.sittings)
        print(f"{asked.sittings} sittings, {rows} rows of logs: made in {time.perf_counter() - began:.0f} s")
        variables = {**os.environ, "PALIER_DATA": folder, "PALIER_DATABASE_URL": url}
        before = 0.0
        for command in (["seal"], ["seal"], ["verify", "--json", "--workers", str(asked.workers)]):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", "from web.cli import main; main()", "audit", *command],
                env=variables,
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - began
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent, before = used.ru_utime + used.ru_stime - before, used.ru_utime + used.ru_stime
            print(f"palier audit {' '.join(command)}: {seconds:.1f} s, of which {spent:.1f} s of processor")
            print(done.stdout.strip()[:2_000], done.stderr.strip()[-2_000:])
        found = json.loads(done.stdout)
        print(f"{asked.sittings / seconds:.0f} sittings/s with {asked.workers} processes; fits: {found['fits']}")
        sys.exit(done.returncode)


def fill(told: Settings, n: int) -> int:
    """So many finished sittings with their results; how many rows their logs have."""
    house = House(Database(told.database), Catalogue(told), "")
    house.db.upgrade()
    audit_keys.make(told.signing_key)
    pinned = house.catalogue.install()
    with house.db.write() as db:
        people.add_centre(db, "c", "Centre", "Lille")
    jury = accounts.create(house.db, NewAccount("jury", "Jury", Role.JURY, None, "palier-demonstration"))
    rows = 0
    for number in range(-(-n // OF_SESSION)):
        rows += _session(house, number, min(OF_SESSION, n - number * OF_SESSION), pinned, jury.id)
    house.db.close()
    return rows


def _session(house: House, number: int, size: int, pinned: tuple[str, str], jury: PersonId) -> int:
    slot = {
        "id": str(uuid.uuid4()),
        "centre_id": "c",
        "code": f"C{number:07}",
        "label": "Session",
        "mode": "on_site",
        "place": "Salle",
        "starts_at": MORNING,
        "state": "published",
        "release_digest": pinned[0],
        "rules_digest": pinned[1],
        "video_link": None,
    }
    with house.db.write() as db:
        db.execute(insert(ExamSession).values(**slot))
        session = session_rows.load(db, SessionId(slot["id"]))
        states = exposure.pin(house.catalogue, db, session, MORNING)
        session_rows.pin_exposure(db, session.id, states)
        session = replace(session, exposure=states)
        made = [
            one
            for track in Track
            for one in _sittings(house, db, session, track, number, (size + (track is Track.FIRST_DEGREE)) // 2)
        ]
        for table, key in ((Candidate, "candidate"), (SittingRow, "sitting"), (AuditSalt, "salt")):
            db.execute(insert(table), [one[key] for one in made])
        log = [row for one in made for row in one["log"]]
        db.execute(insert(SittingEvent), log)
        results = [
            {
                "sitting_id": one["sitting"]["id"],
                "version": 1,
                "published_at": MORNING + timedelta(days=1),
                "published_by": jury,
                "document": one["document"],
            }
            for one in made
        ]
        audit.insert(db, ResultRow, results)
        for track in states:  # as its closing would, so that the next session has plans of its own
            line = state_rows.Line(*pinned, track)
            state_rows.follow(db, line, lambda counts: replace(counts, sittings=counts.sittings + size), MORNING)
    return len(log)


def _sittings(house: House, db: Any, session: Session, track: Track, number: int, n: int) -> Iterator[dict[str, Any]]:
    plan = exposure.plan_of(house.catalogue, db, session, track)
    release, rules = house.catalogue.release(session.release_digest), house.catalogue.rules(session.rules_digest)
    rng = np.random.default_rng([number, len(track)])
    theta, seeds = draw_abilities(plan.prior, n, rng), rng.integers(2**31, size=n).astype(np.uint64)
    luck = throw(seeds, LUCK, np.arange(len(plan.content.cycle)))
    rows, correct = _sittings_of(plan, plan.pool, theta, seeds, luck)

    def score(after: Sitting) -> dict[str, Any]:
        outcome = result(after, plan, release, rules, Level.AVANCE, (), ())
        return document(outcome, release, rules, Level.AVANCE, MORNING.date())

    for j, seed in enumerate(seeds.tolist()):
        put = [
            (release.put(plan.pool.ids[row], seed), bool(right))
            for row, right in zip(rows[j], correct[j], strict=True)
            if row >= 0
        ]
        yield _sitting(session, track, f"{number}.{track}.{j}", seed, put, score)


def _sitting(
    session: Session,
    track: Track,
    name: str,
    seed: int,
    put: list[tuple[Item, bool]],
    score: Callable[[Sitting], dict[str, Any]],
) -> dict[str, Any]:
    sitting, candidate, salt = str(uuid.uuid4()), str(uuid.uuid4()), uuid.uuid4().hex
    person = {
        "id": candidate,
        "centre_id": "c",
        "last_name": f"Nom {name}",
        "first_name": "Alix",
        "name_key": f"{name}|alix",
        "birth_date": date(1985, 3, 12),
        "email": "x@exemple.fr",
        "external_id": None,
    }
    row = {
        "id": sitting,
        "session_id": session.id,
        "candidate_id": candidate,
        "track": track.value,
        "target": "avance",
        "extra_third": False,
        "extra_minutes": 0,
        "needs": [],
        "code_hash": "",
        "seed": seed,
        "enrolled_at": MORNING,
    }
    frozen = {
        **row,
        "release_digest": session.release_digest,
        "rules_digest": session.rules_digest,
        **{f"exposure_{t.value}": session.exposure.get(t) for t in Track},
    }
    stands = digest(enrolment(frozen, {"salted": salted(salt, audit.identity(person))}))
    events = list(_events(put))
    log, previous = [], NOTHING_BEFORE
    for seq, event in enumerate(events, start=1):
        told = to_row(event)
        kind, at, answer_id, data = told["kind"], told["at"], told["answer_id"], told["data"]
        starts = stands if kind == Started.kind else None
        previous = logged(previous, sitting, seq, kind, at, answer_id, data, lambda _, text: text, starts)
        log.append({"sitting_id": sitting, "seq": seq, **told, "digest": previous})
    after = replay(enrolled(SittingId(sitting), seed, Accommodation()), events)
    return {
        "candidate": person,
        "sitting": row,
        "log": log,
        "document": score(after),
        "salt": {"table_name": "sitting", "row_key": sitting, "field": IDENTITY, "salt": salt},
    }


def _events(put: list[tuple[Item, bool]]) -> Iterator[Event]:
    at = MORNING
    yield CheckedIn(at)
    yield Authorised(at, PersonId("proctor"))
    yield Entered(at, uuid.uuid4().hex)
    yield Started(at)
    for item, right in put:
        yield Presented(at, item.id)
        at += timedelta(seconds=100, microseconds=1234)
        yield Answered(at, item.id, _reply(item, right), str(uuid.uuid4()))
    yield Submitted(at)


@cache
def _reply(item: Item, right: bool) -> Reply:
    """A reply to an item; a wrong one is a pass only where no other is at hand."""
    if right:
        return parse(item.interaction, raw_reply(item))
    match item.interaction:
        case SingleChoice(choices=choices, key=key):
            raw: object = next(c.id for c in choices if c.id != key)
        case MultipleChoice(choices=choices):
            raw = [choices[0].id]
        case ShortText():
            raw = "tout autre chose"
        case Number():
            raw = "987654"
        case Ordering(key=key):
            raw = list(reversed(key))
        case _:
            raw = None
    try:
        reply = parse(item.interaction, raw)
    except EngineError:
        return None
    return None if is_correct(item.interaction, reply) else reply


if __name__ == "__main__":
    main()
