"""Dice that any machine throws alike in any year: a hash of the seed, the place and the face.

SplitMix64 (Steele, Lea & Flood 2014), used as a counter-based generator (Salmon et al. 2011). NumPy does not promise
that `Generator` keeps its streams from one version to the next (NEP 19), and a result must be replayable after the
upgrade; besides, a hash throws for a hundred thousand sittings at once.
"""

import numpy as np
from numpy.typing import NDArray

from engine.adaptive.model import FloatArray, IntArray

SeedArray = NDArray[np.uint64]

ORDER = 1 << 32
"""Streams from here on shuffle the competences; those below belong to the places of the form."""

ELIGIBILITY = 1 << 33
"""The stream that says which items a sitting may see."""

SITTINGS = 1 << 34
"""The stream that gives each simulated sitting its seed."""

FORMS = 1 << 35
"""The stream that says which fixed form a sitting takes, and that draws the forms themselves."""

PRETEST = 1 << 38
"""The streams that say where a sitting tries items that do not count, and which."""

ABILITIES = 1 << 36
"""The stream that gives a simulated candidate their abilities."""

LUCK = 1 << 37
"""The stream that says which answers of a simulated candidate are right."""

TRUTH = 1 << 40
"""The stream that says how far the items of a study are from what a release takes them for."""

TROUBLE = 1 << 41
"""The stream that says in which simulated sittings something goes wrong."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_WORD = (1 << 64) - 1


def seeds_of(seed: int) -> SeedArray:
    """The seed of one sitting as a batch of one, shape (1,)."""
    return np.array([seed & _WORD], dtype=np.uint64)


def many_seeds(seed: int, n: int, first: int = 0) -> SeedArray:
    """Seeds for `n` simulated sittings, the first of which has number `first`, shape (n,)."""
    return _mix(_stream(seeds_of(seed), SITTINGS) + _GOLDEN * np.arange(first + 1, first + n + 1, dtype=np.uint64))


def throw(seeds: SeedArray, stream: int, faces: IntArray) -> FloatArray:
    """Uniform numbers in [0, 1), one for each face; `faces` has shape (n, k) or (k,), the result (n, k).

    >>> throw(seeds_of(7), 3, np.arange(3)).round(3)
    array([[0.278, 0.982, 0.378]])
    """
    counters = (faces.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    bits = _mix(_stream(seeds, stream)[:, None] + counters)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def shuffle(seeds: SeedArray, stream: int, n: int) -> IntArray:
    """A permutation of 0 … n−1 for each sitting, shape (sittings, n)."""
    return np.argsort(throw(seeds, stream, np.arange(n)), axis=1, kind="stable")


def shuffles(seeds: SeedArray, first: int, times: int, n: int) -> IntArray:
    """What `shuffle` gives for `times` streams from `first` on, at once, shape (sittings, times, n)."""
    streams = np.uint64(first) + np.arange(times, dtype=np.uint64)
    starts = _mix(_mix(seeds)[:, None] ^ streams)
    bits = _mix(starts[:, :, None] + np.arange(1, n + 1, dtype=np.uint64) * _GOLDEN)
    return np.argsort((bits >> np.uint64(11)).astype(np.float64), axis=2, kind="stable")


def _stream(seeds: SeedArray, stream: int) -> SeedArray:
    """The starting point of one stream of each seed, shape (n,)."""
    return _mix(_mix(seeds) ^ np.uint64(stream))


def _mix(z: SeedArray) -> SeedArray:
    """The finaliser of SplitMix64: every bit of the input moves half of the bits of the output."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
