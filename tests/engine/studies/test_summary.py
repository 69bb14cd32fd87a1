"""The figures of a report are what docs/studies.md says."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.studies.study import Found
from engine.studies.summary import agreement, calibration_error, kappa, report
from engine.studies.tally import Calibration, Paired
from engine.studies.trouble import Trouble
from tests.engine.studies.bank import a_study, whole

TABLE = np.array([[50, 4, 1, 0], [5, 20, 3, 0], [0, 2, 10, 1], [0, 0, 1, 3]])


def test_kappa_of_a_table_computed_by_hand():
    # Agreement .83; by chance (55·55 + 28·26 + 13·15 + 4·4) / 10 000 = .3964.
    assert kappa(TABLE) == pytest.approx((0.83 - 0.3964) / (1 - 0.3964), abs=1e-6)
    assert kappa(np.diag([3, 2, 1, 0])) == 1.0
    assert kappa(np.outer([2, 1, 0, 0], [2, 4, 0, 0])) == pytest.approx(0.0, abs=1e-6)
    assert kappa(np.diag([5, 0, 0, 0])) is None
    assert kappa(np.zeros((4, 4), dtype=np.int64)) is None


def test_shares_of_a_table_computed_by_hand():
    found = agreement(TABLE, sittings=125, inconclusive=25)
    wanted = {"accuracy": 0.83, "over": 0.09, "under": 0.08, "awards_above": 9 / 45, "inconclusive": 0.2}
    assert {k: found[k] for k in wanted} == pytest.approx(wanted)
    assert found["accuracy_se"] == pytest.approx((0.83 * 0.17 / 100) ** 0.5, abs=1e-6)
    assert found["over_se"] == pytest.approx((0.09 * 0.91 / 100) ** 0.5, abs=1e-6)


def test_calibration_error_computed_by_hand():
    probability = np.tile(np.array([[0.05], [0.05], [0.95], [0.95]]), 3)
    holds = np.tile(np.array([[False], [True], [True], [True]]), 3)
    holds[:, 2] = [False, False, True, True]
    # Two bins of two: |.1 − 1| and |1.9 − 2| over four sittings, and without the award in the first bin |.1 − 0|.
    assert calibration_error(Calibration.of(probability, holds)) == pytest.approx([0.25, 0.25, 0.05])


def test_certainty_falls_into_the_last_bin():
    sums = Calibration.of(np.array([[1.0, 0.0, 0.5]]), np.array([[True, False, True]]))
    assert sums.n[0, -1] == sums.n[1, 0] == sums.n[2, 5] == 1


def test_a_report_holds_only_plain_numbers():
    study = a_study(70)
    told = report(study, whole(study), "simulated")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["partial"], told["candidates"], told["asked"]) == (False, 70, 70)
    assert [run["selector"] for run in told["runs"]] == ["steer", "stratified"]
    run = told["runs"][0]
    assert set(run["rules"]) == {"R1", "R2", "R3", "R4"}
    assert sum(row["n"] for row in run["per_level"]) == sum(row["n"] for row in run["margin"]) == 70
    assert sum(run["exposure"]["sorted"]["crcn"]) == pytest.approx(run["length"]["mean"] - 16, abs=1e-3)
    for rates in run["exposure"]["sorted"].values():
        assert rates == sorted(rates, reverse=True)


def test_a_report_of_inconclusive_sittings_divides_by_nothing():
    study = a_study(40, trouble=Trouble(1.0, 40))
    told = report(study, whole(study), "simulated")
    json.dumps(told, allow_nan=False)
    assert told["runs"][0]["rules"]["R1"]["accuracy"] is None
    assert told["runs"][0]["rules"]["R1"]["inconclusive"] == 1.0


def test_a_paired_difference_has_the_error_of_differences():
    study = a_study(70)
    runs = whole(study).runs
    pair = report(study, Found(runs, (Paired(100, 10, 30, -5, 5),)), "simulated")["paired"][0]
    assert (pair["one"], pair["other"]) == ("steer", "stratified")
    assert (pair["accuracy"], pair["over"]) == (0.1, -0.05)
    assert pair["accuracy_se"] == pytest.approx(((0.30 - 0.01) / 100) ** 0.5, abs=1e-6)


def test_a_paired_difference_is_that_of_the_two_runs():
    study = a_study(150)
    told = report(study, whole(study), "simulated")
    one, other = (run["rules"]["R1"] for run in told["runs"])
    for key in ("accuracy", "over"):
        assert told["paired"][0][key] == pytest.approx(one[key] - other[key], abs=2e-6)


def test_items_are_over_their_ceiling_by_more_than_the_tolerance():
    study = a_study(50)
    tally = whole(study).runs[0]
    put = np.zeros_like(tally.put)
    put[:2], put[-2:] = (220, 221), (270, 271)  # of 1 000, with ceilings of .20 and .25
    odd = replace(tally, sittings=1000, put=put)
    found = report(study, Found((odd, odd), whole(study).pairs), "simulated")["runs"][0]["exposure"]
    assert (found["over_ceiling"], found["largest"]) == (2, [0.221, 0.271])
