"""Small studies on a synthetic release."""

from dataclasses import replace
from typing import Any

from engine.adaptive.select import Selector
from engine.scoring.planning import plan_for
from engine.scoring.rules import RuleSet, read_rules
from engine.studies.study import Found, Run, Study, study_chunk
from tests.engine.adaptive.bank import TRACK, a_release
from tests.house.source import ROOT


def rules_of(text: str = "") -> RuleSet:
    """The rule set of 2023, with `text` after it."""
    return read_rules((ROOT / "item_bank" / "rules" / "2023.toml").read_text("utf-8") + text)


def a_study(candidates: int = 100, chunk: int = 64, rules: RuleSet | None = None, **more: Any) -> Study:
    """Steering and stratified forms on the same candidates, without exposure control."""
    rules = rules or rules_of()
    release = more.pop("release", None) or a_release(6, 3)
    selectors = more.pop("selectors", (Selector.STEER, Selector.STRATIFIED))
    chosen = (replace(rules, selection=replace(rules.selection, selector=s.value)) for s in selectors)
    runs = tuple(Run(r.selection.selector or "", plan_for(release, TRACK, r)) for r in chosen)
    return Study(rules, runs, candidates, seed=more.pop("seed", 5), chunk=chunk, **more)


def whole(study: Study) -> Found:
    """All chunks, one after the other."""
    found = study_chunk(study, 0)
    for number in range(1, study.chunks):
        found += study_chunk(study, number)
    return found
