"""The 2PL calibration of `mirt` (PyPI), timed; run by the interpreter that has it, see `calibration`."""

import json
import sys
import time

import numpy as np


def main(file: str, points: int, turns: int) -> None:
    """Calibrate the answers of a file (−1: not asked), and print seconds, its log-likelihood and its estimates."""
    import mirt  # this interpreter's own: it is not among the engine's

    answers = np.load(file)["answers"]
    seconds, with_errors = [], []
    for _ in range(turns):
        for times, errors in ((seconds, False), (with_errors, True)):
            start = time.perf_counter()
            found = mirt.fit_mirt(answers, model="2PL", n_quadpts=points, compute_standard_errors=errors)
            times.append(time.perf_counter() - start)
    told = {
        "version": mirt.__version__,
        "seconds": min(seconds),
        "seconds_with_errors": min(with_errors),
        "log_likelihood": found.log_likelihood,
        "rounds": found.n_iterations,
        "a": found.model.parameters["discrimination"].tolist(),
        "b": found.model.parameters["difficulty"].tolist(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
