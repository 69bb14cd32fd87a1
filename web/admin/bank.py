"""The item bank on one screen: what is in it, and what waits in it."""

from dataclasses import dataclass
from itertools import groupby

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from engine.items.check import tags_of
from engine.items.frameworks import Framework, Level, Track
from engine.items.item import Kind, Status
from web import french
from web.access import Permission, house, needs
from web.admin.views import blueprint
from web.services import bank_desk
from web.services.bank_desk import Desk, Line
from web.services.shelf import folded

PAGE = 50
FOLLOW_UP = {
    "remarques": "Remarques ouvertes",
    "decisions": "Décision en attente",
    "relecture": "À relire avant validation",
    "probleme": "Fichier à corriger",
}
"""What somebody may want to go after."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which items somebody wants to see, as the address says it; what is not understood is left out."""

    competence: str
    level: str
    kind: str
    status: str
    track: str
    follow_up: str
    text: str
    page: int

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> "Wish":
        """From the address."""
        page = args.get("page", "1")
        return cls(
            args.get("competence", ""),
            args.get("niveau", ""),
            args.get("reponse", ""),
            args.get("statut", ""),
            args.get("degre", ""),
            args.get("suivi", ""),
            args.get("texte", "").strip()[:100],
            int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    @property
    def address(self) -> dict[str, str]:
        """The parameters of this wish, without the page."""
        told = {
            "competence": self.competence,
            "niveau": self.level,
            "reponse": self.kind,
            "statut": self.status,
            "degre": self.track,
            "suivi": self.follow_up,
            "texte": self.text,
        }
        return {name: value for name, value in told.items() if value}

    def wants(self, line: Line, desk: Desk) -> bool:
        """Whether an item is among them."""
        item = line.item
        return (
            self.competence in ("", item.framework.value, f"{item.framework.value}-{item.competence}")
            and self.level in ("", level_key(item.tag))
            and self.kind in ("", item.kind.value)
            and self.status in ("", item.status.value)
            and (not self.track or self.track in {t.value for t in item.tracks})
            and all(word in desk.shelved.texts[item.id] for word in folded(self.text).split())
            and self._follows(line, desk)
        )

    def _follows(self, line: Line, desk: Desk) -> bool:
        match self.follow_up:
            case "remarques":
                return line.open_comments > 0
            case "decisions":
                return line.waiting is not None
            case "relecture":
                return not line.is_read and line.item.status in (Status.DRAFT, Status.PRETEST)
            case "probleme":
                return line.item.id in desk.shelved.problems_of
            case _:
                return True


def level_key(tag: Level | int) -> str:
    """What the address calls a level."""
    return tag.slug if isinstance(tag, Level) else str(tag)


def level_name(framework: Framework, tag: int) -> str:
    """What people call a level."""
    return french.LEVELS[Level(tag).slug] if framework is Framework.CRCN_EDU else f"Niveau {tag}"


@blueprint.get("/epreuves")
@needs(Permission.ADMINISTER)
def bank() -> str:
    """The list of items, without their questions and keys."""
    desk, wish = bank_desk.desk(house()), Wish.of(request.args)
    found = [line for line in desk.lines if wish.wants(line, desk)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, wish.page), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "admin/bank.html",
        desk=desk,
        wish=wish,
        found=found,
        shown=shown,
        groups=[(key, list(lines)) for key, lines in groupby(shown, lambda x: (x.item.framework, x.item.competence))],
        first=(page - 1) * PAGE + 1,
        page=page,
        pages=pages,
        titles={(c.framework, c.competence.code): c.competence.title for c in desk.shelved.covered},
        statuses={s: sum(line.item.status is s for line in desk.lines) for s in Status},
        waiting=sum(line.waiting is not None for line in desk.lines),
        with_comments=sum(line.open_comments > 0 for line in desk.lines),
        frameworks=Framework,
        levels=[(level_key(Level(t)), french.LEVELS[Level(t).slug]) for t in tags_of(Framework.CRCN_EDU)],
        numbers=tags_of(Framework.CRCN),
        kinds=Kind,
        tracks=Track,
        follow_up=FOLLOW_UP,
        level_name=level_name,
    )
