"""French spacing: the space before ? ! ; : » and after « never breaks a line (Lexique des règles typographiques)."""

import re

from jinja2 import Environment
from jinja2.ext import Extension

_BEFORE = re.compile(r"(?<=\S) (?=[?!;:»](?![=\w]))")
_AFTER = re.compile(r"« (?=\S)")
NBSP = "\u00a0"


def spaced(text: str) -> str:
    """The text with non-breaking spaces where French asks for them.

    >>> spaced("« Quoi ? » : rien.").count(NBSP)
    4
    """
    return _AFTER.sub(f"«{NBSP}", _BEFORE.sub(NBSP, text))


class FrenchSpacing(Extension):
    """Does this to templates, once, when they are loaded; what stands inside Jinja's braces is left alone."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with French spacing between its tags."""
        del name, filename
        pieces = re.split(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>)", source, flags=re.DOTALL)
        return "".join(piece if n % 2 else spaced(piece) for n, piece in enumerate(pieces))


def init_env(environment: Environment) -> None:
    """Use French spacing in an environment."""
    environment.add_extension(FrenchSpacing)
