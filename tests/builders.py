"""Builders: a test states what it is about, and these supply the rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from engine.adaptive.cat import Plan
from engine.adaptive.levels import Cuts
from engine.delivery.clock import Accommodation
from engine.delivery.commands import (
    Step,
    accept_alert,
    answer,
    authorise,
    check_in,
    enter,
    expire,
    finish,
    grant_time,
    mark_absent,
    pause,
    raise_alert,
    refuse,
    refuse_alert,
    resume,
    ring,
    start,
    terminate,
)
from engine.delivery.events import Event
from engine.delivery.sitting import Sitting, enrolled
from engine.delivery.states import State
from engine.items.frameworks import Framework, Level, Track
from engine.items.item import (
    Choice,
    Gap,
    Gaps,
    Interaction,
    Item,
    Kind,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
    Status,
)
from engine.items.release import Parameters, Provenance, Release, tag_difficulty
from engine.items.variants import every_variant
from engine.kernel import IncidentId, ItemId, PersonId, RulingId, SittingId, Transition
from engine.proctoring.incident import Incident, IncidentKind, read_taxonomy
from engine.proctoring.ruling import Confirmation, Decision, Ruling
from engine.scoring.rules import RuleSet, read_rules
from tests.engine.adaptive.bank import PUBLISHED, with_items_to_try
from tests.engine.adaptive.bank import a_release as synthetic

ITEM_BANK = Path(__file__).parents[1] / "item_bank"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROCTOR, JURY, MANAGER = PersonId("proctor"), PersonId("jury"), PersonId("manager")
COLLEAGUE = PersonId("colleague")  # of the jury
DESK = "desk-1"
TRACK = Track.SECOND_DEGREE


def later(minutes: float = 0, seconds: float = 0) -> datetime:
    """So long after noon."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def choices(letters: str = "abcd") -> tuple[Choice, ...]:
    """One choice for each letter."""
    return tuple(Choice(letter, f"Choice {letter}", f"Not {letter}.") for letter in letters)


INTERACTIONS: dict[Kind, Interaction] = {
    Kind.SINGLE_CHOICE: SingleChoice(choices(), "b"),
    Kind.MULTIPLE_CHOICE: MultipleChoice(choices("abcde"), frozenset("ad")),
    Kind.SHORT_TEXT: ShortText(("hameçonnage", "phishing")),
    Kind.NUMBER: Number(12.5, "Mo", absolute=0.1),
    Kind.ORDERING: Ordering(choices(), ("c", "a", "d", "b")),
    Kind.MATCHING: Matching(
        (Choice("p1", "First"), Choice("p2", "Second")), choices("abc"), (("p1", "c"), ("p2", "a"))
    ),
    Kind.GAPS: Gaps((Gap("g1", choices("ab")), Gap("g2", choices("abc"))), (("g1", "b"), ("g2", "a"))),
}
"""One interaction of each shape; a file task is answered by one of them."""


def an_item(item: str = "crcn-1.1-01", interaction: Interaction | None = None, **facts: object) -> Item:
    """An approved item of both tracks; its id says framework and competence."""
    prefix, competence, _ = item.split("-")
    framework = Framework.CRCN_EDU if prefix == "edu" else Framework.CRCN
    usual: dict[str, object] = {
        "version": 1,
        "status": Status.APPROVED,
        "subject": "a-subject",
        "tracks": frozenset(Track),
        "tag": Level.CONFIRME if framework is Framework.CRCN_EDU else 3,
        "kind": Kind.SINGLE_CHOICE,
        "body": f"The question of {item}?",
        "expected_seconds": 60,
    }
    return Item(
        id=ItemId(item),
        framework=framework,
        competence=competence,
        interaction=interaction or INTERACTIONS[Kind.SINGLE_CHOICE],
        **(usual | facts),  # type: ignore[arg-type]
    )


def a_release(*items: Item, provenance: Provenance = Provenance.TAGS) -> Release:
    """A release of these items, difficulties from their tags."""
    rows = tuple(Parameters(1.0, tag_difficulty(i.framework, i.tag)) for i in items)
    return Release("built", "digest", provenance, items, rows)


class Exam(NamedTuple):
    """What a sitting runs on."""

    plan: Plan
    release: Release


@cache
def an_exam(
    lengths: tuple[int, int] = (16, 48), provenance: Provenance = Provenance.SIMULATED, cuts: Cuts = PUBLISHED
) -> Exam:
    """A plan on a synthetic release in which `RIGHT` is the key of every item and `WRONG` is not."""
    release = synthetic(provenance=provenance)
    telling = SingleChoice((Choice("r1", "The right choice"), Choice("w1", "The wrong choice")), RIGHT)
    release = replace(release, items=tuple(replace(i, interaction=telling) for i in release.items))
    return Exam(Plan.of(release, TRACK, cuts, lengths=lengths), release)


@cache
def an_exam_with_items_to_try(per_sitting: int = 3) -> Exam:
    """The same, with items in pre-test, of which each sitting tries some."""
    plain = an_exam().release
    tried = with_items_to_try(plain)
    telling = plain.items[0].interaction
    release = replace(tried, items=tuple(replace(i, interaction=telling) for i in tried.items))
    return Exam(Plan.of(release, TRACK, PUBLISHED, pretest=per_sitting), release)


def variant_on(page: str, item: Item) -> Item:
    """The variant of an item whose files a page offers, which may be the only one."""
    return next(v for v in every_variant(item) if all(f"/{a.file}" in page for a in v.attachments))


RIGHT, WRONG = "r1", "w1"


def a_sitting(minutes: int = 0, third: bool = False, seed: int = 1) -> Sitting:
    """An enrolled candidate, with so many minutes of extra time."""
    return enrolled(SittingId("sitting-1"), seed, Accommodation(third, minutes))


@dataclass
class Candidate:
    """Someone who takes the test while the proctor looks on: holds the time, the sitting and its log."""

    exam: Exam
    sitting: Sitting
    now: datetime = NOON
    log: list[Event] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.sitting.state

    @property
    def on_screen(self) -> ItemId:
        """The item that waits for an answer."""
        assert self.sitting.on_screen is not None
        return self.sitting.on_screen

    @property
    def deadline(self) -> datetime:
        """When the bell rings, as it looks now."""
        assert self.sitting.clock is not None
        return self.sitting.clock.deadline(self.now)

    @property
    def the_item(self) -> Item:
        """The item on screen."""
        return self.exam.release.put(self.on_screen, self.sitting.seed)

    def waits(self, minutes: float = 0, seconds: float = 0) -> "Candidate":
        self.now += timedelta(minutes=minutes, seconds=seconds)
        return self

    def waits_for_the_bell(self, and_seconds: float = 0) -> "Candidate":
        self.now = self.deadline + timedelta(seconds=and_seconds)
        return self

    def checks_in(self) -> tuple[Event, ...]:
        return self._took(check_in(self.sitting, self.now))

    def is_authorised(self) -> tuple[Event, ...]:
        return self._took(authorise(self.sitting, PROCTOR, self.now))

    def enters(self, device: str = DESK) -> tuple[Event, ...]:
        return self._took(enter(self.sitting, device, self.now))

    def starts(self, device: str = DESK) -> tuple[Event, ...]:
        return self._took(start(self.sitting, self.exam.plan, device, self.now))

    def replies(
        self, raw: object = RIGHT, item: ItemId | None = None, answer_id: str | None = None, device: str = DESK
    ) -> tuple[Event, ...]:
        item = item or self.on_screen
        answer_id = answer_id or f"answer-{self.sitting.version}"
        return self._took(answer(self.sitting, *self.exam, item, raw, answer_id, device, self.now))

    def finishes(self, device: str = DESK) -> tuple[Event, ...]:
        return self._took(finish(self.sitting, device, self.now))

    def rings(self, device: str = DESK) -> tuple[Event, ...]:
        return self._took(ring(self.sitting, device, self.now))

    def is_swept(self) -> tuple[Event, ...]:
        return self._took(expire(self.sitting, self.now))

    def is_paused(self) -> tuple[Event, ...]:
        return self._took(pause(self.sitting, PROCTOR, "Fire drill", self.now))

    def is_resumed(self) -> tuple[Event, ...]:
        return self._took(resume(self.sitting, PROCTOR, self.now))

    def is_granted(self, seconds: int) -> tuple[Event, ...]:
        return self._took(grant_time(self.sitting, PROCTOR, seconds, "Network lost", self.now))

    def is_stopped(self, technical: bool) -> tuple[Event, ...]:
        return self._took(terminate(self.sitting, PROCTOR, "Power cut", technical, self.now))

    def raises_alert(self, text: str = "The image is missing", device: str = DESK) -> tuple[Event, ...]:
        return self._took(raise_alert(self.sitting, self.sitting.presented[-1], text, device, self.now))

    def is_refused_alert(self) -> tuple[Event, ...]:
        return self._took(refuse_alert(self.sitting, PROCTOR, "The image is there", self.now))

    def is_accepted_alert(self) -> tuple[Event, ...]:
        return self._took(accept_alert(self.sitting, *self.exam, PROCTOR, "The image is missing", self.now))

    def is_turned_away(self) -> tuple[Event, ...]:
        return self._took(refuse(self.sitting, PROCTOR, "No identity document", self.now))

    def is_marked_absent(self) -> tuple[Event, ...]:
        return self._took(mark_absent(self.sitting, MANAGER, self.now))

    def _took(self, step: Step) -> tuple[Event, ...]:
        assert isinstance(step, Transition)
        self.sitting = step.state
        self.log += step.events
        return step.events


def a_candidate(exam: Exam | None = None, sitting: Sitting | None = None) -> Candidate:
    """Someone enrolled, at noon."""
    return Candidate(exam or an_exam(), sitting or a_sitting())


def a_candidate_at_work(
    answered: int = 0,
    exam: Exam | None = None,
    sitting: Sitting | None = None,
    right: Callable[[Item], bool] = lambda _: True,
) -> Candidate:
    """Someone who started at noon and has answered so many items, one each minute."""
    candidate = a_candidate(exam, sitting)
    candidate.checks_in()
    candidate.is_authorised()
    candidate.enters()
    candidate.starts()
    for _ in range(answered):
        candidate.waits(minutes=1)
        candidate.replies(RIGHT if right(candidate.the_item) else WRONG)
    return candidate


def a_candidate_who_went_through(
    right: Callable[[Item], bool] = lambda _: True, exam: Exam | None = None, seed: int = 1
) -> Candidate:
    """Someone who has answered every item of the form."""
    exam = exam or an_exam()
    return a_candidate_at_work(sum(exam.plan.lengths), exam, a_sitting(seed=seed), right)


class Missing:
    """Right everywhere but in the first so many items of each part named: `Missing(crcn=7)`, `Missing(edu={5: 1})`."""

    def __init__(self, crcn: int = 0, edu: dict[int, int] | None = None) -> None:
        self.left = {(Framework.CRCN_EDU, d): n for d, n in (edu or {}).items()}
        self.crcn = crcn

    def __call__(self, item: Item) -> bool:
        if item.framework is Framework.CRCN:
            self.crcn -= 1
            return self.crcn < 0
        key = (item.framework, item.domain)
        self.left[key] = self.left.get(key, 0) - 1
        return self.left[key] < 0


@cache
def the_rules() -> RuleSet:
    """The rule set of 2023."""
    return read_rules((ITEM_BANK / "rules" / "2023.toml").read_text(encoding="utf-8"))


@cache
def kind(code: str = "COM-02") -> IncidentKind:
    """A kind of incident from the taxonomy."""
    return read_taxonomy((ITEM_BANK / "rules" / "incidents.toml").read_text(encoding="utf-8"))[code]


def an_incident(
    code: str = "COM-02", name: str = "incident-1", author: PersonId = PROCTOR, **facts: object
) -> Incident:
    """What a proctor reported a minute after it occurred."""
    usual: dict[str, object] = {"occurred_at": NOON, "recorded_at": later(minutes=1)}
    return Incident(
        id=IncidentId(name),
        sitting=SittingId("sitting-1"),
        kind=kind(code),
        author=author,
        **(usual | facts),  # type: ignore[arg-type]
    )


def a_ruling(
    decision: Decision = Decision.NO_EFFECT,
    items: Iterable[ItemId] = (),
    incident: str = "incident-1",
    number: int = 1,
    author: PersonId = JURY,
    reason: str = "The recording shows it.",
    said: bool | None = None,
) -> Ruling:
    """What the jury decided about an incident; `said`: whether a second person agreed, if one has spoken."""
    name = RulingId(f"ruling-{incident}-{number}")
    at = later(minutes=239 + number)
    told = None if said is None else Confirmation(name, COLLEAGUE, said, "Read.", at + timedelta(seconds=30))
    heard = "By telephone, the day after." if decision is Decision.FRAUD else ""
    return Ruling(name, IncidentId(incident), number, decision, tuple(items), reason, author, at, heard, told)
