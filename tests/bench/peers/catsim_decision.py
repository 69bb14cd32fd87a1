"""One live step of `catsim` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np


def main(file: str) -> None:
    """Time an estimate from the answers of a file, and the choice of the next item at it."""
    from catsim.estimation import NumericalSearchEstimator  # this interpreter's own: not among the engine's
    from catsim.item_bank import ItemBank
    from catsim.selection import MaxInfoSelector

    given = np.load(file)
    bank = ItemBank(np.column_stack([given["a"], given["b"], np.zeros(len(given["a"])), np.ones(len(given["a"]))]))
    asked, right = given["rows"].tolist(), given["right"].tolist()
    estimator, selector = NumericalSearchEstimator(), MaxInfoSelector()
    print(json.dumps({"version": version("catsim")}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        theta = estimator.estimate(item_bank=bank, administered_items=asked, response_vector=right, est_theta=0.0)
        chosen = selector.select(item_bank=bank, administered_items=asked, est_theta=theta)
        seconds = time.perf_counter() - start
        assert chosen is not None
        assert chosen not in asked
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
