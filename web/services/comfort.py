"""How a candidate reads best, kept for the sitting."""

from collections.abc import Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.kernel import SittingId
from web.db.day_tables import Comfort
from web.services.house import House


def kept(house: House, sitting: SittingId) -> Mapping[str, str] | None:
    """What was chosen for a sitting, if anything was."""
    with house.db.glance() as connection:
        found: Mapping[str, str] | None = connection.execute(
            select(Comfort.settings).where(Comfort.sitting_id == sitting)
        ).scalar_one_or_none()
    return found


def keep(house: House, sitting: SittingId, chosen: Mapping[str, str]) -> None:
    """Keep a choice for a sitting; the newest counts."""
    with house.db.write() as connection:
        values = {"settings": dict(chosen)}
        if connection.execute(update(Comfort).where(Comfort.sitting_id == sitting).values(values)).rowcount == 0:
            try:
                with connection.begin_nested():
                    connection.execute(insert(Comfort).values(sitting_id=sitting, **values))
            except IntegrityError:
                return  # its first two at once
