"""The page of a simulation study says what the report holds, to everybody, and needs no other file."""

import copy
import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.house.dom import read
from tests.house.pages import faults
from web.commands.study_report import page

LEVELS = ("confirme", "avance", "expert")


def rule(shift: float, n: int) -> dict[str, Any]:
    """A rule that is right 76 times in 100, more or less, with a table that adds up to `n`."""
    right, over = 0.76 + shift, 0.052 + shift / 4
    table = [[0] * 4 for _ in range(4)]
    for k, size in enumerate((n * 4 // 10, n * 3 // 10, n * 2 // 10, n - n * 9 // 10)):
        up, down = (int(size * over), int(size * (1 - right - over))) if 0 < k < 3 else (0, 0)
        up, down = (int(size * over), 0) if k == 0 else (up, down) if k < 3 else (0, int(size * (1 - right)))
        table[k][k] = size - up - down
        if up:
            table[k][k + 1] = up
        if down:
            table[k][k - 1] = down
    return {
        "accuracy": right,
        "accuracy_se": math.sqrt(right * (1 - right) / n),
        "over": over,
        "over_se": math.sqrt(over * (1 - over) / n),
        "under": 1 - right - over,
        "under_se": math.sqrt((1 - right - over) * (right + over) / n),
        "kappa": right - 0.1,
        "awards_above": over * 1.6,
        "inconclusive": 0.004,
        "table": table,
    }


def run(selector: str, shift: float, n: int, posterior: bool = True) -> dict[str, Any]:
    """One run whose curves have the form that such studies give."""
    steep = {"steer": 1.2, "stratified": 0.3, "maximum_information": 2.5}[selector]
    margins = [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (10, 15), (15, 100)]
    rules = {"R1": rule(shift, n)}
    if posterior:
        rules |= {"R2": rule(shift - 0.02, n), "R3": rule(shift + 0.01, n), "R4": rule(shift - 0.01, n)}
    bins = [
        {
            "from": k / 10,
            "to": (k + 1) / 10,
            "n": n // (3 + k),
            "predicted": k / 10 + 0.05,
            "observed": min(1.0, max(0.0, k / 10 + 0.05 + 0.02 * math.sin(k))),
        }
        for k in range(10)
    ]
    calibration = {"ece": dict.fromkeys(LEVELS, 0.013), "bins": dict.fromkeys(LEVELS, bins)} if posterior else None
    return {
        "selector": selector,
        "decides": "R1",
        "rules": rules,
        "per_level": [
            {"level": level, "n": n // 4, "accuracy": 0.7 + shift, "over": 0.05, "under": 0.25 - shift}
            for level in ("none", *LEVELS)
        ],
        "margin": [
            {
                "from": a,
                "to": b,
                "n": n // 7,
                "accuracy": 1 - 0.5 * math.exp(-a / 5) + shift / 4,
                "over": 0.2 * math.exp(-a / 4),
            }
            for a, b in margins
        ],
        "calibration": calibration,
        "length": {"mean": 63.2, "min": 30, "max": 64},
        "exposure": {
            "ceilings": [0.5, 0.25],
            "largest": [0.49, 0.251],
            "over_ceiling": 1,
            "sorted": {
                "crcn_edu": [0.49 * math.exp(-steep * k / 64) for k in range(160)],
                "crcn": [0.25 * math.exp(-steep * k / 160) for k in range(480)],
            },
            "overlap": 0.17,
        },
        "domain_failures": [
            {"framework": "crcn_edu", "number": k, "title": f"Domaine {k}", "refused": 0.04 / k} for k in range(1, 6)
        ],
        "information": [
            {"theta": t / 4, "crcn_edu": 3 * math.exp(-((t / 8) ** 2)), "crcn": (7 + steep) * math.exp(-((t / 7) ** 2))}
            for t in range(-16, 17)
        ],
        "flags": {"fragile": 0.03, "reexamine": 0.08},
    }


def report(n: int = 2000, posterior: bool = True) -> dict[str, Any]:
    """A whole study of three runs."""
    return {
        "format": "palier-study/1",
        "partial": False,
        "candidates": n,
        "asked": n,
        "seed": 7,
        "track": "second_degree",
        "release": {"name": "demo", "digest": "a" * 64, "provenance": "simulated"},
        "rules": {"name": "2023", "title": "Seuils du jury 2022-2023", "digest": "b" * 64, "decides": "R1"},
        "options": {
            "shift": 0.0,
            "within": 0.8,
            "between": 0.6,
            "guessing_share": 0.0,
            "noise": 0.15,
            "incident_rate": 0.02,
            "incident_items": 2,
            "timeout_rate": 0.01,
            "timeout_items": 6,
        },
        "runs": [
            run("steer", 0.0, n, posterior),
            run("stratified", -0.09, n, posterior),
            run("maximum_information", -0.18, n, posterior),
        ],
        "paired": [
            {"one": "steer", "other": other, "accuracy": gain, "accuracy_se": 0.011, "over": over, "over_se": 0.006}
            for other, gain, over in (("stratified", 0.09, 0.008), ("maximum_information", 0.18, 0.045))
        ],
    }


def partial(done: int) -> dict[str, Any]:
    """A study that was stopped."""
    found = report(max(done, 10))
    return found | {"partial": True, "candidates": done, "asked": 2000}


def without_probabilities() -> dict[str, Any]:
    return report(posterior=False)


def of_one_run() -> dict[str, Any]:
    found = report()
    return found | {"runs": found["runs"][:1], "paired": []}


def calibrated() -> dict[str, Any]:
    found = report()
    found["release"]["provenance"] = "calibrated"
    return found


def stopped_before_the_first() -> dict[str, Any]:
    return partial(0) | {"runs": [], "paired": []}


def of_few() -> dict[str, Any]:
    """Bins and levels in which nobody is."""
    found = report()
    for one in found["runs"]:
        one["rules"]["R1"]["table"][3] = [0, 0, 0, 0]
        one["per_level"][3] |= {"n": 0, "accuracy": None, "over": None, "under": None}
        one["margin"][0] |= {"n": 0, "accuracy": None, "over": None}
        one["calibration"]["bins"]["expert"] = [{"from": 0.0, "to": 0.1, "n": 0, "predicted": None, "observed": None}]
        one["calibration"]["ece"]["expert"] = None
        one["rules"]["R1"]["kappa"] = None
    return found


EVERY = {
    "whole": report,
    "without probabilities": without_probabilities,
    "one run": of_one_run,
    "calibrated": calibrated,
    "nobody yet": stopped_before_the_first,
    "nobody yet, with empty runs": lambda: partial(0),
    "a part": lambda: partial(317),
    "empty bins": of_few,
}


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_report_makes_a_page_that_keeps_to_the_rules_of_pages(made: Callable[[], dict[str, Any]]) -> None:
    html = page(made())
    # A file of its own has its style inside; everything else holds as on any page.
    assert [f for f in faults(read(html)) if not f.startswith("move the inline <style>")] == []
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?:|<script", html)
    assert not re.search(r"\b(nan|inf|None|undefined)\b", html)


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_picture_has_a_name_a_description_and_a_table(made: Callable[[], dict[str, Any]]) -> None:
    for figure in read(page(made())).root.all("figure"):
        (picture,) = [e for e in figure.all("svg") if e.get("role") == "img"]
        assert [e.text for e in picture.all("title")] == [e.text for e in figure.all("h3")]
        assert all(e.text for e in picture.all("desc"))
        assert list(figure.one("details").all("tbody"))


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_nothing_is_drawn_outside_its_picture(made: Callable[[], dict[str, Any]]) -> None:
    for picture in read(page(made())).root.all("svg"):
        width, height = map(float, picture.get("viewbox").split()[2:])
        for e in picture.all("polyline"):
            for pair in e["points"].split():
                x, y = map(float, pair.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height


def test_the_deciding_figures_stand_first_with_their_intervals() -> None:
    figures = [e.text for e in read(page(report())).root.one("ul", **{"class": "figures"}).all("li")]
    assert [re.findall(r"[\d,]+ %|± [\d,]+", f) for f in figures] == [
        ["76,0 %", "± 1,9"],
        ["5,2 %", "± 1,0"],
        ["18,8 %", "± 1,7"],
    ]


def test_how_many_deserve_no_level_is_told_beside_the_accuracy() -> None:
    assert "Ici, 40 % des candidats ne méritent aucun niveau." in read(page(report())).root.text


def test_every_section_is_there() -> None:
    found = {e.text for e in read(page(report())).root.all("h2")}
    assert found == {
        "L'essentiel",
        "Niveau mérité, niveau attribué",
        "Près et loin des seuils",
        "Comparer les modes de choix",
        "Quatre règles côte à côte",
        "Les probabilités annoncées sont-elles justes ?",
        "Des questions trop souvent données ?",
        "Où l'épreuve mesure finement",
        "Domaines qui font refuser un niveau",
        "Longueur et signaux au jury",
        "Options de l'étude",
        "Comment lire ce rapport",
        "Limites",
    }
    pictures = [e["aria-labelledby"].split()[0] for e in read(page(report())).root.all("svg") if e.get("role") == "img"]
    assert pictures == [
        f"{key}-t"
        for key in (
            *("margin-accuracy", "margin-over"),
            *("compare-accuracy", "compare-over", "compare-under"),
            *("calibration-0", "calibration-1", "calibration-2"),
            *("exposure-crcn_edu", "exposure-crcn"),
            *("information-crcn_edu", "information-crcn"),
        )
    ]


def test_without_probabilities_the_page_says_why_there_is_no_curve() -> None:
    html = page(without_probabilities())
    assert 'id="calibration-' not in html
    assert "Pas de courbe pour Pilotage par le score, Tirage stratifié, Information maximale" in read(html).root.text
    assert "R3 Probabilité du niveau (décide)" not in read(html).root.text


def test_a_share_of_few_candidates_is_told_but_not_drawn() -> None:
    found = of_one_run()
    found["runs"][0]["calibration"]["bins"] = {
        level: [
            {"from": 0.1 * k, "to": 0.1 * k + 0.1, "n": n, "predicted": 0.1 * k + 0.05, "observed": 1.0}
            for k, n in enumerate((19, 20, 1, 300))
        ]
        for level in LEVELS
    }
    root = read(page(found)).root
    figure = root.one("title", id="calibration-0-t").above("figure")
    assert figure is not None
    assert [len(e["points"].split()) for e in figure.all("polyline")] == [2, 2, 2]
    assert len(list(figure.one("tbody").all("tr"))) == 12


def test_a_ceiling_that_is_passed_is_told() -> None:
    found = of_one_run()
    assert "Plafond dépassé. Pilotage par le score : 1 question." in read(page(found)).root.text
    found["runs"][0]["exposure"]["over_ceiling"] = 0
    assert "Plafond dépassé" not in page(found)


def test_one_run_is_compared_with_nothing() -> None:
    assert "Comparer les modes de choix" not in page(of_one_run())


def test_an_interrupted_study_says_how_far_it_came() -> None:
    assert "317 candidats sur 2 000 ont passé l'épreuve" in read(page(partial(317))).root.text
    nothing = read(page(stopped_before_the_first())).root
    assert "Aucun candidat, sur 2 000 demandés" in nothing.text
    assert not list(nothing.all("figure"))
    assert "Étude interrompue" not in page(report())


def test_simulated_parameters_are_told_and_only_they() -> None:
    assert "sans valeur officielle" in page(report())
    assert "sans valeur officielle" not in page(calibrated())


def test_a_difference_is_told_with_what_chance_explains() -> None:
    told = [e.text for e in read(page(report())).root.all("li") if "par rapport à" in e.text]
    assert "+9,0 points (± 2,2, le hasard seul ne l'explique pas)" in told[0]
    assert "+0,8 point (± 1,2, le hasard suffit à l'expliquer)" in told[0]


def test_the_level_table_holds_the_counts_with_the_side_of_each_error() -> None:
    found = of_one_run()
    found["runs"][0]["rules"]["R1"]["table"] = [[50, 10, 0, 0], [3, 1500, 0, 7], [0, 0, 0, 0], [1, 0, 0, 4]]
    table = read(page(found)).root.one("table", **{"class": "heat"}).one("tbody")
    assert [[e.text for e in row.all("td")] for row in table.all("tr")] == [
        ["50 ✓ 83 %", "10 ▲ 17 %", "0", "0", "60"],
        ["3 ▼ 0 %", "1 500 ✓ 99 %", "0", "7 ▲ 0 %", "1 510"],
        ["0", "0", "0", "0", "0"],
        ["1 ▼ 20 %", "0", "0", "4 ✓ 80 %", "5"],
    ]


def test_a_hostile_title_is_only_text() -> None:
    found = report()
    evil = "<script>alert(1)</script>\"'<img src=https://elsewhere.example/x>"
    found["rules"]["title"] = evil
    found["release"]["name"] = evil
    for row in found["runs"][0]["domain_failures"]:
        row["title"] = evil
    found["runs"][0]["selector"] = "steer"
    root = read(page(found)).root
    assert not list(root.all("script", "img"))
    assert any(evil in e.text for e in root.all("dd"))


def test_the_same_report_gives_the_same_bytes_and_stays_as_it_was() -> None:
    found = report()
    before = copy.deepcopy(found)
    assert page(found) == page(copy.deepcopy(found))
    assert found == before
