"""The report of a simulation study: one page in French that needs no other file, for a jury and its president."""

from typing import Any

from web.commands.calibration_report import whole
from web.commands.report_pages import report_templates
from web.commands.study_plots import calibrations, comparisons, exposures, information, margins
from web.french import FRAMEWORKS, PROVENANCES, RULES, TRACKS, decimal
from web.french import LEVELS as LEVEL_NAMES
from web.typography import NBSP, spaced

LEVELS = ("none", "confirme", "avance", "expert")
NAMES = {"none": "Aucun niveau"} | {level: LEVEL_NAMES[level] for level in LEVELS[1:]}
SELECTORS = {
    "steer": "Pilotage par le score",
    "maximum_information": "Information maximale",
    "stratified": "Tirage stratifié",
    "forms": "Formulaires parallèles",
}
CHOICES = {
    "steer": "chaque question est choisie pour que le score observé s'approche de celui que donnerait toute la banque",
    "maximum_information": "chaque question est celle qui renseigne le plus sur l'aptitude, sans viser de score",
    "stratified": "les questions sont tirées au hasard dans chaque compétence, sans regarder les réponses",
    "forms": "chacun reçoit l'un de quelques formulaires composés d'avance, de difficulté égale",
}
HOW = {
    "R1": "les pourcentages de bonnes réponses atteignent tous les seuils",
    "R2": "les seuils sont atteints et le niveau est assez probable",
    "R3": "la probabilité d'avoir au moins ce niveau est assez grande",
    "R4": "les totaux sont atteints et chaque minimum de domaine l'est assez probablement",
}
CERTAIN = 1.96


def page(report: dict[str, Any]) -> str:
    """The whole page; the same report always gives the same page."""
    environment = report_templates()
    environment.filters |= {
        "share": share,
        "points": points,
        "margin": margin,
        "fr": number,
        "whole": whole,
        "spaced": spaced,
    }
    runs = report["runs"] if report["candidates"] else []
    return environment.get_template("study/simulation.html").render(
        r=report,
        runs=[_run(run) for run in runs],
        paired=[_pair(pair) for pair in report["paired"]] if runs else [],
        track=TRACKS.get(report["track"], report["track"]),
        provenance=PROVENANCES.get(report["release"]["provenance"], report["release"]["provenance"]),
        frameworks=FRAMEWORKS,
        levels=[NAMES[level] for level in LEVELS],
        rule_names=RULES,
        how=HOW,
        comparisons=comparisons(_named(runs)) if len(runs) > 1 else [],
        margins=margins(_named(runs)),
        calibrations=calibrations(_named(runs), NAMES),
        exposures=exposures(_named(runs), FRAMEWORKS),
        information=information(_named(runs), FRAMEWORKS),
    )


def share(value: float | None, places: int = 1) -> str:
    """A fraction as a percentage, or a dash.

    >>> share(0.7814), share(None)
    ('78,1\\xa0%', '–')
    """
    return "–" if value is None else f"{decimal(100 * value, places)}{NBSP}%"


def points(value: float | None, places: int = 1) -> str:
    """A difference of two shares, in percentage points, with its sign.

    >>> points(0.094), points(-0.004), points(-0.0001), points(None)
    ('+9,4\\xa0points', '−0,4\\xa0point', '0,0\\xa0point', '–')
    """
    if value is None:
        return "–"
    text = decimal(abs(100 * value), places)
    sign = "" if not text.strip("0,") else "−" if value < 0 else "+"
    return f"{sign}{text}{NBSP}point{'s' if abs(value) >= 0.02 else ''}"


def margin(error: float | None, places: int = 1) -> str:
    """How far a share may be off by chance, 95 times in 100: 1.96 standard errors, in percentage points.

    >>> margin(0.01), margin(None)
    ('±\\xa02,0', '')
    """
    return "" if error is None else f"±{NBSP}{decimal(100 * CERTAIN * error, places)}"


def number(value: float | None, places: int = 2) -> str:
    """A figure with a decimal comma, or a dash.

    >>> number(0.5), number(None)
    ('0,50', '–')
    """
    return "–" if value is None else decimal(value, places)


def _named(runs: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(SELECTORS.get(run["selector"], run["selector"]), run) for run in runs]


def _run(run: dict[str, Any]) -> dict[str, Any]:
    """A run with what the page says of it."""
    deciding = run["rules"][run["decides"]]
    return run | {
        "name": SELECTORS.get(run["selector"], run["selector"]),
        "choice": CHOICES.get(run["selector"], ""),
        "deciding": deciding,
        "cells": _cells(deciding["table"]),
        "unlevelled": sum(deciding["table"][0]) / max(1, sum(map(sum, deciding["table"]))),
        "per_level": [row | {"name": NAMES[row["level"]]} for row in run["per_level"]],
    }


def _cells(table: list[list[int]]) -> list[dict[str, Any]]:
    """The table of true and awarded levels, with the share of each row and how dark to paint it, from 0 to 5."""
    rows = []
    for k, counts in enumerate(table):
        total = sum(counts)
        cells = [
            {
                "n": n,
                "share": n / total if total else None,
                "shade": min(5, int(6 * n / total)) if total else 0,
                "side": "right" if j == k else "over" if j > k else "under",
            }
            for j, n in enumerate(counts)
        ]
        rows.append({"name": NAMES[LEVELS[k]], "total": total, "cells": cells})
    return rows


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    """A comparison of two runs, with the verdict on each difference in words."""
    return pair | {
        "one": SELECTORS.get(pair["one"], pair["one"]),
        "other": SELECTORS.get(pair["other"], pair["other"]),
        "accuracy_told": _told(pair["accuracy"], pair["accuracy_se"]),
        "over_told": _told(pair["over"], pair["over_se"]),
    }


def _told(difference: float | None, error: float | None) -> str:
    if difference is None or error is None:
        return "non mesuré"
    if abs(difference) <= CERTAIN * error:
        return "le hasard suffit à l'expliquer"
    return "le hasard seul ne l'explique pas"
