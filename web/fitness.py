"""What makes an installation unfit for real candidates: production does not start with it, and says all at once."""

from sqlalchemy import make_url

from web.config import Settings

SHORTEST_SECRET = 32
FEWEST_SIGNS = 10
"""Of a secret: `change-me-change-me-change-me-change-me` was not made by chance."""
WELL_KNOWN = frozenset({"postgres", "password", "palier", "admin", "secret", "changeme", "change-me"})


class UnfitForProduction(ValueError):
    """Settings that production refuses, each by its name."""


def require(settings: Settings, debug: bool) -> None:
    """Hold the settings of production against what it needs. Raises `UnfitForProduction`; a demo may have any."""
    found = faults(settings, debug) if settings.is_production else []
    if found:
        raise UnfitForProduction("Production does not start like this. " + " ".join(found))


def faults(settings: Settings, debug: bool) -> list[str]:
    """A sentence for each setting that is unfit: its name, what is wrong, what to do."""
    secret = settings.secret_key.get_secret_value()
    address = make_url(settings.database)
    checks = {
        "PALIER_SECRET_KEY is not set: give it at least 32 characters made by chance.": not secret,
        "PALIER_SECRET_KEY is too short: give it at least 32 characters made by chance.": (
            0 < len(secret) < SHORTEST_SECRET
        ),
        "PALIER_SECRET_KEY is not made by chance: `python -c 'import secrets; print(secrets.token_urlsafe(48))'`.": (
            len(secret) >= SHORTEST_SECRET and len(set(secret)) < FEWEST_SIGNS
        ),
        "PALIER_DATABASE_URL is not a PostgreSQL: SQLite has no roles, and its log could be changed.": (
            address.get_backend_name() != "postgresql"
        ),
        "PALIER_DATABASE_URL has a password that everybody knows: change it.": address.password in WELL_KNOWN,
        "PALIER_SECOND_FACTOR is off: juries and administrators need one.": not settings.asks_second_factor,
        "FLASK_DEBUG is set: it shows what happens inside.": debug,
    }
    return [sentence for sentence, is_wrong in checks.items() if is_wrong]
