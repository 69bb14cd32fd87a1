"""The log is the sitting: whatever was asked, replaying it gives the same sitting bit for bit."""

import pickle
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Plan, Present, decide
from engine.delivery.clock import Accommodation
from engine.delivery.commands import observed
from engine.delivery.events import Answered, Presented
from engine.delivery.sitting import enrolled, replay
from engine.delivery.states import State
from engine.kernel import EngineError, ItemId, SittingId
from tests.builders import RIGHT, TRACK, WRONG, Candidate, a_candidate, an_exam
from tests.engine.adaptive.bank import PUBLISHED

EXAM = an_exam(lengths=(16, 16))


def replies(raw: object, device: str = "desk-1") -> Callable[[Candidate], object]:
    def ask(candidate: Candidate) -> object:
        shown = candidate.sitting.presented
        return candidate.replies(raw, shown[-1], device=device) if shown else None

    return ask


def again(candidate: Candidate) -> object:
    """Send the last answer once more."""
    if not candidate.sitting.answers:
        return None
    last = candidate.sitting.answers[-1]
    return candidate.replies(last.reply, last.item, last.answer_id)


REQUESTS: dict[str, Callable[[Candidate], object]] = {
    "check in": Candidate.checks_in,
    "authorise": Candidate.is_authorised,
    "enter": Candidate.enters,
    "enter elsewhere": lambda c: c.enters("desk-2"),
    "start": Candidate.starts,
    "right": replies(RIGHT),
    "wrong": replies(WRONG),
    "pass": replies(None),
    "malformed": replies("z"),
    "from elsewhere": replies(RIGHT, "desk-2"),
    "again": again,
    "pause": Candidate.is_paused,
    "resume": Candidate.is_resumed,
    "grant": lambda c: c.is_granted(300),
    "alert": lambda c: c.raises_alert() if c.sitting.presented else None,
    "refuse the alert": Candidate.is_refused_alert,
    "accept the alert": Candidate.is_accepted_alert,
    "sweep": Candidate.is_swept,
    "ring": Candidate.rings,
    "finish": Candidate.finishes,
    "stop": lambda c: c.is_stopped(technical=False),
    "refuse": Candidate.is_turned_away,
    "absent": Candidate.is_marked_absent,
}
COMING_IN = [(name, 1.0) for name in ("check in", "authorise", "enter", "start")]
anything = st.sampled_from(list(REQUESTS))
working = st.sampled_from(
    [
        "right",
        "wrong",
        "pass",
        "right",
        "wrong",
        "again",
        "pause",
        "resume",
        "grant",
        "right",
        "alert",
        "refuse the alert",
        "accept the alert",
    ]
)
minutes = st.floats(0, 12).map(lambda m: round(m, 3))
requests = st.lists(st.tuples(working | working | anything, minutes), max_size=50)


def lived(seed: int, accommodation: Accommodation, asked: list[tuple[str, float]]) -> Candidate:
    """A candidate of whom all this was asked in turn; what is refused leaves no trace."""
    candidate = a_candidate(EXAM, enrolled(SittingId("sitting-1"), seed, accommodation))
    for name, wait in asked:
        candidate.waits(minutes=wait)
        before = candidate.sitting
        try:
            REQUESTS[name](candidate)
        except EngineError:
            assert candidate.sitting is before
    return candidate


lives = st.builds(
    lived,
    st.integers(0, 2**63 - 1),
    st.builds(Accommodation, st.booleans(), st.integers(0, 60)),
    st.tuples(st.sampled_from([4, 4, 4, 3, 0]), requests).map(lambda t: COMING_IN[: t[0]] + t[1]),
)


@settings(max_examples=120, deadline=None)
@given(candidate=lives, cut=st.floats(0, 1))
def test_replaying_the_log_gives_the_same_sitting_bit_for_bit(candidate, cut):
    start = enrolled(candidate.sitting.id, candidate.sitting.seed, candidate.sitting.accommodation)
    again = replay(start, candidate.log)
    assert again == candidate.sitting
    assert pickle.dumps(again) == pickle.dumps(replay(start, list(candidate.log)))
    assert repr(again) == repr(candidate.sitting)
    assert again.version == len(candidate.log)
    half = round(cut * len(candidate.log))
    assert replay(replay(start, candidate.log[:half]), candidate.log[half:]) == candidate.sitting


@settings(max_examples=40, deadline=None)
@given(candidate=lives)
def test_the_items_presented_follow_from_the_seed_and_the_answers(candidate):
    sitting = candidate.sitting
    anew = Plan.of(EXAM.release, TRACK, PUBLISHED, lengths=(16, 16))
    seen = observed(sitting, EXAM.release)
    gone: set[ItemId] = set()
    for place, item in enumerate(sitting.presented):
        assert decide(anew, sitting.seed, seen[: place - len(gone)], frozenset(gone)) == Present(item)
        gone |= {item} & set(sitting.excluded)


@settings(max_examples=60, deadline=None)
@given(candidate=lives)
def test_every_life_keeps_to_the_rules_of_the_test(candidate):
    sitting, log = candidate.sitting, candidate.log
    assert [e.at for e in log] == sorted(e.at for e in log)
    assert len(set(sitting.presented)) == len(sitting.presented)
    put = [item for item in sitting.presented if item not in sitting.excluded]
    assert [a.item for a in sitting.answers] == put[: len(sitting.answers)]
    assert len(put) - len(sitting.answers) in (0, 1)
    assert set(sitting.excluded) <= set(sitting.presented)
    assert len(set(sitting.excluded)) == len(sitting.excluded)
    assert sitting.alert is None or sitting.alert.item == sitting.on_screen
    taken = {(i.framework, i.competence, i.subject) for i in map(EXAM.release.item, sitting.presented)}
    assert len(taken) == len(sitting.presented)
    assert len({a.answer_id for a in sitting.answers}) == len(sitting.answers)
    assert len(sitting.quarantined) <= 1
    assert sum(isinstance(e, Presented) for e in log) == len(sitting.presented)
    assert sum(isinstance(e, Answered) for e in log) == len(sitting.answers)
    assert (sitting.clock is None) == (not sitting.presented)
    if sitting.state in (State.RUNNING, State.PAUSED):
        assert sitting.on_screen is not None
    if sitting.state is State.SUBMITTED and not sitting.ended_by_choice:
        spare = sum(EXAM.plan.lengths) - len(sitting.answers)
        assert 0 <= spare <= len(sitting.excluded)
