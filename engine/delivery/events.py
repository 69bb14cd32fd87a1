"""What can happen in a sitting: the rows of its log, which are never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from engine.items.response import Reply
from engine.kernel import ItemId, PersonId


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The candidate gave name, birth date and session code, and read the instructions."""

    kind: ClassVar[str] = "checked_in"
    at: datetime


@dataclass(frozen=True, slots=True)
class Authorised:
    """A proctor checked presence and identity; good for one entry."""

    kind: ClassVar[str] = "authorised"
    at: datetime
    by: PersonId


@dataclass(frozen=True, slots=True)
class Entered:
    """The personal code was given on a device, which may write from now on; the authorisation is used up."""

    kind: ClassVar[str] = "entered"
    at: datetime
    device: str


@dataclass(frozen=True, slots=True)
class Started:
    """The candidate asked for the first item: the clock runs."""

    kind: ClassVar[str] = "started"
    at: datetime


@dataclass(frozen=True, slots=True)
class Presented:
    """An item was chosen; it is stored before it is shown."""

    kind: ClassVar[str] = "presented"
    at: datetime
    item: ItemId


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply to the item on screen (`None`: passed), under an id made by the client."""

    kind: ClassVar[str] = "answered"
    at: datetime
    item: ItemId
    reply: Reply
    answer_id: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A reply that came after the grace, or a `draft` of one that never came: kept for the jury, not scored."""

    kind: ClassVar[str] = "quarantined"
    at: datetime
    item: ItemId
    reply: Reply
    answer_id: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Paused:
    """The clock stands still."""

    kind: ClassVar[str] = "paused"
    at: datetime
    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The clock runs again."""

    kind: ClassVar[str] = "resumed"
    at: datetime
    by: PersonId


@dataclass(frozen=True, slots=True)
class TimeGranted:
    """Seconds given, with the reason."""

    kind: ClassVar[str] = "time_granted"
    at: datetime
    by: PersonId
    seconds: int
    reason: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The test was gone through, or the candidate ended it early."""

    kind: ClassVar[str] = "submitted"
    at: datetime
    early: bool = False


@dataclass(frozen=True, slots=True)
class Expired:
    """The time ran out."""

    kind: ClassVar[str] = "expired"
    at: datetime


@dataclass(frozen=True, slots=True)
class Terminated:
    """A proctor ended the sitting; `technical` when the cause is not the candidate."""

    kind: ClassVar[str] = "terminated"
    at: datetime
    by: PersonId
    reason: str
    technical: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The candidate was not let in."""

    kind: ClassVar[str] = "refused"
    at: datetime
    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The session was closed and the candidate had not started."""

    kind: ClassVar[str] = "absent"
    at: datetime
    by: PersonId


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """The candidate says that the item on screen is faulty: it is blocked until a proctor has looked."""

    kind: ClassVar[str] = "alert_raised"
    at: datetime
    item: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class AlertRefused:
    """The item is in order: the candidate goes on with it."""

    kind: ClassVar[str] = "alert_refused"
    at: datetime
    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class AlertAccepted:
    """The item is out of order: it is taken out, and another takes its place."""

    kind: ClassVar[str] = "alert_accepted"
    at: datetime
    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The enrolment was taken back before the test began."""

    kind: ClassVar[str] = "cancelled"
    at: datetime
    by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class Reinstated:
    """An enrolment that was taken back holds again."""

    kind: ClassVar[str] = "reinstated"
    at: datetime
    by: PersonId


Event: TypeAlias = (
    CheckedIn
    | Authorised
    | Entered
    | Started
    | Presented
    | Answered
    | Quarantined
    | Paused
    | Resumed
    | TimeGranted
    | Submitted
    | Expired
    | Terminated
    | Refused
    | Absent
    | AlertRaised
    | AlertRefused
    | AlertAccepted
    | Cancelled
    | Reinstated
)

EVENTS: tuple[type[Event], ...] = (
    CheckedIn,
    Authorised,
    Entered,
    Started,
    Presented,
    Answered,
    Quarantined,
    Paused,
    Resumed,
    TimeGranted,
    Submitted,
    Expired,
    Terminated,
    Refused,
    Absent,
    AlertRaised,
    AlertRefused,
    AlertAccepted,
    Cancelled,
    Reinstated,
)
"""Every kind of row, for what stores and what tests all pairs."""
