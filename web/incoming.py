"""What people send, as text: signs that no database, workbook or terminal takes are left out first."""

import re
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.utils import cached_property

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters but tab and line ends, halves of a surrogate pair, non-characters: XML 1.0 refuses them too."""


def fit(text: str) -> str:
    """The text without what is no text.

    >>> fit("a\\x00b\\x1b[31m")
    'ab[31m'
    """
    return _NO_TEXT.sub("", text)


class Text(Request):
    """A request whose fields, arguments and names of files are fit to be stored and shown."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The arguments of the address."""
        return _fit(super().args)

    @property
    def is_fit(self) -> bool:
        """Whether the address itself is text: nothing is called by another name."""
        return all(fit(value) == value for value in (self.view_args or {}).values() if isinstance(value, str))

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The JSON of the body; what nests so deep that reading it would never end is no JSON."""
        try:
            return super().get_json(force=force, silent=silent, cache=cache)
        except RecursionError:
            if silent:
                return None
            raise BadRequest from None

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        known: dict[str, Any] = self.__dict__
        known["form"] = _fit(known["form"])
        for file in known["files"].values():
            file.filename = fit(file.filename or "")


def _fit(given: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict([(fit(name), fit(value)) for name, value in given.items(multi=True)])
