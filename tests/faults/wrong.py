"""Servers that are wrong on purpose: a harness that finds nothing wrong with them finds nothing."""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, copy_current_request_context
from sqlalchemy import event

from engine.kernel import EngineError, ItemId, SittingId, Transition
from tests.faults.app import make
from web.services import exam, gate
from web.services.house import House

rightly: Callable[..., Any] = exam.answer_form


def early() -> Flask:
    """Says that an answer is recorded, and records it half a second later."""
    todo: queue.Queue[tuple[float, Callable[[], object]]] = queue.Queue()

    def later() -> None:
        while True:
            due, act = todo.get()
            time.sleep(max(0, due - time.monotonic()))
            with contextlib.suppress(EngineError):
                act()

    def answer(house: House, sitting: SittingId, *known: Any) -> object:
        if not threads:
            threads.append(threading.Thread(target=later, daemon=True))
            threads[0].start()
        act = copy_current_request_context(lambda: rightly(house, sitting, *known))
        todo.put((time.monotonic() + 0.5, act))
        return Transition(gate.look(house, sitting)[1].sitting, ())

    threads: list[threading.Thread] = []
    exam.answer_form = answer  # type: ignore[assignment]
    return make()


def forgetful() -> Flask:
    """Does not know an answer again: what is sent twice is taken for an answer to whatever is on screen by then."""

    def answer(
        house: House,
        sitting: SittingId,
        item: ItemId,
        reply: Any,
        answer_id: str,
        device: str,
        now: datetime,
        page: str | None = None,
    ) -> object:
        step = rightly(house, sitting, item, reply, answer_id, device, now, page)
        if step.events or step.state.on_screen is None:
            return step
        return rightly(house, sitting, step.state.on_screen, lambda _: None, str(uuid.uuid4()), device, now)

    exam.answer_form = answer  # type: ignore[assignment]
    return make()


def careless() -> Flask:
    """Does not wait until a transaction is on the disk."""
    app = make()
    house: House = app.extensions["palier"]

    @event.listens_for(house.db.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("SET synchronous_commit = off")
        connection.commit()

    return app


def swapping() -> Flask:
    """Stores a pass instead of every eighth reply."""

    def answer(house: House, sitting: SittingId, item: ItemId, reply: Any, answer_id: str, *others: Any) -> object:
        return rightly(house, sitting, item, (lambda _: None) if answer_id < "2" else reply, answer_id, *others)

    exam.answer_form = answer  # type: ignore[assignment]
    return make()


def buggy() -> Flask:
    """Breaks at its first answer, in every worker."""

    def answer(*known: Any) -> object:
        if not broken:
            broken.append(True)
            raise RuntimeError("a bug")
        return rightly(*known)

    broken: list[bool] = []
    exam.answer_form = answer  # type: ignore[assignment]
    return make()
