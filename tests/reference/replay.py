"""Six sittings on the demo release, as JSON: run in a process of its own by test_replay.

`python -m tests.reference.replay > tests/reference/replay.json` makes the record anew, after a change that is meant.
"""

import hashlib
import json

from engine.adaptive.cat import Observed, Present, assess, decide
from engine.items.frameworks import Track
from engine.items.read import read_release
from engine.scoring.planning import plan_for
from engine.scoring.rules import read_rules
from web.commands.bank import ROOT

DIGITS = 9


def record() -> list[dict[str, object]]:
    """What six candidates are asked, and what their answers say, rounded to nine digits."""
    release = read_release(ROOT, "demo")
    rules = read_rules((ROOT / "rules" / "2023.toml").read_text(encoding="utf-8"))
    told: list[dict[str, object]] = []
    for number, track in enumerate(list(Track) * 3):
        plan = plan_for(release, track, rules)
        observed: list[Observed] = []
        while isinstance(step := decide(plan, 1000 + number, observed), Present):
            # Right or wrong by a hash, so that no generator has a part in it; the last ones know nearly everything.
            byte = hashlib.sha256(f"{number}/{step.item}".encode()).digest()[0]
            observed.append(Observed(step.item, byte < 100 + 30 * number))
        found = assess(plan, observed)
        figures = [*found.level, *found.edu_level, *found.crcn_level, *(d.mean for d in found.domains)]
        told.append({"items": [o.item for o in observed], "figures": [round(x, DIGITS) for x in figures]})
    return told


if __name__ == "__main__":
    print(json.dumps(record(), indent=1))
