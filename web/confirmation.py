"""Asking for the second factor again before what cannot be undone."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec

from flask import render_template, request, session

from engine.kernel import EngineError
from web.access import actor, asks_second_factor, house
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.services import second_factor

P = ParamSpec("P")
FIELD = "second_factor_code"


def confirmed_by_code(when: Callable[[], bool] = lambda: True) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Ask for a code before a post that meets `when`, unless one was given a moment ago; what was posted goes on.

    It stands below `@needs`, which says who may come at all.
    """

    def guard(view: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(view)
        def confirmed(*args: P.args, **kwargs: P.kwargs) -> Any:
            if request.method != "POST" or not asks_second_factor(actor()) or not when() or _is_fresh():
                return view(*args, **kwargs)
            typed = request.form.get(FIELD)
            if typed is None:
                return _page(None), 403
            try:
                second_factor.prove(house(), actor(), typed, session["second_factor"], now())
            except EngineError as refusal:
                return _page(sentence_of(refusal)), REFUSALS[refusal.code].status
            session["proved_at"] = now().isoformat()
            return view(*args, **kwargs)

        return confirmed

    return guard


def _is_fresh() -> bool:
    proved = session.get("proved_at")
    return isinstance(proved, str) and now() - datetime.fromisoformat(proved) < second_factor.FRESH


def _page(problem: str | None) -> str:
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in (FIELD, "csrf_token")]
    return render_template("home/confirm.html", sent=sent, field=FIELD, problem=problem)
