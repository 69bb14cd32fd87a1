"""Plots as numbers to draw: every coordinate is worked out here, the template only writes them down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from web.french import decimal

HEIGHT = 320
LEFT, RIGHT, TOP, BOTTOM = 62, 450, 36, 268
ROWS_LEFT, ROWS_TOP = 20, 10
ROW = 46
# Apart for every kind of colour vision, at least 4.5 : 1 on white; the dash and the mark say the same without colour.
COLOURS = ("#0b5fa5", "#a84300", "#6d3a8c", "#3d4548")
DASHES = ("none", "8 4", "2 4", "10 3 2 3")
MARKS = ("circle", "square", "triangle", "diamond")
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, in the units of the picture, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A scale from values to the units of the picture; `start` may lie after `end`, as for heights."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies; what is off the scale lies at its end.

        >>> Axis(0, 1, 246, 16).at(0.5), Axis(0, 1, 0, 10).at(7)
        (131.0, 10.0)
        """
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, about: int = 5, percent: bool = False) -> tuple[Tick, ...]:
        """Round values along the scale.

        >>> [t.label for t in Axis(0, 1, 0, 100).ticks(percent=True)]
        ['0\xa0%', '20\xa0%', '40\xa0%', '60\xa0%', '80\xa0%', '100\xa0%']
        """
        step = round_step((self.high - self.low) / about)
        scale = 100 if percent else 1
        places = next(k for k in range(12) if math.isclose(round(step * scale, k), step * scale))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(
            Tick(self.at(k * step), decimal(k * step * scale, places) + ("\u00a0%" if percent else ""))
            for k in range(first, last + 1)
        )


@dataclass(frozen=True)
class Dot:
    """A drawn point."""

    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A series: its points in the units of the picture, and how it is told from the others."""

    name: str
    points: tuple[Dot, ...]
    colour: str
    dash: str
    mark: str


@dataclass(frozen=True)
class Guide:
    """A line to compare with, such as a ceiling."""

    name: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Whisker:
    """A value with its interval, drawn across."""

    name: str
    y: float
    x: float
    low: float
    high: float
    label: str
    colour: str
    mark: str


@dataclass(frozen=True)
class Plot:
    """One picture, with the words and the table that say the same."""

    key: str
    title: str
    told: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = ()
    guides: tuple[Guide, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    bottom: int = BOTTOM
    height: int = HEIGHT
    left: int = LEFT
    marked: bool = True


def round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is no less.

    >>> round_step(0.2), round_step(3.0), round_step(0.04)
    (0.2, 5.0, 0.05)
    """
    power = 10.0 ** math.floor(math.log10(least) + 1e-9)
    return next(round(s * power, 12) for s in _STEPS if s * power >= least * (1 - 1e-9))


def top_of(values: Sequence[float], at_least: float, at_most: float = math.inf) -> float:
    """The end of a scale that starts at 0 and holds every value."""
    highest = max([at_least, *values])
    step = round_step(highest / 5)
    return min(at_most, round(step * math.ceil(highest / step - 1e-9), 12))


def across(low: float, high: float, left: int = LEFT) -> Axis:
    """The scale from left to right."""
    return Axis(low, high if high > low else low + 1, left, RIGHT)


def upward(high: float) -> Axis:
    """The scale from 0 at the bottom to the top."""
    return Axis(0, high, BOTTOM, TOP)


def line(place: int, name: str, x: Axis, y: Axis, points: Sequence[tuple[float, float]]) -> Line:
    """The series at a place of the legend."""
    k = place % len(COLOURS)
    return Line(name, tuple(Dot(x.at(a), y.at(b)) for a, b in points), COLOURS[k], DASHES[k], MARKS[k])


def whisker(place: int, name: str, x: Axis, value: float, half: float, label: str) -> Whisker:
    """The row at a place from the top: a value ± half."""
    k = place % len(COLOURS)
    y = ROWS_TOP + ROW * place + ROW - 14
    return Whisker(name, y, x.at(value), x.at(value - half), x.at(value + half), label, COLOURS[k], MARKS[k])
