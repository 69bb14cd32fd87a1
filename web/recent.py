"""What this node's processes counted lately: the difference between their figures now and some time ago."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from web import scrape

APART = timedelta(seconds=30)
KEPT = timedelta(hours=2)
ANSWER = {"route": "/candidat/test/reponse", "method": "POST"}

Counts = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Lately:
    """What was counted since an instant; `None`: since the node started."""

    since: datetime | None
    counts: Counts

    def by(self, kind: str) -> dict[str, int]:
        """How many of a kind, by code, the most frequent first; what did not happen is left out."""
        found = {key[1]: int(n) for key, n in self.counts.items() if key[0] == kind and n > 0}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def quantile(self, share: float) -> float | None:
        """An upper bound of the seconds that a share of the answers took: the edge of a bucket. None without answers.

        >>> Lately(None, {("le", "0.1"): 9.0, ("le", "0.25"): 10.0, ("le", "inf"): 10.0}).quantile(0.95)
        0.25
        """
        edges = sorted((float(key[1]), n) for key, n in self.counts.items() if key[0] == "le")
        if not edges or not edges[-1][1]:
            return None
        return next(edge for edge, n in edges if n >= share * edges[-1][1])


class Recent:
    """Looks at the figures that are kept for a while, to compare later ones with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._looks: deque[tuple[datetime, Counts]] = deque()

    def lately(self, now: datetime, *windows: timedelta) -> list[Lately]:
        """What was counted in each of some stretches of time, or longer, from the last look before it began."""
        counts = _counts(self.folder)
        with self._lock:
            if not self._looks or now - self._looks[-1][0] >= APART:
                self._looks.append((now, counts))
            while self._looks[0][0] < now - KEPT:
                self._looks.popleft()
            looks = list(self._looks)
        return [_since(looks, counts, now - window) for window in windows]


def _since(looks: list[tuple[datetime, Counts]], counts: Counts, wanted: datetime) -> Lately:
    before = [look for look in looks if look[0] <= wanted]
    if not before:
        return Lately(None, counts)
    at, old = before[-1]
    changed = {key: n - old.get(key, 0.0) for key, n in counts.items()}
    # A node that was started again counts from nothing.
    return Lately(None, counts) if any(n < 0 for n in changed.values()) else Lately(at, changed)


def _counts(folder: Path) -> Counts:
    found: dict[tuple[str, ...], float] = {}
    for family in scrape.figures(folder):
        for sample in family.samples:
            match sample.name:
                case "palier_faults_total":
                    key = ("fault", sample.labels["exception"])
                case "palier_refusals_total":
                    key = ("refusal", sample.labels["code"])
                case "palier_request_seconds_bucket" if ANSWER.items() <= sample.labels.items():
                    key = ("le", str(float(sample.labels["le"].replace("+Inf", "inf"))))
                case _:
                    continue
            found[key] = found.get(key, 0.0) + sample.value
    return found
