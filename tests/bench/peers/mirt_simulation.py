"""Adaptive tests simulated by `mirt` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time

import numpy as np


def main(file: str, length: int, points: int) -> None:
    """Simulate the people of a file: print the seconds of the public method and of its compiled loop alone."""
    import mirt  # this interpreter's own: it is not among the engine's
    from mirt.backends.rust.cat import cat_simulate_batch
    from mirt.cat import CATEngine
    from mirt.estimation.quadrature import GaussHermiteQuadrature
    from mirt.models import TwoParameterLogistic

    given = np.load(file)
    a, b, theta = given["a"], given["b"], given["theta"]
    model = TwoParameterLogistic(n_items=len(a))
    model.set_parameters(discrimination=a, difficulty=b)
    model._is_fitted = True  # known parameters: nothing to fit
    rule = GaussHermiteQuadrature(points, n_dimensions=1)
    nodes, weights = rule.nodes.ravel(), rule.weights.ravel()
    never = 1e-9  # a standard error that no test reaches: the length is fixed, and the compiled loop is taken
    print(json.dumps({"version": mirt.__version__}), flush=True)
    for turn, _ in enumerate(sys.stdin):
        start = time.perf_counter()
        alone = cat_simulate_batch(theta, a, b, nodes, weights, never, length, length, 1, turn)
        loop = time.perf_counter() - start
        engine = CATEngine(model, se_threshold=never, max_items=length, min_items=length, n_quadpts=points, seed=turn)
        start = time.perf_counter()
        found = engine.run_batch_simulation(theta)
        seconds = time.perf_counter() - start
        told = {
            "loop": loop,
            "seconds": seconds,
            "loop_rmse": float(np.sqrt(np.mean((np.asarray(alone[0]).ravel() - theta) ** 2))),
            "rmse": float(np.sqrt(np.mean((np.array([r.theta for r in found]) - theta) ** 2))),
            "items": [int(np.min(alone[2])), min(r.n_items_administered for r in found)],
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
