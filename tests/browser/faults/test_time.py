"""Time belongs to the server: whatever the clock of the machine says, and whoever looks or does not."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.delivery.states import State
from tests.browser.faults import network
from tests.browser.faults.conftest import Candidate, Ground, new_candidate
from web.services import expiry, supervision

pytestmark = pytest.mark.browser

WALL_CLOCK = """days => {
  const Real = Date, shift = days * 86400000;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + shift); }
    static now() { return Real.now() + shift; }
  };
}"""


def _left(page: Page) -> str:
    return page.locator("#time strong").inner_text()


def _almost(candidate: Candidate, **left: float) -> None:
    """Let the server's time go on until this much is left, and the page hear of it."""
    clock = candidate.now.clock
    assert clock
    now = candidate.ground.server.now()
    candidate.ground.server.move(seconds=(clock.deadline(now) - now - timedelta(**left)).total_seconds())
    candidate.page.evaluate("dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("days", [-1, 1])
def test_a_machine_whose_clock_is_a_day_off_or_moved_in_mid_item_changes_nothing(candidate: Candidate, days: int):
    page = candidate.page
    assert _left(page) == "2 h 30"
    page.evaluate(WALL_CLOCK, days)  # in mid-item
    item = candidate.fill_in()
    candidate.drafted()
    page.wait_for_timeout(1200)
    assert _left(page) == "2 h 30"
    page.context.add_init_script(f"({WALL_CLOCK})({days})")  # and from the start of the pages that follow
    page.reload()
    assert _left(page) == "2 h 30"
    candidate.validate()
    candidate.goes_on(item)
    assert _left(page) == "2 h 30"
    assert abs(candidate.answered[0].at - candidate.ground.server.now()) < timedelta(minutes=1)
    assert abs(page.evaluate("(Date.now() - performance.timeOrigin) / 86400000") - days) < 0.01


def test_the_time_left_is_said_at_60_30_10_5_and_1_minutes_even_when_it_is_hidden(candidate: Candidate):
    page = candidate.page
    page.evaluate("document.documentElement.classList.add('hide-timer')")
    expect(page.locator("#time")).to_be_hidden()
    page.evaluate(
        """() => {
          globalThis.said = [];
          const where = document.getElementById("announce");
          new MutationObserver(() => said.push(where.textContent)).observe(where, { childList: true });
        }"""
    )
    for minutes in (60, 45, 30, 10, 5, 1):
        _almost(candidate, minutes=minutes, seconds=1)
        page.wait_for_timeout(1900)
    assert page.evaluate("said") == [
        "Il reste une heure.",
        "Il reste 30 minutes.",
        "Il reste 10 minutes.",
        "Il reste 5 minutes.",
        "Il reste une minute.",
    ]


def test_the_seconds_of_the_last_minute_are_not_rounded_to_minutes(candidate: Candidate):
    _almost(candidate, seconds=42)
    expect(candidate.page.locator("#time strong")).to_have_text("40 s", timeout=5000)


def test_at_the_bell_what_stands_in_the_form_is_sent_and_the_server_closes(candidate: Candidate):
    item = candidate.fill_in()
    _almost(candidate, seconds=1)
    expect(candidate.page.get_by_role("heading", name="Le temps est écoulé")).to_be_visible()
    [answer] = candidate.answered
    assert (answer.item, answer.late) == (item.id, True)
    assert candidate.now.state is State.EXPIRED


def test_at_the_bell_an_empty_form_closes_the_test_without_an_answer(candidate: Candidate):
    _almost(candidate, seconds=1)
    expect(candidate.page.get_by_role("heading", name="Le temps est écoulé")).to_be_visible()
    assert candidate.now.state is State.EXPIRED
    assert candidate.answered == []


def test_a_lost_ping_ends_nothing(candidate: Candidate):
    """At the bell and offline: back within the grace, the answer counts."""
    item = candidate.fill_in()
    _almost(candidate, seconds=2)
    candidate.page.wait_for_timeout(300)
    candidate.page.context.set_offline(True)
    expect(candidate.page.locator("#notice")).to_contain_text(
        "Le temps est écoulé. Votre réponse est gardée", timeout=8000
    )
    assert candidate.now.state is State.RUNNING
    candidate.ground.server.move(seconds=40)
    candidate.page.context.set_offline(False)
    expect(candidate.page.get_by_role("heading", name="Le temps est écoulé")).to_be_visible()
    assert [(a.item, a.late) for a in candidate.answered] == [(item.id, True)]


def test_after_the_grace_the_draft_and_the_reply_that_waited_are_kept_for_the_jury(candidate: Candidate):
    """Nobody looks: the sweeper closes the test with the draft; then the browser comes back with the reply."""
    item = candidate.fill_in()
    candidate.drafted()
    _almost(candidate, seconds=2)
    candidate.page.wait_for_timeout(300)
    candidate.page.context.set_offline(True)
    expect(candidate.page.locator("#notice")).to_contain_text("Le temps est écoulé", timeout=8000)
    candidate.ground.server.move(seconds=90)
    assert candidate.sitting in expiry.expire_all(candidate.house, candidate.ground.server.now())
    assert candidate.sitting not in expiry.expire_all(candidate.house, candidate.ground.server.now())
    assert [(q.item, q.draft) for q in candidate.quarantined] == [(item.id, True)]
    candidate.page.context.set_offline(False)
    expect(candidate.page.get_by_text("est conservée pour le jury")).to_be_visible()
    assert [(q.item, q.draft) for q in candidate.quarantined] == [(item.id, True), (item.id, False)]
    assert candidate.answered == []
    candidate.nothing_waits()


def test_time_given_while_the_page_was_offline_at_the_bell_gives_the_question_back(candidate: Candidate):
    item = candidate.fill_in()
    _almost(candidate, seconds=2)
    candidate.page.wait_for_timeout(300)
    candidate.page.context.set_offline(True)
    expect(candidate.page.locator("#notice")).to_contain_text("Le temps est écoulé", timeout=8000)
    ground = candidate.ground
    supervision.grant_time(candidate.house, ground.proctor, candidate.sitting, 5, "Coupure", ground.server.now())
    candidate.page.context.set_offline(False)
    expect(candidate.page.locator("#notice")).to_be_hidden()
    expect(candidate.page.locator("#time strong")).to_have_text("5 min")
    assert candidate.answered == []
    candidate.validate()
    candidate.goes_on(item)
    assert [a.late for a in candidate.answered] == [False]


def test_the_advised_times_are_shown_and_close_nothing(candidate: Candidate, ground: Ground, browser: Browser):
    expect(candidate.page.locator(".pace")).to_contain_text("45 min pour cette partie, soit 1 h 45 restantes à la fin")
    ground.server.move(minutes=100)
    item = candidate.fill_in()
    candidate.validate()
    candidate.goes_on(item)
    third = new_candidate(ground, browser, extra_third=True)
    page = third.opens("first")
    expect(page.locator(".pace")).to_contain_text("1 h 00 pour cette partie, soit 2 h 20 restantes à la fin")
    for context in third.contexts:
        context.close()


def test_a_portal_at_the_bell_is_no_closing(candidate: Candidate):
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.portal):
        _almost(candidate, seconds=-1)
        candidate.page.evaluate("performance.now = () => 1e9")
        candidate.saved("1 réponse gardée sur ce poste")
        assert candidate.now.state is State.RUNNING
    expect(candidate.page.get_by_role("heading", name="Le temps est écoulé")).to_be_visible(timeout=20_000)
    assert [(a.item, a.late) for a in candidate.answered] == [(item.id, True)]


def test_the_time_runs_on_a_page_that_was_cut_off_before_all_its_scripts_had_come(candidate: Candidate):
    page = candidate.page
    page.route("**/ordering.js", lambda route: route.abort())
    page.reload()
    _almost(candidate, minutes=30, seconds=1)
    expect(page.locator("#time strong")).to_have_text("30 min", timeout=15_000)
