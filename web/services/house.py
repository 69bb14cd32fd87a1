"""What every use case works with."""

from dataclasses import dataclass

from web.db.database import Database
from web.services.catalogue import Catalogue
from web.services.pulse import Pulse


@dataclass(frozen=True, slots=True)
class House:
    """The database, the installed releases and rules, and the secret that codes are hashed with."""

    db: Database
    catalogue: Catalogue
    secret: str
    pulse: Pulse | None = None
    """Gathers signs of life; without it each is written at once."""
