"""The estimates that every textbook prints, from the data that every textbook prints."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.calibration.calibrate import calibrate
from engine.calibration.file import Model
from engine.calibration.responses import Responses
from engine.calibration.wish import Wish

TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("lsat.toml").read_text(encoding="utf-8"))


def lsat(section: int) -> Responses:
    """Everybody's answers, from the counts of patterns."""
    counts = TABLE[f"section{section}"]["counts"]
    patterns = [f"{k:05b}" for k, n in enumerate(counts) for _ in range(n)]
    return Responses.of((f"p{j}", f"item {i + 1}", int(x)) for j, row in enumerate(patterns) for i, x in enumerate(row))


@pytest.mark.parametrize("section", [6, 7])
def test_a_thousand_people_answered_and_each_item_has_its_published_score(section: int) -> None:
    answers = lsat(section)
    assert len(answers.persons) == 1000
    assert answers.right.tolist() == TABLE[f"section{section}"]["right"]


@pytest.mark.parametrize(
    "row", TABLE["published"], ids=lambda r: f"{r['source']}, section {r['section']}, {r['model']}"
)
def test_estimates_are_the_published_ones(row: dict[str, Any]) -> None:
    found = calibrate(lsat(row["section"]), Wish(Model(row["model"]), tolerance=1e-6)).calibration
    assert found.converged
    assert found.log_likelihood == pytest.approx(row["log_likelihood"], abs=6e-4)
    a, b = np.array([i.a for i in found.items]), np.array([i.b for i in found.items])
    np.testing.assert_allclose(a, row["a"], atol=row["precision"])
    if "b" in row:
        np.testing.assert_allclose(b, row["b"], atol=row["precision"])
    else:
        np.testing.assert_allclose(-a * b, row["d"], atol=row["precision"])


@pytest.mark.parametrize(
    "row", [r for r in TABLE["published"] if "se_a" in r], ids=lambda r: f"{r['source']}, {r['model']}"
)
def test_standard_errors_are_the_published_ones(row: dict[str, Any]) -> None:
    found = calibrate(lsat(row["section"]), Wish(Model(row["model"]), tolerance=1e-6)).calibration
    np.testing.assert_allclose(
        np.array([i.se_a for i in found.items], dtype=float), row["se_a"], atol=row["precision_se"]
    )
    np.testing.assert_allclose(
        np.array([i.se_b for i in found.items], dtype=float), row["se_b"], atol=row["precision_se"]
    )
