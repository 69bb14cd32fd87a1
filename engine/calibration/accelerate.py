"""Fixed points in fewer rounds: Anderson acceleration, which combines the last few rounds so that they cancel."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.adaptive.model import FloatArray

MEMORY = 5
"""Rounds that are combined (Walker & Ni 2011 use 2 to 10)."""


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """Where the rounds ended: the point, its objective, and the objective of every round."""

    point: FloatArray
    converged: bool
    objectives: tuple[float, ...]
    last_move: float
    """Greatest change of any coordinate in the last plain round."""


def fixed_point(
    improve: Callable[[FloatArray], tuple[float, FloatArray]],
    start: FloatArray,
    tolerance: float,
    most: int,
    memory: int = MEMORY,
) -> FixedPoint:
    """Repeat `improve`, which tells the objective at a point and a better point, until no coordinate moves.

    A combined point that lowers the objective is taken back, and the plain point is used instead: the objective then
    rises as it does without acceleration (Walker & Ni 2011; Henderson & Varadhan 2019).

    >>> quick = fixed_point(lambda x: (-float((x @ x)), 0.9 * x), np.array([1.0, 2.0]), 1e-9, 100)
    >>> quick.converged, len(quick.objectives) < 6
    (True, True)
    """
    point, plain = start, start
    points: list[FloatArray] = []
    moves: list[FloatArray] = []
    objectives: list[float] = []
    best, moved = -np.inf, np.inf
    for _ in range(most):
        objective, improved = improve(point)
        # Rounding in a sum over all answers; below it, "lower" means nothing.
        if points and not objective >= best - 1e-9 * abs(best):  # also when it is no number
            point, points, moves = plain, [], []
            continue
        best = objective
        objectives.append(objective)
        plain, move = improved, improved - point
        moved = float(np.abs(move).max(initial=0.0))
        if moved < tolerance:
            return FixedPoint(plain, True, tuple(objectives), moved)
        points, moves = [*points[-memory:], point], [*moves[-memory:], move]
        point = _combined(points, moves) if memory and len(points) > 1 else plain
    return FixedPoint(plain, False, tuple(objectives), moved)


def _combined(points: list[FloatArray], moves: list[FloatArray]) -> FloatArray:
    """The combination of earlier rounds whose moves cancel best, one round further."""
    of_moves, of_points = np.diff(moves, axis=0), np.diff(points, axis=0)
    gamma = np.linalg.lstsq(of_moves.T, moves[-1], rcond=1e-10)[0]
    combined: FloatArray = points[-1] + moves[-1] - gamma @ (of_points + of_moves)
    return combined
