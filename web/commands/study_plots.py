"""The plots of a simulation study, each with the words and the table that say the same."""

from collections.abc import Sequence
from typing import Any

from web.commands.calibration_report import whole
from web.commands.plots import (
    BOTTOM,
    LEFT,
    RIGHT,
    ROW,
    ROWS_LEFT,
    ROWS_TOP,
    TOP,
    Axis,
    Guide,
    Plot,
    across,
    line,
    top_of,
    upward,
    whisker,
)
from web.french import decimal
from web.typography import NBSP

Named = Sequence[tuple[str, dict[str, Any]]]
CERTAIN = 1.96
FEW = 20  # a share of fewer candidates jumps about by chance: it stands in the table alone
FEW_TOLD = f"Les tranches de moins de {FEW} candidats ne sont que dans le tableau."
SHOWN_RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000)


def comparisons(runs: Named) -> list[Plot]:
    """Accuracy and over-positioning of every run under its deciding rule, with intervals."""
    return [
        _comparison(runs, "accuracy", "Niveau attribué = niveau mérité", "la part de candidats au niveau mérité"),
        _comparison(runs, "over", "Sur-positionnement", "la part de candidats placés trop haut"),
        _comparison(runs, "under", "Sous-positionnement", "la part de candidats placés trop bas"),
    ]


def margins(runs: Named) -> list[Plot]:
    """Accuracy and over-positioning by how near to a threshold the candidate truly is."""
    if not any(row["n"] for _, run in runs for row in run["margin"]):
        return []
    return [
        _margin(runs, "accuracy", "Exactitude selon la distance au seuil", 1.0),
        _margin(runs, "over", "Sur-positionnement selon la distance au seuil", 0.1),
    ]


def calibrations(runs: Named, levels: dict[str, str]) -> list[Plot]:
    """Said and observed probabilities of each level, one picture for each run that has them."""
    return [
        _calibration(n, name, run["calibration"], levels)
        for n, (name, run) in enumerate(runs)
        if run["calibration"] is not None
    ]


def exposures(runs: Named, frameworks: dict[str, str]) -> list[Plot]:
    """Share of sittings that got each item, most given first, for each framework."""
    return [
        _exposure(runs, n, key, name)
        for n, (key, name) in enumerate(frameworks.items())
        if any(run["exposure"]["sorted"][key] for _, run in runs)
    ]


def information(runs: Named, frameworks: dict[str, str]) -> list[Plot]:
    """Mean information of the forms that were given, for each framework."""
    return [
        _information(runs, key, name) for key, name in frameworks.items() if any(run["information"] for _, run in runs)
    ]


def _percent(value: float | None, places: int = 1) -> str:
    return "–" if value is None else f"{decimal(100 * value, places)}{NBSP}%"


def _range(row: dict[str, Any]) -> str:
    if row["to"] is None or row["to"] >= 100:
        return f"{_plain(row['from'])} et plus"
    return f"{_plain(row['from'])} à {_plain(row['to'])}"


def _plain(value: float) -> str:
    return decimal(value, 1).removesuffix(",0")


def _comparison(runs: Named, what: str, title: str, told: str) -> Plot:
    found = []
    for name, run in runs:
        rule = run["rules"][run["decides"]]
        found.append((name, rule[what], CERTAIN * rule[f"{what}_se"]))
    x = across(0, top_of([v + half for _, v, half in found], 0.05, 1.0), ROWS_LEFT)
    bottom = ROWS_TOP + ROW * len(found) + 8
    words = " ; ".join(f"{name} {_percent(v)} ± {decimal(100 * half, 1)}" for name, v, half in found)
    return Plot(
        key=f"compare-{what}",
        title=title,
        told=f"Pour chaque mode de choix des questions, {told} et son intervalle à 95 % : {words}.",
        x_label="Part des candidats",
        y_label="",
        x_ticks=x.ticks(percent=True),
        y_ticks=(),
        head=("Mode de choix", "Part", "À 95 % (points)"),
        rows=tuple((name, _percent(v), f"±{NBSP}{decimal(100 * half, 1)}") for name, v, half in found),
        whiskers=tuple(whisker(n, name, x, v, half, _percent(v)) for n, (name, v, half) in enumerate(found)),
        bottom=bottom,
        height=bottom + 54,
        left=ROWS_LEFT,
    )


def _margin(runs: Named, what: str, title: str, at_least: float) -> Plot:
    rows = {name: [row for row in run["margin"] if row["n"] and row[what] is not None] for name, run in runs}
    bins = max((run["margin"] for _, run in runs), key=len)
    # The last bin may have no end: it is drawn as wide as the one before.
    ends = [row["from"] for row in bins]
    width = ends[-1] - ends[-2] if len(ends) > 1 else 5.0
    x = across(0, ends[-1] + width)
    y = upward(top_of([row[what] for found in rows.values() for row in found], at_least, 1.0))
    middle = {row["from"]: (row["from"] + min(row["to"] or x.high, x.high)) / 2 for row in bins}
    body = [
        (_range(b), whole(b["n"]), *(_percent(_in_bin(rows[name], b["from"], what)) for name, _ in runs)) for b in bins
    ]
    told = {
        "accuracy": "Une épreuve courte se trompe surtout tout près d'un seuil : la courbe devrait monter.",
        "over": "Un candidat ne devrait être placé trop haut que tout près d'un seuil : la courbe devrait descendre.",
    }[what]
    return Plot(
        key=f"margin-{what}",
        title=title,
        told=f"{told} En abscisse, la distance entre le pourcentage vrai et le seuil le plus proche, en points. "
        f"{FEW_TOLD}",
        x_label="Distance au seuil le plus proche (points)",
        y_label="Part des candidats",
        x_ticks=x.ticks(),
        y_ticks=y.ticks(percent=True),
        head=("Distance (points)", "Candidats", *(name for name, _ in runs)),
        rows=tuple(body),
        lines=tuple(
            line(n, name, x, y, [(middle[r["from"]], r[what]) for r in rows[name] if r["n"] >= FEW])
            for n, (name, _) in enumerate(runs)
        ),
    )


def _in_bin(rows: list[dict[str, Any]], start: float, what: str) -> float | None:
    return next((row[what] for row in rows if row["from"] == start), None)


def _calibration(n: int, name: str, found: dict[str, Any], levels: dict[str, str]) -> Plot:
    x, y = across(0, 1), upward(1)
    bins = {level: [row for row in rows if row["n"]] for level, rows in found["bins"].items()}
    return Plot(
        key=f"calibration-{n}",
        title=name,
        told="Chaque point réunit les candidats à qui l'on a annoncé à peu près la même probabilité d'avoir au moins "
        "ce niveau ; sa hauteur est la part d'entre eux qui l'a vraiment. Sur la diagonale, les deux sont égales. "
        f"{FEW_TOLD}",
        x_label="Probabilité annoncée",
        y_label="Part observée",
        x_ticks=x.ticks(percent=True),
        y_ticks=y.ticks(percent=True),
        head=("Niveau", "Tranche", "Candidats", "Annoncé", "Observé"),
        rows=tuple(
            (
                f"{levels[level]} au moins",
                f"{decimal(100 * row['from'], 0)} à {decimal(100 * row['to'], 0)}{NBSP}%",
                whole(row["n"]),
                _percent(row["predicted"]),
                _percent(row["observed"]),
            )
            for level, rows in bins.items()
            for row in rows
        ),
        lines=tuple(
            line(k, f"{levels[level]} au moins", x, y, [(r["predicted"], r["observed"]) for r in rows if r["n"] >= FEW])
            for k, (level, rows) in enumerate(bins.items())
        ),
        guides=(Guide("Annoncé = observé", LEFT, BOTTOM, RIGHT, TOP),),
    )


def _exposure(runs: Named, n: int, key: str, name: str) -> Plot:
    curves = [(told, run["exposure"]["sorted"][key]) for told, run in runs]
    ceilings = sorted({run["exposure"]["ceilings"][n] for _, run in runs if run["exposure"]["ceilings"][n] is not None})
    longest = max(len(curve) for _, curve in curves)
    x = across(1, longest)
    y = upward(top_of([*(v for _, curve in curves for v in curve), *(1.04 * c for c in ceilings)], 0.05, 1.0))
    ranks = [rank for rank in SHOWN_RANKS if rank < longest] + [longest]
    return Plot(
        key=f"exposure-{key}",
        title=f"Exposition des questions {name}",
        told="Les questions sont rangées de la plus donnée à la moins donnée ; la hauteur est la part des passations "
        "où la question apparaît. Le trait horizontal est le plafond.",
        x_label="Rang de la question",
        y_label="Part des passations",
        x_ticks=x.ticks(),
        y_ticks=y.ticks(percent=True),
        head=("Rang", *(told for told, _ in curves)),
        rows=tuple(
            (str(rank), *(_percent(curve[rank - 1] if rank <= len(curve) else None) for _, curve in curves))
            for rank in ranks
        ),
        lines=tuple(
            line(k, told, x, y, [(rank + 1, v) for rank, v in enumerate(curve)])
            for k, (told, curve) in enumerate(curves)
        ),
        guides=tuple(Guide(f"Plafond {_percent(c, 0)}", LEFT, y.at(c), RIGHT, y.at(c)) for c in ceilings),
        marked=False,
    )


def _information(runs: Named, key: str, name: str) -> Plot:
    curves = [(told, [(row["theta"], row[key]) for row in run["information"]]) for told, run in runs]
    thetas = sorted({theta for _, curve in curves for theta, _ in curve})
    x: Axis = across(thetas[0], thetas[-1])
    y = upward(top_of([v for _, curve in curves for _, v in curve], 0.5))
    return Plot(
        key=f"information-{key}",
        title=f"Information du test {name}",
        told="La courbe dit à quelles aptitudes le test mesure finement : plus elle est haute, plus l'aptitude est "
        "connue avec précision. C'est la moyenne des formulaires donnés.",
        x_label="Aptitude (logits)",
        y_label="Information",
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        head=("Aptitude", *(told for told, _ in curves)),
        rows=tuple((decimal(theta, 1), *(_figure(dict(curve).get(theta)) for _, curve in curves)) for theta in thetas),
        lines=tuple(line(k, told, x, y, curve) for k, (told, curve) in enumerate(curves)),
        marked=False,
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else decimal(value, 2)
