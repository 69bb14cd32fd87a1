"""Whoever is shown a name is written down."""

from flask import Flask

from tests.house.test_routes import OPEN, permission, routes
from tests.web.world import World
from web.db import access_log
from web.privacy_words import SHOWN
from web.viewed import RECORDED, UNRECORDED, Shown


def test_every_route_of_staff_is_written_down_or_says_why_not(app: Flask):
    staff = {rule.endpoint for rule in routes(app) if permission(app, rule) not in OPEN}
    assert len(staff) > 80
    mute = staff - set(RECORDED) - set(UNRECORDED)
    assert not mute, (
        f"add to web.viewed.RECORDED what they show, or to UNRECORDED why they are left out: {sorted(mute)}"
    )
    assert not set(RECORDED) & set(UNRECORDED)
    assert not (set(RECORDED) | set(UNRECORDED)) - staff, "no such route any more"


def test_everything_that_is_shown_has_a_french_name():
    assert set(SHOWN) == set(Shown)


def test_a_route_that_shows_a_name_is_not_among_those_that_show_nobody(app: Flask, world: World):
    """Each page is asked for with real ids: what holds a name is written down, once, with its reader."""
    world.start(world.camille)
    incident = world.flag(world.camille)
    known = {"session_id": world.session, "sitting_id": world.camille.sitting, "incident_id": incident}
    known["item_id"] = "crcn-1.1-01"
    looked = named = 0
    for login in ("centre", "surveillant", "jury", "admin"):
        browser = world.staff(login)
        for rule in routes(app):
            if permission(app, rule) in OPEN or "GET" not in (rule.methods or ()) or not rule.arguments <= set(known):
                continue
            address = app.url_map.bind("localhost").build(rule.endpoint, {a: known[a] for a in rule.arguments})
            before = _written(world)
            page = browser.get(address, expect=0)
            more = _written(world)[len(before) :]
            looked += page.status == 200
            if page.status != 200 or rule.endpoint in UNRECORDED:
                assert not more, f"{rule.endpoint} is written down although it answered {page.status} or is exempted"
            else:
                assert [(m.account, m.what) for m in more] == [(world.person(login).id, RECORDED[rule.endpoint])]
                assert more[0].subject_id in (*known.values(), "")
            if "MOREAU" in page.text.upper() and page.status == 200:
                named += 1
                renews = rule.endpoint in UNRECORDED and UNRECORDED[rule.endpoint].startswith("it renews")
                assert rule.endpoint in RECORDED or renews, f"{rule.endpoint} shows a name: write it down"
    assert looked > 40
    assert named > 20


def test_a_console_is_written_down_when_it_is_opened_and_not_each_second(world: World):
    proctor = world.staff("surveillant")
    proctor.get(f"/surveillance/{world.session}")
    assert [a.what for a in _written(world)] == [Shown.CONSOLE]
    for _ in range(5):
        world.clock.forward(seconds=1)
        proctor.get(f"/surveillance/{world.session}/etat")
        proctor.get(f"/surveillance/{world.session}/evenements")
    assert len(_written(world)) == 1


def test_the_page_of_the_administrator_tells_who_saw_what_without_the_names_of_candidates(world: World):
    admin = world.staff("admin")
    assert "Aucun accès à montrer" in admin.get("/administration/acces").text
    world.staff("surveillant").get(f"/surveillance/candidats/{world.camille.sitting}")
    world.staff("jury").get("/jury/incidents")
    page = admin.get("/administration/acces")
    for told in ("Paul Keller", "Page d'un candidat", "File des incidents", "plusieurs", world.camille.sitting[:8]):
        assert told in page.text
    assert "Moreau" not in page.text


def test_the_page_of_the_administrator_has_pages(world: World):
    proctor, admin = world.staff("surveillant"), world.staff("admin")
    for _ in range(102):
        world.clock.forward(seconds=1)
        proctor.get(f"/surveillance/{world.session}/message")
    page = admin.get("/administration/acces")
    [older] = [a for a in page.links() if "avant=" in a]
    assert len(list(admin.get(older).root.one("tbody").all("tr"))) == 2
    assert (
        "Aucun accès à montrer avant cette date" in admin.get("/administration/acces?avant=2020-01-01T00:00:00Z").text
    )
    assert admin.get("/administration/acces?avant=hier").status == 200


def _written(world: World) -> list[access_log.Access]:
    with world.house.db.read() as connection:
        return access_log.newest(connection)[::-1]
