"""One live step of `mirt` (PyPI), a turn at a time; run by the interpreter that has it, see `beside`."""

import json
import sys
import time

import numpy as np


def main(file: str, answers: int, points: int) -> None:
    """Time the last of `answers` answers on its own path: recorded, scored by EAP, the next item chosen."""
    import mirt  # this interpreter's own: it is not among the engine's
    from mirt.cat import CATEngine
    from mirt.models import TwoParameterLogistic

    given = np.load(file)
    model = TwoParameterLogistic(n_items=len(given["a"]))
    model.set_parameters(discrimination=given["a"], difficulty=given["b"])
    model._is_fitted = True  # known parameters: nothing to fit
    engine = CATEngine(model, se_threshold=1e-9, max_items=answers + 10, n_quadpts=points, seed=1)
    print(json.dumps({"version": mirt.__version__}), flush=True)
    for _ in sys.stdin:
        engine.reset()
        engine.get_current_state()
        for right in given["right"][: answers - 1]:
            engine.administer_item(int(right))
        start = time.perf_counter()
        state = engine.administer_item(int(given["right"][answers - 1]))
        seconds = time.perf_counter() - start
        assert state.n_items == answers
        assert state.next_item is not None
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
