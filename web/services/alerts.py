"""The candidate's alert: something is wrong with the question on screen."""

from datetime import datetime
from enum import StrEnum

from engine.delivery import commands
from engine.delivery.session import require_open
from engine.kernel import EngineError, ItemId, SittingId
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.french import ALERT_REASONS
from web.services.house import House
from web.services.messages import LONGEST, MessageTooLong


class Wrong(StrEnum):
    """What a candidate can say of a question."""

    FILE = "file"
    UNREADABLE = "unreadable"
    ACCESS = "access"
    OTHER = "other"


class AlertReasonMissing(EngineError):
    """An alert that does not say what is wrong."""

    code = "alert_reason_missing"


def raise_alert(
    house: House, sitting: SittingId, item: ItemId, wrong: str, text: str, device: str, now: datetime
) -> None:
    """Block the question until a proctor has looked; the clock stands still. Raised again, nothing happens.

    Raises `AlertReasonMissing`, `MessageTooLong`, `SessionNotOpen`, and what `commands.raise_alert` raises.
    """
    words = text.strip()
    if len(words) > LONGEST:
        raise MessageTooLong(f"An alert has at most {LONGEST} characters, not {len(words)}.", length=len(words))
    if wrong not in set(Wrong) or (wrong == Wrong.OTHER and not words):
        raise AlertReasonMissing("Say what is wrong with the question.", wrong=wrong)
    told = " ".join(filter(None, [ALERT_REASONS[wrong], words]))
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
        sitting_rows.save(connection, commands.raise_alert(enrolment.sitting, item, told, device, now))
