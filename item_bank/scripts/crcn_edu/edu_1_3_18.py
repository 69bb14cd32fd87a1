"""The synthesis on a theme, from a public body, that was brought up to date last."""

import random
import re
from datetime import date, timedelta
from functools import partial
from pathlib import Path

THEME, KIND = "Lecture sur écran", "Synthèse"


def key(files: list[Path]) -> str:
    page = files[0].read_text(encoding="utf-8")
    legend = dict(re.findall(r"<dt>(\w)</dt><dd>(.*?)</dd>", page))
    public = {letter for letter, meaning in legend.items() if meaning.startswith("organisme public")}
    rows = [re.findall(r"<td>(.*?)</td>", line) for line in page.split("<tr>")[2:]]
    assert all(len(row) == 7 for row in rows)
    asked = [r for r in rows if r[1] == THEME and r[2] == KIND]
    fit = [r for r in asked if r[4] in public]
    best = max(fit, key=lambda r: _day(r[6]))
    assert sum(r[6] == best[6] for r in fit) == 1
    of_theme = [r for r in rows if r[1] == THEME and r[4] in public]
    traps = [
        max(fit, key=lambda r: _day(r[5])),  # published last
        max(asked, key=lambda r: _day(r[6])),  # by anybody
        max(of_theme, key=lambda r: _day(r[6])),  # of any kind
    ]
    assert best not in traps
    assert len({r[0] for r in traps}) == 3
    return best[0]


def _day(text: str) -> date:
    day, month, year = map(int, text.split("/"))
    return date(year, month, day)


def _before(end: date, days: int) -> date:
    return end - timedelta(days=days)


BODIES = {
    "A": ("organisme public, par exemple un institut de recherche", ["Institut Orbeval", "Université de Valmont"]),
    "B": ("association", ["Lire en réseau", "Les Ateliers du texte"]),
    "C": ("éditeur ou entreprise", ["Éditions Plume d'oie", "Lectora"]),
}


def make(folder: Path) -> None:
    for name in ("edu-1.3-18.html", "edu-1.3-18-v2.html", "edu-1.3-18-v3.html"):
        chance = random.Random(name)

        def row(theme: str, kind: str, letter: str, published: date, updated: date) -> tuple[str, ...]:
            who = chance.choice(BODIES[letter][1])  # noqa: B023
            return (theme, kind, who, letter, f"{published:%d/%m/%Y}", f"{updated:%d/%m/%Y}")

        ago = partial(_before, date(2025, 5, 28) - timedelta(days=chance.randrange(20)))
        rows = [
            row(THEME, KIND, "A", ago(1100), ago(70)),  # the key: old, but brought up to date lately
            row(THEME, KIND, "A", ago(150), ago(110)),
            row(THEME, KIND, "A", ago(600), ago(590)),
            row(THEME, KIND, "A", ago(420), ago(240)),
            row(THEME, KIND, "C", ago(90), ago(12)),
            row(THEME, KIND, "B", ago(300), ago(45)),
            row(THEME, "Témoignage", "A", ago(60), ago(20)),
            row(THEME, "Enquête", "A", ago(200), ago(55)),
        ]
        for theme in (THEME, "Lecture à voix haute", "Écriture au clavier", "Attention et écrans"):
            for kind in (KIND, "Témoignage", "Enquête", "Outil"):
                if theme != THEME or kind == "Outil":
                    published = ago(chance.randrange(200, 1200))
                    rows.append(
                        row(
                            theme,
                            kind,
                            chance.choice("ABC"),
                            published,
                            published + timedelta(days=chance.randrange(190)),
                        )
                    )
        chance.shuffle(rows)
        numbers = sorted(chance.sample(range(10, 99), len(rows)))
        lines = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in (f"V{n}", *cells)) + "</tr>\n"
            for n, cells in zip(numbers, rows, strict=True)
        )
        head = ("Référence", "Thème", "Type", "Organisme", "Statut", "Première publication", "Mise à jour")
        titles = "".join(f'<th scope="col">{h}</th>' for h in head)
        legend = "".join(f"<dt>{letter}</dt><dd>{meaning}</dd>\n" for letter, (meaning, _) in BODIES.items())
        (folder / name).write_text(
            '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<title>Carnet de veille</title>\n'
            "<style>body{font-family:sans-serif;max-width:60em;margin:1em auto}table{border-collapse:collapse}"
            "th,td{border:1px solid #666;padding:.3em .6em;text-align:left}</style>\n</head>\n<body>\n"
            "<h1>Carnet de veille (fictif)</h1>\n"
            '<p>Les lettres de la colonne « Statut » sont expliquées <a href="#statuts">sous le tableau</a>.</p>\n'
            f"<table>\n<thead><tr>{titles}</tr></thead>\n"
            f'<tbody>\n{lines}</tbody>\n</table>\n<h2 id="statuts">Statuts</h2>\n<dl>\n{legend}</dl>\n'
            "</body>\n</html>\n",
            encoding="utf-8",
        )
