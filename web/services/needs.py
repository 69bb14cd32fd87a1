"""What candidates cannot use: their plan without the items that demand it, and whether a session can serve them."""

from collections.abc import Iterable

from engine.adaptive.forms import NoForm
from engine.adaptive.model import UncoveredCompetence
from engine.adaptive.plan import Plan
from engine.items.frameworks import Track
from engine.items.item import Demand
from engine.kernel import EngineError
from web.db.sessions import Pins, Session
from web.db.sittings import Enrolment
from web.services.catalogue import Catalogue


class UnknownNeed(EngineError):
    """A need that no item can be told to demand."""

    code = "unknown_need"


class NeedsNotCovered(EngineError):
    """Candidates whose needs leave a competence without a question."""

    code = "needs_not_covered"


def needs_of(given: Iterable[str]) -> tuple[str, ...]:
    """Needs as they are stored: known ones, each once, in order. Raises `UnknownNeed`.

    >>> needs_of(["hearing", "colour", "hearing"])
    ('colour', 'hearing')
    """
    found = set(given)
    strangers = sorted(found - set(Demand))
    if strangers:
        raise UnknownNeed(f"No item demands {', '.join(strangers)}.", needs=strangers)
    return tuple(sorted(found))


def plan_for(catalogue: Catalogue, session: Session, enrolment: Enrolment) -> Plan:
    """As `content_plan`, for an enrolment."""
    return content_plan(catalogue, session.pins, enrolment.track, enrolment.needs)


def content_plan(catalogue: Catalogue, pins: Pins, track: Track, needs: tuple[str, ...]) -> Plan:
    """The plan of a candidate as far as content goes: nothing is chosen with it, so exposure does not matter.

    For somebody whom the release cannot serve it is everybody's: pages show them, and no test of theirs begins.
    """
    try:
        return _own_plan(catalogue, pins, track, needs)
    except (UncoveredCompetence, NoForm):
        return catalogue.plan(pins.release_digest, pins.rules_digest, track)


def _own_plan(catalogue: Catalogue, pins: Pins, track: Track, needs: tuple[str, ...]) -> Plan:
    plan = catalogue.plan(pins.release_digest, pins.rules_digest, track)
    if not needs:
        return plan
    release = catalogue.release(pins.release_digest)
    own = f"{pins.release_digest}/{pins.rules_digest}/content/{track}/{needs}"
    return catalogue.controlled(own, lambda: plan.without(release.asking_for(needs)))


def require_covered(catalogue: Catalogue, session: Session, enrolments: Iterable[Enrolment]) -> None:
    """Every candidate can be asked every competence. Raises `NeedsNotCovered` with the names of those who cannot."""
    without = []
    for enrolment in enrolments:
        try:
            _own_plan(catalogue, session.pins, enrolment.track, enrolment.needs)
        except (UncoveredCompetence, NoForm):
            without.append(enrolment.full_name)
    if without:
        raise NeedsNotCovered(f"Release {session.release_digest[:12]} cannot serve {len(without)}.", names=without)
