"""`palier bank new`: a draft of an item, with the next number of its competence and what the coverage lacks."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from engine.items.check import tags_of
from engine.items.frameworks import COMPETENCES, Competence, Framework, Level, Track, competences_of
from engine.items.item import Item, Kind, Status
from engine.items.read import read_what_can_be
from engine.items.schema import FILE_ANSWERS
from engine.items.targets import read_targets
from web import french
from web.commands.bank import root_option
from web.commands.competence_name import CompetenceName
from web.commands.draft_file import Draft, script_of, text_of

KINDS = {
    Kind.SINGLE_CHOICE: "une seule réponse juste",
    Kind.MULTIPLE_CHOICE: "plusieurs réponses justes",
    Kind.SHORT_TEXT: "un mot ou quelques mots à écrire",
    Kind.NUMBER: "un nombre à écrire",
    Kind.ORDERING: "des étapes à remettre dans l'ordre",
    Kind.MATCHING: "des éléments à associer",
    Kind.GAPS: "un texte à compléter par des menus",
    Kind.FILE_TASK: "une réponse à chercher dans un vrai fichier",
}
SUFFIXES = ("ods", "xlsx", "odt", "docx", "csv", "html", "zip", "png", "svg", "pdf", "txt", "eml", "ics")


@click.command("new")
@root_option
@click.option("--competence", type=CompetenceName(), help="For example crcn:1.3 or edu:2.1; asked for if not given.")
@click.option("--interaction", type=click.Choice([k.value for k in Kind]))
@click.option("--level", help="initie, confirme, avance, expert for edu; 1 to 8 for crcn.")
@click.option("--subject", help="The one thing tested inside the competence.")
@click.option("--author", help="Stands in the file.")
@click.option("--track", type=click.Choice([t.value for t in Track]), multiple=True, help="Default: both.")
@click.option("--answer", type=click.Choice([k.value for k in FILE_ANSWERS]), help="How a file task is answered.")
@click.option("--file", "suffix", type=click.Choice(SUFFIXES), help="The kind of file of a file task.")
def new_command(
    root: Path,
    competence: tuple[Framework, str] | None,
    interaction: str | None,
    level: str | None,
    subject: str | None,
    author: str | None,
    track: tuple[str, ...],
    answer: str | None,
    suffix: str | None,
) -> None:
    """Write a draft of an item, asking for what is not given."""
    bank, problems = read_what_can_be(root)
    if problems:
        click.echo(
            f"La banque a {len(problems)} problème(s) : palier bank check les nomme. On continue sans.", err=True
        )
    items = tuple(i for i in bank if i.status is not Status.RETIRED)
    wanted = _competence(items, competence)
    own = [i for i in items if (i.framework, i.competence) == (wanted.framework, wanted.code)]
    click.echo()
    click.secho(f"{french.FRAMEWORKS[wanted.framework]} {wanted.code} {wanted.title}", bold=True)
    for line in (*coverage_lines(wanted, own), *lacking_lines(root, own)):
        click.echo(f"  {line}")
    kind = Kind(interaction) if interaction else _interaction(own)
    chosen = _level(wanted.framework, own, level)
    about = _subject(own, subject)
    if kind is Kind.FILE_TASK:
        answer = answer or _asked("Comment y répond-on ?", [(k.value, KINDS[k]) for k in FILE_ANSWERS])
        suffix = suffix or click.prompt("Quel fichier ?", type=click.Choice(SUFFIXES), default="ods")
    draft = Draft(
        id=next_id(root, wanted),
        framework=wanted.framework,
        competence=wanted.code,
        subject=about,
        level=chosen,
        kind=kind,
        author=author or click.prompt("Votre nom", default="Équipe Palier"),
        tracks=[Track(t) for t in track] or tuple(Track),
        answer=Kind(answer) if answer else Kind.NUMBER,
        suffix=suffix or "ods",
    )
    _write(root, draft)


def coverage_lines(competence: Competence, own: Sequence[Item]) -> list[str]:
    """How many items a competence has by level and interaction, and what it has least of."""
    tags = tags_of(competence.framework)
    levels = Counter(int(i.tag) for i in own)
    names = [f"{level_name(competence.framework, t)} : {levels[t]}" for t in tags]
    fewest = [level_name(competence.framework, t) for t in tags if levels[t] == min(levels[t] for t in tags)]
    kinds = Counter(i.kind for i in own)
    absent = [k.value for k in Kind if not kinds[k]]
    lines = [
        f"{len(own)} épreuves, brouillons compris. Par niveau, {' ; '.join(names)}.",
        *([f"Le plus rare : {', '.join(fewest)}."] if len(fewest) < len(tags) else []),
    ]
    return [*lines, *([f"Pas encore d'interaction {', '.join(absent)}."] if absent else [])]


def lacking_lines(root: Path, own: Sequence[Item]) -> list[str]:
    """What a competence lacks of the targets of the bank, where it has some."""
    path = root / "targets.toml"
    if not path.is_file():
        return []
    targets = read_targets(path.read_text(encoding="utf-8"))
    repeated = sum(n > 1 for n in Counter(i.subject for i in own).values())
    lacks = {
        f"{targets.items - len(own)} épreuves (objectif : {targets.items})": len(own) < targets.items,
        f"des sujets à deux épreuves ({repeated} sur {targets.repeated_subjects}) : reprenez un sujet déjà là": (
            repeated < targets.repeated_subjects
        ),
    }
    for track in Track:
        usable = sum(track in i.tracks for i in own)
        if usable < targets.items_of_a_track:
            lacks[f"{targets.items_of_a_track - usable} épreuves pour le {french.TRACKS[track]}"] = True
    return [f"Il manque {words}." for words, is_missing in lacks.items() if is_missing]


def level_name(framework: Framework, tag: int) -> str:
    """As it is written in files: initie … expert, or 1 … 8."""
    return Level(tag).slug if framework is Framework.CRCN_EDU else str(tag)


def next_id(root: Path, competence: Competence) -> str:
    """The next number of a competence: one more than any file has, readable or not."""
    folder = root / "items" / competence.framework / competence.code
    prefix = f"{'edu' if competence.framework is Framework.CRCN_EDU else 'crcn'}-{competence.code}-"
    taken = [int(m[1]) for p in folder.glob("*") if (m := re.match(rf"{re.escape(prefix)}(\d+)", p.name))]
    return f"{prefix}{max(taken, default=0) + 1:02}"


def slug(text: str) -> str:
    """A subject as files write it.

    >>> slug("Droit à l'image")
    'droit-a-l-image'
    """
    plain = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "oe")).casefold()
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))


def _competence(items: Iterable[Item], given: tuple[Framework, str] | None) -> Competence:
    if given is not None:
        return next(c for c in COMPETENCES if (c.framework, c.code) == given)
    chosen = _asked("Quel référentiel ?", [(f.value, french.FRAMEWORKS[f]) for f in Framework])
    found = Counter((i.framework, i.competence) for i in items)
    rows = competences_of(Framework(chosen))
    fewest = min(found[c.framework, c.code] for c in rows)
    code = _asked(
        "Quelle compétence ?",
        [
            (
                c.code,
                f"{c.title} ({found[c.framework, c.code]} épreuves"
                f"{', le moins de toutes' if found[c.framework, c.code] == fewest else ''})",
            )
            for c in rows
        ],
    )
    return next(c for c in rows if c.code == code)


def _interaction(own: Iterable[Item]) -> Kind:
    found = Counter(i.kind for i in own)
    return Kind(_asked("Quelle interaction ?", [(k.value, f"{words} ({found[k]})") for k, words in KINDS.items()]))


def _level(framework: Framework, own: Iterable[Item], given: str | None) -> str:
    names = [level_name(framework, t) for t in tags_of(framework)]
    if given is not None:
        name = slug(given)
        if name not in names:
            raise click.BadParameter(f"{given} : choisissez parmi {', '.join(names)}.", param_hint="--level")
        return name
    found = Counter(level_name(framework, int(i.tag)) for i in own)
    return _asked("Quel niveau ?", [(name, f"{found[name]} épreuve{'s' if found[name] > 1 else ''}") for name in names])


def _subject(own: Sequence[Item], given: str | None) -> str:
    if given is None:
        click.echo("\nSujets déjà là (deux épreuves du même sujet ne sont jamais posées à la même personne) :")
        for about, n in sorted(Counter(i.subject for i in own).items()):
            levels = ", ".join(sorted(level_name(i.framework, int(i.tag)) for i in own if i.subject == about))
            click.echo(f"  {about}{f' ({n})' if n > 1 else ''} · {levels}")
        given = str(click.prompt("Le sujet, un de ceux-là ou un nouveau"))
    if not slug(given):
        raise click.BadParameter(f"« {given} » : il faut un mot ou quelques mots.", param_hint="--subject")
    return slug(given)


def _asked(question: str, rows: Sequence[tuple[str, str]]) -> str:
    """One of several, by its number or by its name."""
    click.echo(f"\n{question}")
    width = max(len(name) for name, _ in rows)
    for n, (name, words) in enumerate(rows, start=1):
        click.echo(f"  {n:>2}  {name:<{width}}  {words}")
    names = [name for name, _ in rows]

    def one(value: Any) -> str:
        text = str(value).strip()
        if text in names:
            return text
        if text.isdigit() and 1 <= int(text) <= len(names):
            return names[int(text) - 1]
        raise click.UsageError(f"un nombre de 1 à {len(names)}, ou un nom de la liste")

    return str(click.prompt("→", value_proc=one, prompt_suffix=" "))


def _write(root: Path, draft: Draft) -> None:
    path = root / "items" / draft.framework / draft.competence / f"{draft.id}.md"
    files = {path: text_of(draft)}
    if draft.kind is Kind.FILE_TASK:
        files[root / "scripts" / draft.framework / draft.script_name] = script_of(draft)
    taken = [p for p in files if p.exists()]
    if taken:
        raise click.ClickException(f"{taken[0]} existe déjà : rien n'est écrit.")
    for place, text in files.items():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise click.ClickException(f"{place} ne peut pas être écrit : {error.strerror}.") from error
    click.echo()
    for place in files:
        click.secho(f"Écrit : {place}", bold=True)
    steps = [
        "Remplacez chaque [À REMPLIR …] ; palier bank check les nomme, ligne par ligne.",
        f"palier bank preview {draft.id} montre l'épreuve et s'actualise à chaque enregistrement.",
    ]
    if draft.kind is Kind.FILE_TASK:
        steps.insert(0, f"Mettez les fichiers à côté, {draft.id}.{draft.suffix} et ceux des variantes.")
    click.echo("Ensuite :")
    for n, step in enumerate(steps, start=1):
        click.echo(f"  {n}. {step}")
