"""The 2PL calibration of `mirt` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time

import numpy as np


def main(file: str, points: int) -> None:
    """Calibrate the answers of a file (−1: not asked): print seconds and estimates for each line that comes in."""
    import mirt  # this interpreter's own: it is not among the engine's

    answers = np.load(file)["answers"]
    print(json.dumps({"version": mirt.__version__}), flush=True)
    for _ in sys.stdin:
        seconds = []
        for errors in (False, True):
            start = time.perf_counter()
            found = mirt.fit_mirt(answers, model="2PL", n_quadpts=points, compute_standard_errors=errors)
            seconds.append(time.perf_counter() - start)
        told = {
            "seconds": seconds[0],
            "seconds_with_errors": seconds[1],
            "rounds": found.n_iterations,
            "a": found.model.parameters["discrimination"].tolist(),
            "b": found.model.parameters["difficulty"].tolist(),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
