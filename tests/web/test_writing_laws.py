"""Whatever a browser sends, in whatever order and how often, from old pages and new: what was acknowledged stands."""

import random
import uuid

import pytest

from tests.web.test_writing import ANSWER, DRAFT, _form, _send
from tests.web.world import World, right_reply
from web.services import supervision

STEPS = 60


@pytest.mark.parametrize("seed", range(4))
def test_what_was_acknowledged_is_recorded_once_and_for_good_whatever_is_sent(world: World, seed: int):
    dice = random.Random(seed)
    browser = world.running(world.camille)
    known = (world.house, world.person("surveillant"), world.camille.sitting)
    pages = [_form(browser)]
    sent: list[dict[str, object]] = []
    acknowledged: dict[str, dict[str, object]] = {}
    ended = {"acknowledged": 0, "refused": 0}
    for _ in range(STEPS):
        world.clock.forward(seconds=dice.randint(1, 40))
        paused = world.sitting(world.camille).state.value == "paused"
        before = world.sitting(world.camille).presented
        match dice.choice(["open", "send", "send", "again", "again", "draft", "pause"]):
            case "open":
                page = browser.get("/candidat/test")
                if page.has_form(ANSWER):
                    pages.append(_form(browser))
                continue
            case "pause":
                act = supervision.resume if paused else supervision.pause
                act(*known, *([] if paused else ["x"]), world.clock())
                continue
            case "draft":
                status, _ = _send(browser, DRAFT, dice.choice(pages))
                assert status in (200, 409)
                assert world.sitting(world.camille).presented == before
                continue
            case "send":
                fields = dict(dice.choice(pages[-3:]))
                fields |= dice.choice([right_reply(world.item(str(fields["item"]))), {"action": "passer"}])
                if dice.random() < 0.3:
                    fields["answer_id"] = str(uuid.uuid4())
                sent.append(fields)
            case "again":
                if not sent:
                    continue
                fields = dice.choice(sent)
        status, said = _send(browser, ANSWER, fields)
        name = str(fields["answer_id"])
        if acknowledged.get(name) == fields:
            assert (status, said["recorded"]) == (200, name), "acknowledged once, acknowledged for ever"
        if status == 200:
            assert acknowledged.setdefault(name, fields) == fields
            ended["acknowledged"] += 1
        else:
            assert said["code"] in {"not_on_screen", "answer_conflict", "other_page", "is_paused"}, said
            assert world.sitting(world.camille).presented == before
            ended["refused"] += 1
        answers = world.answers(world.camille)
        assert [a.item for a in answers] == list(world.sitting(world.camille).presented[: len(answers)])
        assert {a.answer_id for a in answers} == set(acknowledged)
        assert len(answers) == len(acknowledged)
    assert min(ended.values()) >= 3, f"this test looks at nothing: {ended}"
