"""The identifier that two records of a JSON file share."""

import json
import random
from collections import Counter
from pathlib import Path

THINGS = [
    "Le jardin",
    "La rivière",
    "Le phare",
    "L'atelier",
    "La cabane",
    "Le marché",
    "La carte",
    "Le carnet",
    "L'horloge",
]
OWNERS = [
    "de Nour",
    "des Alizés",
    "du capitaine",
    "de la Combe",
    "sans nom",
    "de minuit",
    "d'Iris",
    "du glacier",
    "d'en face",
    "de Sacha",
]


def key(files: list[Path]) -> str:
    """The only one that is there twice, under two titles."""
    books = json.loads(files[0].read_text(encoding="utf-8"))["livres"]
    assert len(books) == 90
    assert len({book["titre"] for book in books}) == 90
    counts = Counter(book["id"] for book in books)
    [twice] = [identifier for identifier, n in counts.items() if n > 1]
    assert counts[twice] == 2
    return str(twice)


def make(folder: Path) -> None:
    """Ninety books; one of the last takes the identifier of one of the first."""
    for variant, first, last in (("", 17, 74), ("-v2", 8, 61), ("-v3", 29, 83)):
        dice = random.Random(f"crcn-3.4-19{variant}")
        titles = [f"{thing} {owner}" for thing in THINGS for owner in OWNERS]
        dice.shuffle(titles)
        numbers = dice.sample(range(1000, 10000), 90)
        numbers[last] = numbers[first]
        books = [
            {"id": f"L{number}", "titre": title, "annee": dice.randint(1998, 2025), "exemplaires": dice.randint(1, 6)}
            for number, title in zip(numbers, titles, strict=True)
        ]
        text = json.dumps({"cdi": "Collège des Alizés", "livres": books}, ensure_ascii=False, indent=2)
        (folder / f"crcn-3.4-19{variant}.json").write_text(text + "\n", encoding="utf-8")
