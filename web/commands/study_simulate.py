"""`palier study simulate`: what a release and a rule set do to candidates whose level is known."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engine.adaptive.forms_file import read_forms
from engine.adaptive.model import Pool
from engine.adaptive.plan import Plan
from engine.adaptive.select import Selector
from engine.adaptive.warm_up import THOROUGH, needs_control, warmed
from engine.items.frameworks import Track
from engine.items.read import read_release
from engine.items.release import Release
from engine.scoring.planning import plan_for
from engine.scoring.rules import RuleSet, read_rules
from engine.studies.population import Population
from engine.studies.study import Found, Run, Study
from engine.studies.summary import report
from engine.studies.trouble import Trouble
from web.commands.bank import ROOT, root_option
from web.commands.output import Finite, writable, write_all
from web.commands.study_report import page
from web.commands.study_workers import local, on_dask

POPULATION, TROUBLE = Population(), Trouble()

share = Finite(0, 1)
some_items = click.IntRange(1, 64)


@click.command("simulate")
@click.option("--release", "name", required=True, help="The release that candidates are tested with.")
@click.option("--rules", "rules_name", required=True, help="A rule set: its name in rules/, or a TOML file.")
@click.option("--candidates", type=click.IntRange(1), required=True, help="How many simulated candidates.")
@click.option("--seed", type=click.IntRange(0), required=True, help="The same seed gives the same report.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write.")
@click.option(
    "--track", type=click.Choice([t.value for t in Track]), default=Track.SECOND_DEGREE.value, show_default=True
)
@click.option(
    "--selector",
    "selectors",
    multiple=True,
    type=click.Choice([s.value for s in Selector]),
    help="How items are chosen; give several to compare them on the same candidates. Left out: as the rules say.",
)
@click.option(
    "--forms",
    "forms_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What --selector forms takes: a file made by palier bank forms.",
)
@click.option("--no-exposure", is_flag=True, help="Do not hold back items that are given often.")
@click.option(
    "--warm-up",
    type=click.IntRange(1),
    default=THOROUGH,
    show_default=True,
    help="Simulated sittings that exposure control starts from.",
)
@click.option("--shift", type=Finite(-5, 5), default=POPULATION.shift, show_default=True, help="Mean ability, logits.")
@click.option(
    "--within", type=share, default=POPULATION.within, show_default=True, help="Correlation of domains of a framework."
)
@click.option(
    "--between", type=share, default=POPULATION.between, show_default=True, help="Correlation across frameworks."
)
@click.option("--guessing-share", type=share, default=0.0, help="Share of items that can be guessed one time in five.")
@click.option("--noise", type=Finite(0, 2), default=0.0, help="SD of the errors of b and of ln a.")
@click.option("--incident-rate", type=share, default=0.0, help="Share of sittings with neutralised items.")
@click.option("--incident-items", type=some_items, default=TROUBLE.incident_items, show_default=True)
@click.option("--timeout-rate", type=share, default=0.0, help="Share of sittings whose time runs out.")
@click.option("--timeout-items", type=some_items, default=TROUBLE.timeout_items, show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
@click.option("--dask", "address", help="Address of a Dask scheduler to compute on instead; needs palier[dask].")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of a table.")
@root_option
def simulate_command(
    name: str,
    rules_name: str,
    candidates: int,
    seed: int,
    out: Path,
    track: str,
    selectors: tuple[str, ...],
    forms_file: Path | None,
    no_exposure: bool,
    warm_up: int,
    shift: float,
    within: float,
    between: float,
    guessing_share: float,
    noise: float,
    incident_rate: float,
    incident_items: int,
    timeout_rate: float,
    timeout_items: int,
    workers: int,
    address: str | None,
    as_json: bool,
    root: Path,
) -> None:
    """Let simulated candidates sit the tests of a release, and compare what is awarded with what they deserve.

    Writes report.json and report.html into the folder given with --out. Ctrl-C ends the study early and writes what was
    found so far.
    """
    if between > within:
        raise click.UsageError(f"--between ({between}) must not be above --within ({within}).")
    if len(set(selectors)) < len(selectors):
        raise click.UsageError("--selector: name each selector once.")
    if address is not None and workers > 1:
        raise click.UsageError("--workers and --dask exclude each other.")
    if forms_file is not None and Selector.FORMS.value not in selectors:
        raise click.UsageError("--forms is for --selector forms: name it too.")
    if forms_file is None and Selector.FORMS.value in selectors:
        raise click.UsageError("--selector forms needs --forms: a file made by palier bank forms.")
    writable(out)
    rules, release = _rules(root, rules_name), read_release(root, name)
    study = Study(
        rules=rules,
        runs=tuple(
            _run(release, Track(track), rules, s, forms_file, None if no_exposure else warm_up)
            for s in selectors or (None,)
        ),
        candidates=candidates,
        seed=seed,
        population=Population(shift, within, between),
        trouble=Trouble(incident_rate, incident_items, timeout_rate, timeout_items),
        guessing_share=guessing_share,
        noise=noise,
    )
    found = _followed(study, on_dask(study, address) if address else local(study, workers))
    if found is None:
        raise click.ClickException("Interrupted before the first candidates were done: nothing was written.")
    told = report(study, found, release.provenance.value)
    text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    written = _write(out, told, text)
    if as_json:
        click.echo(text, nl=False)
    else:
        _tell(told)
        click.echo(f"{out}: {', '.join(written)}")


def _rules(root: Path, name: str) -> RuleSet:
    """A rule set by the name of its file in rules/, or by path. Raises `BadRules`."""
    places = (Path(name), root / "rules" / f"{name}.toml", ROOT / "rules" / f"{name}.toml")
    for path in places:
        if path.is_file():
            try:
                return read_rules(path.read_text(encoding="utf-8"))
            except UnicodeDecodeError as error:
                raise click.ClickException(f"{path} is not UTF-8 ({error.reason}): save it as UTF-8.") from error
    raise click.ClickException(f"There is no rule set {name}: name one of rules/, or give the path of a TOML file.")


def _run(
    release: Release, track: Track, rules: RuleSet, selector: str | None, forms: Path | None, warm_up: int | None
) -> Run:
    """The plan of one selector, warmed up as a session's would be.

    Raises `NotCalibrated`, `UncoveredCompetence`, and `NoForms`, `BrokenForms`, `OtherRelease` for fixed forms.
    """
    if selector is not None:
        rules = replace(rules, selection=replace(rules.selection, selector=selector))
    given = read_forms(forms.read_bytes(), Pool.of(release, track)) if forms else None
    plan: Plan = plan_for(release, track, rules, forms=given)
    warm_up = warm_up if needs_control(plan) else None
    if warm_up is not None:
        plan = replace(plan, eligibility=warmed(plan, warm_up))
    return Run("+".join(dict.fromkeys(s.value for s in plan.selectors)), plan, warm_up)


def _followed(study: Study, parts: Iterator[Found]) -> Found | None:
    """The sum of the parts under a progress bar, or of those that were done when Ctrl-C came; None if none was."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    total: Found | None = None
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, closing(parts):  # type: ignore[type-var]
        bar = progress.add_task("candidates", total=study.candidates)
        try:
            for part in parts:
                total = part if total is None else total + part
                progress.update(bar, completed=total.candidates)
        except KeyboardInterrupt:
            progress.update(bar, description="stopping")
    return total


def _write(out: Path, told: dict[str, Any], text: str) -> list[str]:
    """The files of a report, each complete or absent; their names."""
    files = {"report.json": text, "report.html": page(told)}
    write_all(out, files)
    return list(files)


def _tell(told: dict[str, Any]) -> None:
    """The main figures."""
    console = Console()
    heads = ("selector", "rule", "accuracy", "over", "under", "kappa", "awards above", "inconclusive")
    table = Table(title=f"{told['candidates']} of {told['asked']} candidates, seed {told['seed']}")
    for head in heads:
        table.add_column(head)
    for run in told["runs"]:
        for rule, row in run["rules"].items():
            keys = ("accuracy", "over", "under", "kappa", "awards_above", "inconclusive")
            decides = f"{rule} *" if rule == run["decides"] else rule
            table.add_row(run["selector"], decides, *(_figure(row[key]) for key in keys))
    console.print(table)
    for run in told["runs"]:
        largest, shared = (_figure(x) for x in (max(run["exposure"]["largest"]), run["exposure"]["overlap"]))
        console.print(f"{run['selector']}: largest exposure {largest}, overlap {shared}.")
    for pair in told["paired"]:
        console.print(
            f"{pair['one']} − {pair['other']}: accuracy {_figure(pair['accuracy'])} ± {_figure(pair['accuracy_se'])}, "
            f"over {_figure(pair['over'])} ± {_figure(pair['over_se'])}."
        )
    if told["partial"]:
        console.print("Interrupted: the report covers the candidates that were done.")


def _figure(x: float | None) -> str:
    return "–" if x is None else f"{x:.3f}"
