"""The figures of published sessions: a page, a CSV file, a workbook."""

from datetime import date

from flask import Response, make_response, render_template, request

from engine.kernel import SessionId
from web.access import Permission, actor, house, needs
from web.jury.views import blueprint
from web.services import statistics as figures
from web.services import statistics_file
from web.services.statistics import Choice, Statistics


@blueprint.get("/statistiques")
@needs(Permission.ADJUDICATE)
def statistics() -> str:
    """The tables, with the sessions that can be chosen."""
    return render_template("jury/statistics.html", found=_found(), choice=_choice(), asked=request.args)


@blueprint.get("/statistiques.csv")
@needs(Permission.ADJUDICATE)
def statistics_csv() -> Response:
    """The same as one long table."""
    return _file(statistics_file.as_csv(_found()), "statistiques.csv", "text/csv; charset=utf-8")


@blueprint.get("/statistiques.xlsx")
@needs(Permission.ADJUDICATE)
def statistics_xlsx() -> Response:
    """The same as a workbook."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(statistics_file.as_workbook(_found()), "statistiques.xlsx", kind)


def _found() -> Statistics:
    return figures.statistics(house(), actor(), _choice())


def _choice() -> Choice:
    sessions = frozenset(map(SessionId, request.args.getlist("session")))
    return Choice(_day(request.args.get("du", "")), _day(request.args.get("au", "")), sessions)


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _file(body: bytes, name: str, kind: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
