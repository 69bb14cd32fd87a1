"""Adaptive tests simulated by `catsim` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np


def main(file: str, length: int) -> None:
    """Simulate the people of a file, from ability 0, for each line that comes in."""
    from catsim.estimation import NumericalSearchEstimator  # this interpreter's own: not among the engine's
    from catsim.initialization import FixedPointInitializer
    from catsim.selection import MaxInfoSelector
    from catsim.simulation import Simulator
    from catsim.stopping import TestLengthStopper

    class Fixed(TestLengthStopper):
        """The length alone: the base class leaves its own criterion open."""

        def _check_stopping_criterion(self, *_: object, **__: object) -> bool:
            return False

    given = np.load(file)
    bank = np.column_stack([given["a"], given["b"], np.zeros(len(given["a"])), np.ones(len(given["a"]))])
    print(json.dumps({"version": version("catsim")}), flush=True)
    for turn, _ in enumerate(sys.stdin):
        simulator = Simulator(
            bank.copy(),
            given["theta"],
            FixedPointInitializer(0.0),
            MaxInfoSelector(),
            NumericalSearchEstimator(),
            Fixed(max_items=length),
            seed=turn,
        )
        start = time.perf_counter()
        simulator.simulate()
        told = {
            "seconds": time.perf_counter() - start,
            "rmse": float(simulator.rmse),
            "items": [min(map(len, simulator.administered_items))],
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
