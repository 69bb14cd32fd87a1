"""Servers that are wrong on purpose: a harness that finds nothing wrong with them finds nothing."""

import queue
import threading
import time
import uuid
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import event

from engine.kernel import EngineError, ItemId, SittingId
from tests.faults.app import make
from web.services import exam
from web.services.house import House

rightly = exam.answer


def early() -> Flask:
    """Says that an answer is recorded, and records it half a second later."""
    todo: queue.Queue[tuple[float, tuple[Any, ...]]] = queue.Queue()

    def later() -> None:
        while True:
            due, known = todo.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                rightly(*known)
            except EngineError:
                continue

    def answer(*known: Any) -> None:
        if not threads:
            threads.append(threading.Thread(target=later, daemon=True))
            threads[0].start()
        todo.put((time.monotonic() + 0.5, known))

    threads: list[threading.Thread] = []
    exam.answer = answer  # type: ignore[assignment]
    return make()


def forgetful() -> Flask:
    """Does not know an answer again: what is sent twice is taken for an answer to whatever is on screen by then."""

    def answer(
        house: House,
        sitting: SittingId,
        item: ItemId,
        raw: object,
        answer_id: str,
        device: str,
        now: datetime,
        page: str | None = None,
    ) -> object:
        step = rightly(house, sitting, item, raw, answer_id, device, now, page)
        if step.events or step.state.on_screen is None:
            return step
        return rightly(house, sitting, step.state.on_screen, None, str(uuid.uuid4()), device, now)

    exam.answer = answer  # type: ignore[assignment]
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

    def answer(house: House, sitting: SittingId, item: ItemId, raw: object, answer_id: str, *others: Any) -> object:
        return rightly(house, sitting, item, None if answer_id < "2" else raw, answer_id, *others)

    exam.answer = answer  # type: ignore[assignment]
    return make()


def buggy() -> Flask:
    """Breaks at its first answer, in every worker."""

    def answer(*known: Any) -> object:
        if not broken:
            broken.append(True)
            raise RuntimeError("a bug")
        return rightly(*known)

    broken: list[bool] = []
    exam.answer = answer  # type: ignore[assignment]
    return make()
