"""The 2PL calibration of `girth` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np


def main(file: str) -> None:
    """Calibrate complete answers of a file: print seconds and estimates for each line that comes in."""
    import girth  # this interpreter's own: it is not among the engine's

    answers = np.ascontiguousarray(np.load(file)["answers"].T)
    print(json.dumps({"version": version("girth")}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        found = girth.twopl_mml(answers)
        told = {
            "seconds": time.perf_counter() - start,
            "a": found["Discrimination"].tolist(),
            "b": found["Difficulty"].tolist(),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
