"""How often a whole word stands in a document: not its plural, not inside another word."""

import random
import re
from pathlib import Path

from odfdo import Document, Header, Paragraph

COUNTS = {"": 23, "-v2": 18, "-v3": 27}
ONES = (
    "Chaque tablette est rangée dans sa housse.",
    "La tablette prêtée porte un numéro.",
    "Une tablette en panne se dépose à l'accueil.",
    "L'écran de la tablette se nettoie avec un chiffon sec.",
    "Avant le cours, on vérifie la charge de la tablette.",
)
OTHERS = (
    "Les tablettes restent dans l'établissement.",
    "Le téléphone personnel ne remplace pas l'appareil prêté.",
    "Les housses des tablettes sont lavables.",
    "Le chariot contient seize appareils et leurs câbles.",
    "Le personnel signale tout incident le jour même.",
    "Les mises à jour se font le mercredi après-midi.",
    "Deux tablettes de secours sont gardées au CDI.",
)
PARTS = ("Prêt", "Rangement", "Charge", "Entretien", "Usage en classe", "Pannes", "Assurance", "Fin d'année")


def key(files: list[Path]) -> float:
    """Counted in the text of the paragraphs, with the borders of words."""
    document = Document(files[0])
    text = "\n".join(p.inner_text for p in document.body.paragraphs)
    whole = re.findall(r"\btablette\b", text, re.IGNORECASE)
    assert len(re.findall("tablette", text, re.IGNORECASE)) > len(whole) + 5
    return float(len(whole))


def make(folder: Path) -> None:
    """Sentences with the word, in as many as the variant has, among sentences with its plural or without it."""
    for variant, count in COUNTS.items():
        rng = random.Random(f"crcn-3.1-20{variant}")
        sentences = [ONES[n % len(ONES)] for n in range(count)] + [OTHERS[n % len(OTHERS)] for n in range(45)]
        rng.shuffle(sentences)
        document = Document("text")
        document.body.clear()
        document.body.append(Header(1, "Règlement du prêt de matériel mobile"))
        share = -(-len(sentences) // len(PARTS))
        for n, part in enumerate(PARTS):
            document.body.append(Header(2, part))
            own = sentences[n * share : (n + 1) * share]
            for start in range(0, len(own), 3):
                document.body.append(Paragraph(" ".join(own[start : start + 3])))
        document.save(folder / f"crcn-3.1-20{variant}.odt")
