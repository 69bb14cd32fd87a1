"""Pages are closed, reloaded, gone back from, opened twice, opened elsewhere: the same item, and one answer."""

import pytest
from playwright.sync_api import expect

from engine.items.item import Kind
from tests.browser.faults import network
from tests.browser.faults.conftest import Candidate, let_in
from tests.browser.faults.network import ANSWER
from web.services import supervision

pytestmark = pytest.mark.browser

ELSEWHERE = "Le test continue dans un autre onglet"


def test_the_tab_is_closed_between_send_and_reply(candidate: Candidate):
    item = candidate.fill_in()
    context = candidate.page.context
    with candidate.ground.network.fault(network.reply_is_lost(ANSWER)):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        candidate.page.close()
    page = candidate.tab(context)
    candidate.goes_on(item, page)
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    candidate.nothing_waits(page)


def test_the_tab_is_closed_while_the_reply_waits_offline(candidate: Candidate):
    item = candidate.fill_in()
    context = candidate.page.context
    context.set_offline(True)
    candidate.validate()
    candidate.saved("1 réponse gardée sur ce poste")
    candidate.page.close()
    context.set_offline(False)
    assert candidate.answered == []
    candidate.goes_on(item, candidate.tab(context))


def test_a_reload_sends_what_waits_and_goes_on(candidate: Candidate):
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.portal):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        candidate.page.reload()
        assert candidate.item.id == item.id
        candidate.saved("1 réponse gardée sur ce poste")
        assert candidate.answered == []
    candidate.goes_on(item)


def test_what_was_filled_in_is_there_after_a_reload_at_once(candidate: Candidate):
    """Faster than the draft travels: this browser has it."""
    with candidate.ground.network.fault(network.portal):
        candidate.fill_in()
        filled = candidate.fields()
        candidate.page.reload()
        item = candidate.item
        candidate.has(filled)
        candidate.saved("votre brouillon est gardé sur ce poste")
    candidate.validate()
    candidate.goes_on(item)


def test_there_is_no_way_back_with_the_button_of_the_browser(candidate: Candidate):
    seen = []
    for _ in range(2):
        item = candidate.fill_in()
        seen.append(item.id)
        candidate.validate()
        candidate.goes_on(item)
    candidate.page.go_back()
    candidate.page.go_forward()
    assert candidate.item.id == candidate.stored_item()
    assert candidate.item.id not in seen
    assert [a.item for a in candidate.answered] == seen


def test_a_second_tab_writes_and_the_first_says_so_calmly(candidate: Candidate):
    first = candidate.page
    item = candidate.fill_in(first)
    filled = candidate.fields(first)
    second = candidate.tab(first.context)
    expect(first.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    first.get_by_role("link", name="Continuer ici").click()
    candidate.has(filled, first)
    candidate.validate(first)
    candidate.goes_on(item, first)
    # And the other way round: now the second one has been left behind.
    second.evaluate("dispatchEvent(new Event('online'))")
    expect(second.get_by_role("heading", name=ELSEWHERE)).to_be_visible()


def test_a_reply_from_a_tab_that_was_left_behind_is_kept_and_sent_by_the_one_that_writes(candidate: Candidate):
    first = candidate.page
    item = candidate.fill_in(first)
    with candidate.ground.network.fault(lambda r: r.path != ANSWER and network.portal(r)):
        second = candidate.tab(first.context)
        candidate.validate(first)
        expect(first.get_by_role("heading", name=ELSEWHERE)).to_be_visible()
    assert candidate.answered == []
    second.evaluate("dispatchEvent(new Event('online'))")
    candidate.goes_on(item, second)


def test_a_second_tab_takes_up_what_the_first_has_filled_in(candidate: Candidate):
    item = candidate.fill_in()
    candidate.drafted()
    second = candidate.tab(candidate.page.context)
    candidate.validate(second)
    candidate.goes_on(item, second)


def test_a_second_device_goes_on_with_the_same_item_and_its_draft(candidate: Candidate):
    item = candidate.fill_in()
    candidate.drafted()
    let_in(candidate, "second")
    other = candidate.opens("second")
    assert other.locator("input[name=item]").get_attribute("value") == item.id
    candidate.page.evaluate("dispatchEvent(new Event('online'))")
    expect(candidate.page.get_by_role("heading", name="Votre test continue sur un autre appareil")).to_be_visible()
    candidate.validate(other)
    candidate.goes_on(item, other)


def test_a_reply_of_a_device_that_was_replaced_stays_there_and_is_told(candidate: Candidate):
    item = candidate.fill_in()
    candidate.page.context.set_offline(True)
    candidate.validate()
    candidate.saved("1 réponse gardée sur ce poste")
    let_in(candidate, "second")
    candidate.page.context.set_offline(False)
    expect(candidate.page.get_by_role("heading", name="Votre test continue sur un autre appareil")).to_be_visible()
    assert candidate.answered == []
    other = candidate.opens("second")
    candidate.fill_in(other, right=False)
    candidate.validate(other)
    candidate.goes_on(item, other)
    # Let in again, the first one drops what is no longer asked, without an error.
    let_in(candidate, "first")
    candidate.page.goto("/candidat/test")
    expect(candidate.page.locator(f"#reply[data-item='{candidate.stored_item()}']")).to_be_visible()
    candidate.nothing_waits()
    assert len(candidate.answered) == 1
    expect(candidate.page.get_by_role("alert")).to_have_count(0)


def test_a_reply_to_an_item_that_is_gone_leads_on_without_an_error(candidate: Candidate):
    """Answered in another tab while this one was offline."""
    first = candidate.page
    item = candidate.fill_in()
    with candidate.ground.network.fault(lambda r: r.path == ANSWER and network.portal(r)):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        [waiting] = candidate.in_browser("outbox")
        token = first.locator("meta[name=csrf-token]").get_attribute("content")
    reply = first.request.post(
        f"http://127.0.0.1:{candidate.ground.server.port}{ANSWER}",
        form={
            "item": item.id,
            "action": "passer",
            "answer_id": "0" * 32,
            "page": first.locator("input[name=page]").get_attribute("value") or "",
        },
        headers={"X-CSRFToken": token or "", "Accept": "application/json"},
    )
    assert reply.status in (200, 409)
    assert waiting["item"] == item.id
    candidate.goes_on(item)
    expect(first.get_by_role("alert")).to_have_count(0)
    candidate.nothing_waits()


def test_a_pause_keeps_the_reply_until_the_test_goes_on(candidate: Candidate):
    ground = candidate.ground
    item = candidate.fill_in()
    candidate.page.context.set_offline(True)
    candidate.validate()
    candidate.saved("1 réponse gardée sur ce poste")
    known = (candidate.house, ground.proctor, candidate.sitting)
    supervision.pause(*known, "Coupure", ground.server.now())
    candidate.page.context.set_offline(False)
    expect(candidate.page.get_by_role("heading", name="Votre test est en pause")).to_be_visible()
    expect(candidate.page.get_by_text("Une réponse est gardée sur ce poste")).to_be_visible()
    assert candidate.answered == []
    supervision.resume(*known, ground.server.now())
    candidate.page.evaluate("dispatchEvent(new Event('online'))")
    candidate.goes_on(item)


def test_text_that_is_being_typed_is_the_same_after_a_crash_of_the_page(candidate: Candidate):
    page = candidate.page
    while candidate.item.kind not in (Kind.SHORT_TEXT, Kind.NUMBER, Kind.FILE_TASK):
        item = candidate.item
        page.get_by_role("button", name="Je passe").click()
        candidate.goes_on(item)
    page.get_by_label("Votre réponse").press_sequentially("une idée")
    page.wait_for_timeout(500)  # what the disk needs; the server's own draft follows within two seconds
    context = page.context
    page.close(run_before_unload=False)
    again = candidate.tab(context)
    expect(again.get_by_label("Votre réponse")).to_have_value("une idée")


def test_a_page_that_is_older_than_its_cookie_sends_after_one_reload(candidate: Candidate):
    """Somebody identified again in another tab: the token of this page is no longer good."""
    item = candidate.fill_in()
    stale = candidate.page
    app = candidate.ground.app
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    fresh = serializer.dumps({"sitting": candidate.sitting, "device": "first", "_permanent": True})
    stale.context.add_cookies([{"name": "palier", "value": fresh, "url": candidate.ground.url}])
    candidate.validate()
    candidate.goes_on(item)


def test_a_reload_in_a_cut_shows_a_page_that_waits_and_goes_on_by_itself(candidate: Candidate):
    page = candidate.page
    page.evaluate("navigator.serviceWorker.ready")
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.nothing_gets_through):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        page.reload()
        expect(page.get_by_role("heading", name="Hors connexion")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Atkinson')
        assert candidate.answered == []
    candidate.goes_on(item, timeout=20_000)


def test_a_reply_that_waits_is_sent_from_the_page_that_asks_whether_to_end(candidate: Candidate):
    page = candidate.page
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.portal):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        page.get_by_role("link", name="Terminer le test").click()
        expect(page.get_by_text("Une réponse est gardée sur ce poste")).to_be_visible()
        assert candidate.answered == []
    expect(page.locator("#kept")).to_be_empty()
    assert [a.item for a in candidate.answered] == [item.id]
    page.get_by_role("link", name="Continuer le test").click()
    candidate.goes_on(item)


def test_a_reply_that_waits_when_the_test_is_closed_is_sent_from_the_page_of_the_end(candidate: Candidate):
    page = candidate.page
    item = candidate.fill_in()
    with candidate.ground.network.fault(network.portal):
        candidate.validate()
        candidate.saved("1 réponse gardée sur ce poste")
        known = (candidate.house, candidate.ground.proctor, candidate.sitting)
        supervision.terminate(*known, "Incendie", True, candidate.ground.server.now())
        page.goto("/candidat/test")
        expect(page.get_by_role("heading", name="Votre test a été arrêté")).to_be_visible()
        expect(page.get_by_text("Une réponse est gardée sur ce poste")).to_be_visible()
    expect(page.locator("#kept")).to_be_empty()
    assert [(q.item, q.draft) for q in candidate.quarantined] == [(item.id, False)]
    assert candidate.in_browser("drafts") == []


LEFT_BEHIND = """async (entries) => {
  const base = await new Promise((resolve) => {
    const asked = indexedDB.open("palier", 1);
    asked.onsuccess = () => resolve(asked.result);
  });
  const store = base.transaction("drafts", "readwrite").objectStore("drafts");
  for (const [sitting, age] of entries) store.put({ sitting, kept_at: Date.now() - age, fields: [["reply", "x"]] });
  const keys = await new Promise((resolve) => {
    const asked = store.getAllKeys();
    asked.onsuccess = () => resolve(asked.result);
  });
  base.close();
  return keys;
}"""


def test_a_day_later_a_shared_machine_has_forgotten_what_somebody_else_typed(candidate: Candidate):
    candidate.fill_in()
    filled = candidate.fields()
    candidate.saved("Brouillon enregistré")
    hour = 3_600_000
    left = candidate.page.evaluate(LEFT_BEHIND, [["yesterday", 25 * hour], ["this-morning", 3 * hour]])
    assert {"yesterday", "this-morning", candidate.sitting} == set(left)
    candidate.page.reload()
    candidate.has(filled)
    candidate.page.wait_for_timeout(4_000)
    # Who sat here this morning may still come back to send it.
    assert set(candidate.page.evaluate(LEFT_BEHIND, [])) == {"this-morning", candidate.sitting}
