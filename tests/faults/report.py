"""What a run has shown: as a table for people, as JSON for what compares runs."""

import os
import platform
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.check import Verdict
from tests.faults.run import Outcome


def figures(outcome: Outcome) -> dict[str, Any]:
    """Everything that a run is to be judged by."""
    verdict, plan = outcome.verdict, outcome.plan
    calm = [k.recorded_at - k.made_at for k in outcome.told.answers.values() if k.recorded_at is not None and k.calm]
    broken = [
        k.recorded_at - k.made_at for k in outcome.told.answers.values() if k.recorded_at is not None and not k.calm
    ]
    names = ("made", "acknowledged", "stored", "scored", *Verdict.MUST_BE_NONE)
    return {
        "holds": outcome.holds,
        "plan": {**asdict(plan), "without": sorted(plan.without)},
        "wanted": plan.candidates * plan.items,
        "answers": {name: getattr(verdict, name) for name in names},
        "refused": dict(verdict.refused),
        "retries": sum(max(0, k.tries - 1) for k in outcome.told.answers.values()),
        "most_tries": max((k.tries for k in outcome.told.answers.values()), default=0),
        "machines_that_died": len(outcome.told.died),
        "requests": outcome.requests,
        "injected": outcome.injected,
        "never_injected": outcome.never_injected,
        "longest_delay_seconds": round(outcome.longest_delay, 1),
        "came_after_every_test_was_over": outcome.still_late,
        "happened_to_pages": outcome.events,
        "bugs_in_logs": outcome.bugs,
        "seconds_to_acknowledgement": {"calm": percentiles(calm), "faults": percentiles(broken)},
        "seconds": {name: round(value, 1) for name, value in outcome.seconds.items()},
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "load_average": [round(x, 1) for x in outcome.load],
        },
        "told": verdict.told,
    }


def percentiles(values: list[float]) -> dict[str, float]:
    """Number, 50th, 95th and 99th percentile, and the largest."""
    if len(values) < 2:
        return {"n": len(values)}
    cuts = quantiles(values, n=100, method="inclusive")
    known = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(values)}
    return {"n": len(values), **{name: round(value, 3) for name, value in known.items()}}


def show(found: dict[str, Any], console: Console) -> None:
    """The figures as tables."""
    answers = Table("answers", "n", title="No answer lost" if found["holds"] else "[red]The claim does not hold")
    for name, n in {"wanted": found["wanted"], **found["answers"], "retries": found["retries"]}.items():
        bad = name in Verdict.MUST_BE_NONE and n
        answers.add_row(name.replace("_", " "), f"[red]{n}" if bad else str(n))
    for code, n in found["refused"].items():
        answers.add_row(f"refused: {code}", str(n))
    answers.add_row("bugs in the logs of servers", str(found["bugs_in_logs"]))
    console.print(answers)
    faults = Table("fault", "injected")
    for kind, n in found["injected"].items():
        left_out = " (left out)" if kind in found["plan"]["without"] else ""
        faults.add_row(kind.replace("_", " ") + left_out, str(n) if n or left_out else "[red]0")
    console.print(faults)
    times = Table("seconds to acknowledgement", "n", "p50", "p95", "p99", "max")
    for name, p in found["seconds_to_acknowledgement"].items():
        times.add_row(name, *(str(p.get(column, "–")) for column in ("n", "p50", "p95", "p99", "max")))
    console.print(times)
    console.print(found["seconds"], found["machine"], found["happened_to_pages"])
    for sentence in found["told"]:
        console.print(f"[red]{sentence}")


def default_path(root: Path) -> Path:
    """Where the report of a run goes."""
    return root / "var" / "faults" / "report.json"
