"""Items kept rare: a session pins at its opening how often each item was given so far, and adds its own at closing.

Because a sitting is led by what its session pinned, it can be replayed bit for bit whatever happened since.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy import Connection

from engine.adaptive.cat import Plan
from engine.adaptive.dice import seeds_of
from engine.adaptive.exposure import Eligibility
from engine.adaptive.model import BoolArray
from engine.adaptive.warm_up import needs_control
from engine.delivery.sitting import Sitting
from engine.items.frameworks import Track
from web.db import exposure as state_rows
from web.db.exposure import Counts, Line
from web.db.sessions import Pins, Session
from web.db.sittings import Enrolment
from web.services.catalogue import Catalogue


def plan_of(catalogue: Catalogue, db: Connection, pins: Pins, track: Track, needs: tuple[str, ...] = ()) -> Plan:
    """The plan that leads the sittings of a track; the database is asked once for each pinned exposure state.

    With needs, none of the items that demand what the candidate cannot use.
    """
    if needs:
        release = catalogue.release(pins.release_digest)
        everybodys = plan_of(catalogue, db, pins, track)
        own = f"{pins.release_digest}/{pins.rules_digest}/{pins.exposure.get(track)}/{track}/{needs}"
        return catalogue.controlled(own, lambda: everybodys.without(release.asking_for(needs)))
    plan = catalogue.plan(pins.release_digest, pins.rules_digest, track)
    state = pins.exposure.get(track)
    if state is None:
        return plan

    def under_control() -> Plan:
        return replace(plan, eligibility=eligibility_of(plan, state_rows.load(db, state).counts))

    return catalogue.controlled(state, under_control)


def pin(catalogue: Catalogue, db: Connection, session: Session, now: datetime) -> dict[Track, str]:
    """The newest state of each track that needs control, for a session that opens."""
    pinned = {}
    for track in Track:
        line = _line(session, track)
        if needs_control(catalogue.plan(session.release_digest, session.rules_digest, track)):
            pinned[track] = state_rows.first(db, line, partial(_begin, catalogue, line), now).id
    return pinned


def count(
    catalogue: Catalogue, db: Connection, session: Session, enrolments: Sequence[Enrolment], now: datetime
) -> None:
    """Add what the sittings of a session that closes were given to the counts of their tracks."""
    for track in session.exposure:
        sittings = [e.sitting for e in enrolments if e.track is track and e.sitting.presented]
        if not sittings:
            continue
        pinned = plan_of(catalogue, db, session.pins, track)
        assert pinned.eligibility is not None
        eligible = pinned.eligibility.draw(np.concatenate([seeds_of(s.seed) for s in sittings]))
        given = _given(pinned, sittings)

        def counted(
            so_far: Counts, plan: Plan = pinned, eligible: BoolArray = eligible, given: BoolArray = given
        ) -> Counts:
            after = eligibility_of(plan, so_far).update(plan.pool, eligible, given)
            return _counts(after, so_far.sittings + len(given))

        state_rows.follow(db, _line(session, track), counted, now)


def _line(session: Session, track: Track) -> Line:
    return Line(session.release_digest, session.rules_digest, track)


def _begin(catalogue: Catalogue, line: Line) -> Counts:
    return _counts(catalogue.warm_up(line.release_digest, line.rules_digest, line.track))


def eligibility_of(plan: Plan, counts: Counts) -> Eligibility:
    """The probabilities that follow from stored counts."""
    start = Eligibility.of(plan.pool, plan.ceilings)
    return replace(start, eligible=np.array(counts.eligible), administered=np.array(counts.administered))


def _counts(eligibility: Eligibility, sittings: int = 0) -> Counts:
    return Counts(tuple(eligibility.eligible.tolist()), tuple(eligibility.administered.tolist()), sittings)


def _given(plan: Plan, sittings: Sequence[Sitting]) -> BoolArray:
    """Which items that count each sitting was given, shape (sittings, n_items)."""
    given = np.zeros((len(sittings), len(plan.pool.ids)), dtype=bool)
    for row, sitting in enumerate(sittings):
        given[row, [plan.pool.row(item) for item in sitting.presented if not plan.is_tried(item)]] = True
    return given
