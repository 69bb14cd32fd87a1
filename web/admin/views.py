"""The administrator's seat: the releases of the item bank, and how their items do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from engine.adaptive import gates, monitor
from engine.items.frameworks import Framework
from web.access import Permission, house, needs
from web.admin import table
from web.services import monitoring
from web.services.monitoring import Watched

blueprint = Blueprint("admin", __name__, url_prefix="/administration", template_folder="templates")

SORTS: dict[str, tuple[str, Callable[[Watched], float | str]]] = {
    "reponses": ("Réponses", lambda w: w.parameters.responses),
    "a": ("Discrimination", lambda w: w.parameters.a),
    "b": ("Difficulté", lambda w: w.parameters.b),
    "duree": ("Durée", lambda w: w.item.expected_seconds),
    "exposition": ("Exposition", lambda w: w.use.exposure),
    "ecartee": ("Écartée", lambda w: w.use.ineligible),
    "ajustement": ("Ajustement", lambda w: abs(w.parameters.fit or 0.0)),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Which items somebody wants to see, and in which order."""

    competence: str
    only_alarms: bool
    sort: str
    falling: bool

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> "Look":
        """From the address; what is not understood is left out."""
        wish = args.get("tri", "")
        sort = wish.removeprefix("-")
        known = sort if sort in SORTS else ""
        return cls(args.get("competence", ""), args.get("alertes") == "1", known, bool(known) and wish.startswith("-"))

    def wants(self, framework: Framework, watched: Watched) -> bool:
        """Whether an item is looked at."""
        here = self.competence in ("", f"{framework.value}-{watched.item.competence}")
        return here and (bool(watched.alarms) or not self.only_alarms)

    def ordered(self, items: Iterable[Watched]) -> list[Watched]:
        """The items in the order that was asked for."""
        return sorted(items, key=SORTS[self.sort][1], reverse=self.falling) if self.sort else list(items)

    def address(self, sort: str) -> dict[str, str]:
        """The parameters of the same look sorted by a column: falling first, then rising."""
        kept = {"competence": self.competence, "alertes": "1" if self.only_alarms else ""}
        falling = not (self.sort == sort and self.falling)
        return {k: v for k, v in kept.items() if v} | {"tri": f"-{sort}" if falling else sort}


@blueprint.get("")
@needs(Permission.ADMINISTER)
def releases() -> str:
    """The installed releases."""
    return render_template("admin/releases.html", releases=monitoring.releases(house()))


@blueprint.get("/versions/<digest>")
@needs(Permission.ADMINISTER)
def release(digest: str) -> str:
    """One release: what its data permit, and its items."""
    watch, look = monitoring.watch(house(), digest), Look.of(request.args)
    return render_template("admin/release.html", watch=watch, look=look, sorts=SORTS, gates=gates, monitor=monitor)


@blueprint.get("/versions/<digest>.csv")
@needs(Permission.ADMINISTER)
def download(digest: str) -> Response:
    """The items of a release as a file."""
    watch = monitoring.watch(house(), digest)
    headers = {"Content-Disposition": f'attachment; filename="items-{watch.installed.release.name}.csv"'}
    return Response(table.file(watch), content_type="text/csv; charset=utf-8", headers=headers)
