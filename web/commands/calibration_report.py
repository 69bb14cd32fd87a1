"""The report of a calibration: one page in French that needs no other file, and the same facts as JSON."""

import json
import math
from typing import Any

import numpy as np

from engine.calibration.calibrate import Outcome
from engine.calibration.em import Scale
from engine.calibration.file import Calibration, Flag, ItemEstimate, Model
from web.commands.report_pages import report_templates
from web.french import FRAMEWORKS

MODELS = {
    Model.ONE: "un paramètre (1PL), pente commune",
    Model.TWO: "deux paramètres (2PL), une seule aptitude",
    Model.TREE: "deux paramètres (2PL), dix aptitudes en arbre",
    Model.THREE: "trois paramètres (3PL), pseudo-chance fixée",
}
FLAGS = {
    Flag.MISFIT: "Ajustement",
    Flag.FLAT: "Pente à la borne",
    Flag.UNSURE: "Imprécis",
    Flag.DIF: "Écart entre groupes",
    Flag.DRIFT: "Dérive",
}
REASONS = {"all_right": "que des bonnes réponses", "all_wrong": "que des mauvaises réponses"}
BARS = 24


def as_json(outcome: Outcome) -> str:
    """The report as a file for programs."""
    return json.dumps(_facts(outcome), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_page(outcome: Outcome, source: str) -> str:
    """The report as a page; `source` is the name of the file of answers."""
    environment = report_templates()
    environment.filters |= {"fr": french, "whole": whole}
    c = outcome.calibration
    return environment.get_template("study/calibration.html").render(
        c=c,
        facts=_facts(outcome),
        source=source,
        model=MODELS[c.model],
        scale=_scale(c),
        flag_names=FLAGS,
        reasons=REASONS,
        frameworks=FRAMEWORKS,
        flagged=[row for row in c.items if row.flags],
        new=[row for row in c.items if row.promoted is not None],
        rounds=_curve(outcome.objectives),
        bars=_bars(c.items, c.population.mean, math.sqrt(sum(c.population.variances))),
    )


def french(value: float | None, digits: int = 2) -> str:
    """A figure with a decimal comma and a true minus sign, or a dash.

    >>> french(-1.5), french(None)
    ('−1,50', '–')
    """
    if value is None:
        return "–"
    return f"{value:.{digits}f}".replace(".", ",").replace("-", "−")


def whole(value: int) -> str:
    """A count with narrow spaces between thousands.

    >>> whole(96000) == "96\u202f000"
    True
    """
    return f"{value:,}".replace(",", "\u202f")


def _scale(calibration: Calibration) -> str:
    """Who or what holds the scale."""
    if calibration.scale is Scale.CANDIDATES:
        return "les candidats (moyenne 0, variance 1)"
    return "les items ancrés" if calibration.anchor else "les niveaux annoncés des items"


def _facts(outcome: Outcome) -> dict[str, Any]:
    """Everything found, as plain values."""
    c, found = outcome.calibration, outcome.evidence
    drift = []
    for i, row in enumerate(c.items):
        moved = found.moved.get(row.item)
        if moved:
            flagged = Flag.DRIFT in row.flags
            drift.append({"item": row.item, "change": round(moved[0], 4), "z": round(moved[1], 3), "flagged": flagged})
        elif row.anchor and found.cusum is not None:
            drift.append(
                {
                    "item": row.item,
                    "easier": round(float(found.cusum.easier[i]), 3),
                    "harder": round(float(found.cusum.harder[i]), 3),
                    "limit": round(float(found.cusum.limit[i]), 3),
                    "flagged": bool(found.cusum.flagged[i]),
                }
            )
    return {
        "calibration": c.model_dump(mode="json"),
        "objective_by_round": [round(v, 6) for v in outcome.objectives],
        "dif": {
            column: [
                {
                    "item": c.items[d.item].item,
                    "group": d.group,
                    "shift": round(d.shift, 4),
                    "p_value": round(d.p_value, 6),
                    "flagged": d.flagged,
                    "large": d.large,
                }
                for d in rows
            ]
            for column, rows in found.differences.items()
        },
        "drift": drift,
        "coverage": [
            {
                "framework": row.framework,
                "items": row.items,
                "some_data": row.some_data,
                "enough": row.enough,
                "median_se_b": row.median_se_b,
                "heldout_error": row.heldout_error,
                "stage_before": row.before.value,
                "stage_after": row.after.value,
            }
            for row in outcome.coverage
        ],
    }


def _curve(objectives: tuple[float, ...]) -> list[dict[str, float]]:
    """Distance to the best round on a scale of powers of ten, with where to draw it: x and y between 0 and 1."""
    best = max(objectives)
    gaps = [math.log10(max(best - v, 1e-6)) for v in objectives]
    low, high = min(gaps), max(max(gaps), min(gaps) + 1)
    last = max(1, len(gaps) - 1)
    return [
        {"round": n + 1, "objective": v, "x": n / last, "y": (gap - low) / (high - low)}
        for n, (v, gap) in enumerate(zip(objectives, gaps, strict=True))
    ]


def _bars(items: tuple[ItemEstimate, ...], mean: float, sd: float) -> list[dict[str, float]]:
    """Items by difficulty and the share of candidates there, from −4 to 4; what lies outside is in the end bars."""
    edges = np.linspace(-4, 4, BARS + 1)
    counts = np.histogram(np.clip([row.b for row in items], -3.999, 3.999), edges)[0]
    height = [0.5 * (1 + math.erf((e - mean) / sd / math.sqrt(2))) for e in edges.tolist()]
    height[0], height[-1] = 0.0, 1.0
    shares = np.diff(height)
    return [
        {
            "low": float(edges[k]),
            "high": float(edges[k + 1]),
            "items": int(counts[k]),
            "share": float(shares[k]),
            "item_height": float(counts[k] / max(1, counts.max())),
            "share_height": float(shares[k] / shares.max()),
        }
        for k in range(BARS)
    ]
