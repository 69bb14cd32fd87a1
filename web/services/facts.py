"""What a candidate's page tells of itself: a camera that stopped, a page left. Information, never a penalty."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from engine.kernel import EngineError, SittingId
from web.db import audit
from web.db import sittings as sitting_rows
from web.db.day_tables import Fact
from web.services.house import House

MOST = 1_000
"""Facts that are kept of one sitting: a page gone wild fills no disk."""


class FactKind(StrEnum):
    """The closed list: each is about one thing, which is lost or back."""

    PAGE_LEFT = "page_left"
    PAGE_BACK = "page_back"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"
    MICROPHONE_LOST = "microphone_lost"
    MICROPHONE_BACK = "microphone_back"
    SCREEN_LOST = "screen_lost"
    SCREEN_BACK = "screen_back"
    VIEW_LOST = "view_lost"
    VIEW_BACK = "view_back"

    @property
    def about(self) -> str:
        """The thing: page, camera, microphone, screen or the view as a whole."""
        return self.value.split("_")[0]

    @property
    def is_loss(self) -> bool:
        """Whether the thing is gone from then on."""
        return not self.value.endswith("_back")


class UnknownFact(EngineError):
    """A fact that is not on the closed list."""

    code = "unknown_fact"


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, and when the server heard of it."""

    sitting: SittingId
    kind: FactKind
    at: datetime


def tell(house: House, sitting: SittingId, kind: str, now: datetime) -> None:
    """Keep a fact of a sitting that is not over; what was said last of the same thing is not kept twice.

    Raises `UnknownFact`, `NoSuchSitting`.
    """
    if kind not in set(FactKind):
        raise UnknownFact(f"There is no fact {kind!r}.", kind=kind)
    fact = FactKind(kind)
    with house.db.write() as connection:
        if sitting_rows.load(connection, sitting).sitting.state.is_over:
            return
        before = of_sittings(connection, [sitting])
        last = next((told.kind for told in reversed(before) if told.kind.about == fact.about), None)
        if last is fact or (last is None and not fact.is_loss) or len(before) >= MOST:
            return
        told: dict[str, object] = {
            "id": str(uuid.uuid4()),
            "sitting_id": sitting,
            "kind": fact.value,
            "at": now,
            "data": {},
        }
        audit.insert(connection, Fact, [told])


def of_sittings(db: Connection, sittings: Sequence[SittingId]) -> list[Told]:
    """The facts of some sittings, the oldest first."""
    rows = db.execute(
        select(Fact.sitting_id, Fact.kind, Fact.at).where(Fact.sitting_id.in_(sittings)).order_by(Fact.at, Fact.id)
    )
    return [Told(SittingId(row.sitting_id), FactKind(row.kind), row.at) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is lost of a sitting now, since when, and how often the page was left in all."""

    lost: tuple[Told, ...] = ()
    times_left: int = 0


def standing(db: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, Standing]:
    """How things stand with each of some sittings: two statements, however many facts there are."""
    last = (
        select(
            Fact.sitting_id,
            Fact.kind,
            Fact.at,
            func.row_number()
            .over(
                partition_by=(Fact.sitting_id, func.substr(Fact.kind, 1, 4)), order_by=(Fact.at.desc(), Fact.id.desc())
            )
            .label("age"),
        )
        .where(Fact.sitting_id.in_(sittings))
        .subquery()
    )
    lost: dict[SittingId, list[Told]] = {}
    for row in db.execute(select(last).where(last.c.age == 1).order_by(last.c.at)):
        told = Told(SittingId(row.sitting_id), FactKind(row.kind), row.at)
        if told.kind.is_loss:
            lost.setdefault(told.sitting, []).append(told)
    left = db.execute(
        select(Fact.sitting_id, func.count().label("times"))
        .where(Fact.sitting_id.in_(sittings), Fact.kind == FactKind.PAGE_LEFT.value)
        .group_by(Fact.sitting_id)
    )
    times: dict[str, int] = {row.sitting_id: row.times for row in left}
    return {s: Standing(tuple(lost.get(s, ())), times.get(s, 0)) for s in sittings}
