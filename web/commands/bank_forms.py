"""`palier bank forms`: assemble fixed parallel forms and write them to a file."""

from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from engine.adaptive.forms import Forms, assemble
from engine.adaptive.forms_file import FormsFile
from engine.adaptive.gates import Stage, stage
from engine.adaptive.model import COMPETENCES_EACH, FRAMEWORKS, Pool
from engine.delivery.clock import EXPECTED_TIME
from engine.items.frameworks import COMPETENCES, Framework, Track
from engine.items.read import read_release
from engine.scoring.rules import read_rules
from web.commands.bank import ROOT, root_option
from web.commands.output import writable, write_all


@click.command("forms")
@root_option
@click.argument("name")
@click.option("--track", type=click.Choice([t.value for t in Track]), required=True)
@click.option("--count", type=click.IntRange(1, 100), required=True, help="How many forms.")
@click.option("--seed", type=int, required=True)
@click.option("--rules", default="2023", show_default=True, help="The rule set whose thresholds count.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def forms_command(root: Path, name: str, track: str, count: int, seed: int, rules: str, out: Path) -> None:
    """Assemble fixed parallel forms of the release NAME."""
    release = read_release(root, name)
    path = ROOT / "rules" / f"{rules}.toml"
    if not path.is_file():
        raise click.ClickException(f"There is no rule set {path}.")
    rule_set = read_rules(path.read_text(encoding="utf-8"))
    writable(out.parent)
    pool = Pool.of(release, Track(track))
    forms = assemble(
        pool,
        rule_set.cuts,
        count,
        seed,
        lengths=(rule_set.length[Framework.CRCN_EDU], rule_set.length[Framework.CRCN]),
        time_budget=EXPECTED_TIME.total_seconds(),
        from_tags=any(stage(release, f) is Stage.TAGS for f in FRAMEWORKS),
    )
    file = FormsFile.of(pool, forms)
    write_all(out.parent, {out.name: file.model_dump_json(indent=1) + "\n"})
    _show(pool, forms)
    click.echo(f"{out}: {count} forms, digest {file.digest[:12]}")


def _show(pool: Pool, forms: Forms) -> None:
    console = Console()
    table = Table(title=f"{forms.release}, {forms.track}: largest distance from the aim, in items")
    for head in ("form", "CRCN-Édu", "CRCN", "domains", "minutes"):
        table.add_column(head, justify="right")
    domain = np.abs(forms.domain_deviation).max(axis=(1, 2))
    for f, reached in enumerate(np.abs(forms.deviation).max(axis=2)):
        cells = (*(f"{x:.3f}" for x in reached), f"{domain[f]:.3f}", f"{forms.expected_seconds[f] / 60:.0f}")
        table.add_row(str(f + 1), *cells)
    console.print(table)
    if not forms.is_parallel:
        cut = np.abs(forms.deviation).max()
        console.print(
            f"Not parallel within {forms.tolerance} at the cuts and {forms.domain_tolerance} in the domains: "
            f"the best found keeps {cut:.3f} and {domain.max():.3f}."
        )
    if forms.from_tags:
        console.print("Difficulties come from level tags: the forms are parallel by tag only.")
    in_crcn = pool.competence >= COMPETENCES_EACH
    for framework, of, ceiling in zip(FRAMEWORKS, (~in_crcn, in_crcn), forms.ceilings, strict=True):
        over = sum(COMPETENCES[c].framework is framework for c in forms.overused)
        console.print(
            f"{framework}: most used item in {forms.usage[of].max():.0%} of the forms (ceiling {ceiling:.0%}); "
            f"{over} competences of 16 above the ceiling."
        )
    if len(forms.rows) > 1:
        shared = forms.overlap[np.triu_indices(len(forms.rows), 1)]
        console.print(f"Two forms share {shared.mean():.0%} of their questions on average, {shared.max():.0%} at most.")
