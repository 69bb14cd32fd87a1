"""The figures of published sessions add up, in the layout of the jury report; what is not published is in none."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import insert, select

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.kernel import SessionId
from engine.proctoring.incident import Category
from engine.proctoring.ruling import Decision
from engine.scoring.result import Cause, Flag
from tests.web.sql import sql
from tests.web.world import World
from web.db.tables import ResultRow
from web.services import enrolment, statistics, statistics_file
from web.services.enrolment import NewSession
from web.services.statistics import LEVELS, NOT_PRESENT, Choice, Ended, Statistics, Table, tables

LAYOUT = ["Initié", "Confirmé", "Avancé", "Expert", "TOTAL"]


@pytest.fixture
def published(world: World) -> World:
    """Camille answered everything right; the others never came. It is published."""

    def reach() -> None:
        world.start(world.camille)
        world.answer_all(world.camille)
        world.close_day()
        world.publish()

    world.at("published", reach)
    return world


def found(world: World, choice: Choice | None = None, login: str = "jury") -> Statistics:
    return statistics.statistics(world.house, world.person(login), choice or Choice())


def test_the_tables_have_the_rows_and_columns_of_the_report(published: World):
    for name in ("inscrits", "presents", "obtenus"):
        table = found(published).table(name)
        assert table.corner == "Statut"
        assert list(table.columns[:5]) == LAYOUT
        assert [label for label, _ in table.rows] == ["Premier degré", "Second degré", "TOTAL"]


def test_one_session_is_counted_as_it_went(published: World):
    tell = found(published)
    assert tell.table("inscrits").row("TOTAL")[-1] == 3
    assert tell.table("presents").row("TOTAL") == (0, 0, 1, 0, 1)
    assert tell.table("obtenus").row("Second degré") == (0, 0, 0, 1, 1, 1.0)
    summary = tell.table("synthese")
    assert summary.row("Absents")[-1] == 2
    assert summary.row("Niveau visé atteint")[-1] == 1
    assert tell.is_small


def test_nothing_is_counted_before_publication(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    world.close_day()
    assert not found(world).published
    page = world.staff("jury").get("/jury/statistiques")
    assert "Aucune session n'est publiée" in page.text
    assert "Expert" not in page.text


def test_a_session_of_the_own_centre_is_in_no_figure(published: World):
    tell = found(published, login="recusee")
    assert (tell.counted, tell.hidden) == ((), 1)
    page = published.staff("recusee").get("/jury/statistiques")
    assert "1 session de votre centre n'est pas montrée" in page.text
    assert "Expert" not in page.text
    for name in ("statistiques.csv", "statistiques.xlsx"):
        assert published.session.encode() not in published.staff("recusee").get(f"/jury/{name}").body


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("", 1),
        ("?du=2026-11-23&au=2026-11-23", 1),
        ("?du=2026-11-24", 0),
        ("?au=2026-11-22", 0),
        ("?du=nonsense", 1),
        ("?session=nothing", 0),
    ],
)
def test_sessions_are_chosen_by_day_or_one_by_one(published: World, query: str, counted: int):
    page = published.staff("jury").get(f"/jury/statistiques{query}")
    assert f"{counted} session sur 1 publiée." in page.text
    assert ("Niveau visé et niveau obtenu, ensemble" in page.text) == bool(counted)


def test_an_amended_result_is_counted_once_and_as_amended(published: World):
    with published.house.db.write() as connection:
        whose = ResultRow.sitting_id == published.camille.sitting
        [row] = connection.execute(select(ResultRow.__table__).where(whose)).mappings()
        amended = {**row["document"], "level": "confirme"}
        connection.execute(insert(ResultRow).values({**row, "version": 2, "document": amended}))
    tell = found(published)
    assert tell.table("obtenus").row("TOTAL") == (0, 1, 0, 0, 1, 1.0)
    assert tell.table("synthese").row("Niveau visé atteint")[-1] == 0
    assert tell.table("inscrits").row("TOTAL")[-1] == 3


def test_the_page_draws_what_the_tables_say(published: World):
    page = published.staff("jury").get("/jury/statistiques")
    [svg] = [e for e in page.root.all("svg") if e.get("aria-labelledby") == "fu-title fu-desc"]
    assert "TOTAL : inscrits 3, présents 1, un niveau obtenu 1, niveau visé atteint 1." in svg.one("desc").text
    bars = [e for e in svg.all("rect") if e.get("class").startswith("level-")]
    assert len(bars) == 12
    assert [float(e["width"]) for e in bars[-4:]] == [720.0, 240.0, 240.0, 240.0]
    assert "inférieurs à cinq" in page.text


def test_the_csv_has_one_line_for_each_figure_and_no_name_twice(published: World):
    answer = published.staff("jury").get("/jury/statistiques.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistiques.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    tell = found(published)
    assert len(rows) == sum(len(t.columns) * len(t.rows) for t in tell.tables)
    named = Counter((r["tableau"], r["ligne"], r["colonne"]) for r in rows)
    assert not [name for name, n in named.items() if n > 1]
    value = {(r["tableau"], r["ligne"], r["colonne"]): (r["valeur"], r["unite"]) for r in rows}
    assert value["obtenus", "TOTAL", "TOTAL, part"] == ("1,0000", "part")
    assert value["synthese", "Niveau visé atteint, part", "TOTAL"] == ("1,0000", "part")
    assert value["inscrits", "TOTAL", "TOTAL"] == ("3", "nombre")


def test_the_workbook_holds_the_same_figures(published: World):
    answer = published.staff("jury").get("/jury/statistiques.xlsx")
    book = load_workbook(io.BytesIO(answer.body))
    tell = found(published)
    assert book.sheetnames == ["Sessions", *(t.name for t in tell.tables)]
    for table in tell.tables:
        lines = list(book[table.name].iter_rows(values_only=True))
        assert lines[0][1:] == table.columns
        for (label, cells), line in zip(table.rows, lines[1:], strict=False):
            assert (line[0], line[1:]) == (label, cells)


@pytest.mark.parametrize("label", ["=1+1", "+cmd", "-2", "@SUM(A1)"])
def test_a_label_that_a_spreadsheet_would_run_is_made_inert(world: World, label: str):
    manager = world.person("centre")
    new = NewSession(label, Mode.ON_SITE, "Salle", world.clock(), (world.person("surveillant").id,))
    session = enrolment.create_session(world.house, manager, new, world.clock())
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET state = 'published' WHERE id = ?", (session,))
    tell = found(world)
    [row] = list(load_workbook(io.BytesIO(statistics_file.as_workbook(tell)))["Sessions"].iter_rows(min_row=2))
    assert (row[0].value, row[0].data_type) == (f"'{label}", "s")


def test_a_period_is_cut_by_the_days_of_paris(published: World):
    day = published.clock().date()
    assert found(published, Choice(day, day)).counted
    assert not found(published, Choice(day + timedelta(days=1), None)).counted
    assert not found(published, Choice(sessions=frozenset({SessionId("other")}))).counted


# Laws over any results

endings = st.one_of(
    st.tuples(st.just("scored"), st.none(), st.sampled_from([*LEVELS, None])),
    st.tuples(st.just("inconclusive"), st.none(), st.none()),
    st.tuples(st.just("cancelled"), st.sampled_from([c.value for c in Cause]), st.none()),
)
people = st.lists(
    st.builds(
        lambda track, target, ending, flags: Ended(
            track.value, target.slug, *ending, tuple(flags) if ending[0] == "scored" else ()
        ),
        st.sampled_from(Track),
        st.sampled_from(Level),
        endings,
        st.sets(st.sampled_from([f.value for f in Flag])),
    ),
    max_size=30,
)


def by_name(everybody: list[Ended]) -> dict[str, Table]:
    return {t.name: t for t in tables(everybody, (), ())}


@given(everybody=people)
def test_totals_are_the_sums_of_their_rows_and_columns(everybody):
    made = by_name(everybody)
    for name in ("inscrits", "presents", "obtenus"):
        rows = [cells for _, cells in made[name].rows]
        assert all(sum(cells[:4]) == cells[4] for cells in rows)
        assert [sum(pair) for pair in zip(rows[0][:5], rows[1][:5], strict=True)] == list(rows[2][:5])
    for name in ("vise-obtenu-first_degree", "vise-obtenu-second_degree", "vise-obtenu"):
        *rows, total = [cells for _, cells in made[name].rows]
        for cells in (*rows, total):
            assert sum(cells[:9]) == cells[9]
        assert [sum(column) for column in zip(*(cells[:11] for cells in rows), strict=True)] == list(total[:11])


@given(everybody=people)
def test_everybody_is_counted_once_and_ends_in_one_way(everybody):
    summary = by_name(everybody)["synthese"]
    for n, _ in enumerate(summary.columns):
        at = {label: summary.row(label)[n] for label, _ in summary.rows if not label.startswith("Part")}
        away = at["Absents"] + at["Non admis à composer"] + at["Inscriptions annulées"]
        assert at["Inscrits"] == at["Présents"] + away
        assert at["Présents"] == sum(
            at[label]
            for label in (
                "Un niveau obtenu",
                "Aucun niveau",
                "Non concluants",
                "Nouvelle session accordée",
                "Passations annulées",
                "Rejets pour fraude",
            )
        )
        assert at["Niveau visé atteint"] <= at["Un niveau obtenu"]
    assert summary.row("Inscrits")[-1] == len(everybody)
    assert summary.row("Présents")[-1] == sum(e.cause not in NOT_PRESENT for e in everybody)


@given(everybody=people)
def test_shares_are_of_those_present_and_of_nobody_there_is_none(everybody):
    for table in by_name(everybody).values():
        for _, cells in table.rows:
            for cell in cells:
                assert cell is None or isinstance(cell, int) or 0 <= cell <= 1
    present = sum(e.was_present for e in everybody)
    share = by_name(everybody)["obtenus"].row("TOTAL")[-1]
    assert (share is None) == (present == 0)


@given(everybody=people)
def test_every_table_has_a_cell_for_each_column(everybody):
    for table in by_name(everybody).values():
        assert all(len(cells) == len(table.columns) for _, cells in table.rows)


def test_incidents_have_a_row_for_each_category_and_a_column_for_each_decision(published: World):
    table = found(published).table("incidents")
    assert len(table.rows) == len(Category) + 1
    assert len(table.columns) == len(Decision) + 2
