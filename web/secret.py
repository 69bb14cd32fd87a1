"""The secret of an installation: what cookies, codes and tickets are signed with; the same on every node."""

import secrets

from web.config import Settings


def secret_of(settings: Settings) -> str:
    """The secret of the settings; a demo makes its own once and keeps it beside its database."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path = settings.data / "secret"
    if not path.exists():
        settings.data.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()
