"""What the candidates know against what is stored and scored: no answer lost, none twice, none other than sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from engine.delivery.events import Answered, Event, Presented
from engine.delivery.sitting import Answer, Sitting
from engine.items.release import Release
from engine.kernel import ItemId
from engine.scoring.result import Inconclusive, Outcome, Scored, result
from tests.faults.record import Kept, Told
from tests.faults.replies import engine_reply
from tests.web.world import Seat
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services import needs
from web.services.house import House

MOST_TOLD = 20


@dataclass
class Verdict:
    """How many answers there are of each sort; what must be none is named in `broken`."""

    made: int = 0
    acknowledged: int = 0
    stored: int = 0
    scored: int = 0
    """Acknowledged answers that the score counts once, with the reply that was sent."""
    lost: int = 0
    """Acknowledged, or let go by the page, and not stored."""
    duplicated: int = 0
    """Stored more often than they were made: twice, or by nobody."""
    altered: int = 0
    """Stored with another reply or for another item than was sent."""
    shown_wrongly: int = 0
    """Not acknowledged and shown as saved, or the other way round."""
    skipped_or_repeated: int = 0
    """Items that were put twice, or passed over, or answered out of turn."""
    without_end: int = 0
    """Sittings that are not over."""
    scored_otherwise: int = 0
    """Sittings whose score is not that of the candidate's own record."""
    refused: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    MUST_BE_NONE = (
        "lost",
        "duplicated",
        "altered",
        "shown_wrongly",
        "skipped_or_repeated",
        "without_end",
        "scored_otherwise",
    )

    @property
    def broken(self) -> dict[str, int]:
        """What there is of that there must be none of."""
        return {name: n for name in self.MUST_BE_NONE if (n := getattr(self, name))}

    def find(self, what: str, sentence: str) -> None:
        """One more of what must not be."""
        setattr(self, what, getattr(self, what) + 1)
        if len(self.told) < MOST_TOLD:
            self.told.append(f"{what}: {sentence}")


def judge(house: House, seats: Sequence[Seat], told: Told) -> Verdict:
    """The verdict on a run that is over."""
    verdict = Verdict(made=len(told.answers))
    enrolments, slots = _stored(house, seats)
    for number, seat in enumerate(seats):
        enrolment = enrolments[seat.sitting]
        release = house.catalogue.release(slots[enrolment.session_id].release_digest)
        mine = told.of(number)
        _look_at_answers(verdict, release, enrolment, mine)
        _look_at_items(verdict, enrolment.sitting, enrolment.events)
        if not enrolment.sitting.state.is_over:
            verdict.find("without_end", f"sitting {enrolment.id} is {enrolment.sitting.state}")
            continue
        if number not in told.over and number not in told.died:
            verdict.find("without_end", f"candidate {number} was never told that the test is over")
        _look_at_score(verdict, house, slots[enrolment.session_id], enrolment, mine)
    return verdict


def _stored(house: House, seats: Sequence[Seat]) -> tuple[Mapping[str, Enrolment], Mapping[str, Session]]:
    with house.db.read() as connection:
        of_session = {sitting_rows.load(connection, seat.sitting).session_id for seat in seats}
        enrolments = [e for session in of_session for e in sitting_rows.load_session(connection, session)]
        return {e.id: e for e in enrolments}, {s: session_rows.load(connection, s) for s in of_session}


def _look_at_answers(verdict: Verdict, release: Release, enrolment: Enrolment, mine: Sequence[Kept]) -> None:
    stored = [e for e in enrolment.events if isinstance(e, Answered)]
    verdict.stored += len(stored)
    known = {kept.answer: kept for kept in mine}
    by_id = Counter(e.answer_id for e in stored)
    by_item = Counter(e.item for e in stored)
    for e in stored:
        if e.answer_id not in known:
            verdict.find("duplicated", f"{enrolment.id} has an answer {e.answer_id} to {e.item} that nobody gave")
    for what, n in (*by_id.items(), *by_item.items()):
        for _ in range(n - 1):
            verdict.find("duplicated", f"{enrolment.id} has {what} {n} times")
    for kept in mine:
        found = next((e for e in stored if e.answer_id == kept.answer), None)
        acknowledged = kept.recorded_at is not None
        verdict.acknowledged += acknowledged
        if kept.dropped:
            verdict.refused[kept.dropped] += 1
        if found is None:
            if acknowledged or kept.dropped:
                how = "acknowledged" if acknowledged else f"dropped as {kept.dropped}"
                verdict.find("lost", f"{kept.answer} to {kept.item} of {enrolment.id}, {how}")
        elif (found.item, found.reply) != (
            kept.item,
            engine_reply(release.put(ItemId(kept.item), enrolment.sitting.seed), kept.fields),
        ):
            verdict.find("altered", f"{kept.answer} of {enrolment.id} is {found.item}: {found.reply!r}")
        elif acknowledged and by_id[kept.answer] == 1 and by_item[found.item] == 1:
            verdict.scored += enrolment.sitting.answer_to(found.item) is not None
        if acknowledged != (kept.shown == "saved"):
            verdict.find("shown_wrongly", f"{kept.answer} of {enrolment.id} was shown as {kept.shown}")


def _look_at_items(verdict: Verdict, sitting: Sitting, events: Sequence[Event]) -> None:
    """Each item once, each answered before the next, in the order in which they were put."""
    turns = [e for e in events if isinstance(e, Presented | Answered)]
    in_turn = all(type(a) is not type(b) and (isinstance(b, Presented) or a.item == b.item) for a, b in pairwise(turns))
    if not in_turn or len(set(sitting.presented)) < len(sitting.presented):
        verdict.find("skipped_or_repeated", f"sitting {sitting.id}: {[(e.kind, e.item) for e in turns]}")


def _look_at_score(verdict: Verdict, house: House, slot: Session, enrolment: Enrolment, mine: Sequence[Kept]) -> None:
    """The score of the log is the score of the candidate's record, and counts as many right ones as they meant."""
    release = house.catalogue.release(slot.release_digest)
    stored = {a.answer_id for a in enrolment.sitting.answers}
    # Of a machine that died, the last answer may have arrived without its having been told.
    given = [kept for kept in mine if kept.recorded_at is not None or kept.answer in stored]
    began = enrolment.sitting.clock.started_at if enrolment.sitting.clock else enrolment.events[0].at
    seed = enrolment.sitting.seed
    own = tuple(
        Answer(ItemId(k.item), engine_reply(release.put(ItemId(k.item), seed), k.fields), k.answer, began)
        for k in given
    )
    by_log = _outcome(house, slot, enrolment)
    by_record = _outcome(house, slot, replace(enrolment, sitting=replace(enrolment.sitting, answers=own)))
    meant = sum(k.right for k in given if k.item not in release.pretest)
    counted = _right(by_log)
    if by_log != by_record or counted not in (meant, None):
        verdict.find("scored_otherwise", f"sitting {enrolment.id}: {counted} right, {meant} meant")


def _outcome(house: House, slot: Session, enrolment: Enrolment) -> Outcome:
    plan = needs.plan_for(house.catalogue, slot, enrolment)
    release, rules = house.catalogue.release(slot.release_digest), house.catalogue.rules(slot.rules_digest)
    return result(enrolment.sitting, plan, release, rules, enrolment.target, (), ())


def _right(outcome: Outcome) -> int | None:
    match outcome:
        case Scored(counts=counts) | Inconclusive(counts=counts):
            return counts.edu.correct + counts.crcn.correct
    return None
