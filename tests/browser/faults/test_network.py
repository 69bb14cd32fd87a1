"""The network, the server or something between fails in mid-item: the candidate goes on, the answer counts once."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.faults import network
from tests.browser.faults.conftest import Candidate
from tests.browser.faults.network import ANSWER, DRAFT, Fault

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("seconds", [30, 180])
def test_a_cut_in_mid_item_costs_nothing_but_time(candidate: Candidate, console: Page, seconds: int):
    page, server = candidate.page, candidate.ground.server
    row = console.locator("tr", has_text=candidate.name)
    page.wait_for_timeout(700)  # the first sign of life
    page.context.set_offline(True)
    item = candidate.fill_in()
    candidate.saved("Hors connexion")
    candidate.validate()
    candidate.saved("Hors connexion : 1 réponse gardée sur ce poste")
    expect(page.locator("#notice")).to_contain_text("la suite s'affichera au retour du réseau")
    assert candidate.answered == []
    server.move(seconds=seconds)
    if seconds > 45:
        expect(row).to_contain_text("Sans nouvelles")
    page.context.set_offline(False)
    candidate.goes_on(item)
    page.wait_for_timeout(700)
    [gap] = candidate.silences()
    assert timedelta(seconds=seconds) <= gap.length < timedelta(seconds=seconds + 15)
    expect(row).to_contain_text("coupures dans")  # the last fifteen minutes, as the console draws and tells them
    expect(row).not_to_contain_text("Sans nouvelles")
    candidate.nothing_waits()


def test_a_cut_while_thinking_is_said_and_unsaid(candidate: Candidate):
    page = candidate.page
    page.context.set_offline(True)
    candidate.saved("Hors connexion : vous pouvez continuer cette question")
    page.context.set_offline(False)
    candidate.saved("Chaque réponse validée est enregistrée")


@pytest.mark.parametrize("fault", [network.portal, network.foreign_json, network.breaks_down])
def test_what_is_not_our_reply_is_no_acknowledgement(candidate: Candidate, fault: Fault):
    item = candidate.fill_in()
    with candidate.ground.network.fault(fault):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        assert len(candidate.in_browser("outbox")) == 1
        assert candidate.answered == []
    candidate.goes_on(item)


def test_a_reply_that_is_lost_after_the_commit_is_asked_for_again(candidate: Candidate):
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.reply_is_lost(ANSWER)):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        assert [a.item for a in candidate.answered] == [item.id]
    candidate.goes_on(item)
    assert candidate.ground.network.posts(ANSWER) >= 2


def test_the_server_is_killed_and_started_again(candidate: Candidate):
    server = candidate.ground.server
    item = candidate.fill_in()
    candidate.page.wait_for_timeout(300)
    server.kill()
    candidate.validate()
    candidate.saved("1 réponse gardée sur ce poste")
    server.start()
    candidate.goes_on(item, timeout=20_000)


def test_the_server_is_killed_between_the_commit_and_its_reply(candidate: Candidate):
    server = candidate.ground.server
    item = candidate.fill_in()

    def committed_then_killed(request: network.Handler) -> bool:
        if request.path != ANSWER or candidate.answered:
            return False
        request.forward()
        server.kill()
        request.hang_up()
        return True

    with candidate.ground.network.fault(committed_then_killed):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
    server.start()
    candidate.goes_on(item, timeout=20_000)


def test_pressing_again_while_it_waits_tries_at_once(candidate: Candidate):
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.portal):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        for _ in range(4):
            before = candidate.ground.network.posts(ANSWER)
            candidate.validate()
            candidate.page.wait_for_timeout(150)
            assert candidate.ground.network.posts(ANSWER) > before
    candidate.validate()
    candidate.goes_on(item)


def test_a_reply_without_the_right_form_comes_back_with_its_sentence(candidate: Candidate):
    item = candidate.item
    candidate.validate()
    expect(candidate.page.get_by_role("alert")).to_contain_text("Il manque une réponse")
    candidate.nothing_waits()
    candidate.fill_in()
    candidate.validate()
    candidate.goes_on(item)


def test_drafts_are_with_the_server_within_two_seconds(candidate: Candidate):
    with candidate.page.expect_request(lambda r: DRAFT in r.url, timeout=2000):
        candidate.fill_in()
    candidate.saved("Brouillon enregistré à")
