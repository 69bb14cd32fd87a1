"""How many treatments of a register hold health data and give no time of keeping."""

import csv
import random
from pathlib import Path

NOT_GIVEN = {"", "à préciser"}


def key(files: list[Path]) -> float:
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    health = [r for r in rows if "santé" in r["Catégories de données"].split(" + ")]
    found = sum(r["Durée de conservation"] in NOT_GIVEN for r in health)
    only_empty = sum(r["Durée de conservation"] == "" for r in health)
    word_anywhere = sum("santé" in ";".join(r.values()) and r["Durée de conservation"] in NOT_GIVEN for r in rows)
    any_data = sum(r["Durée de conservation"] in NOT_GIVEN for r in rows)
    assert found not in (only_empty, word_anywhere, any_data, len(health))
    return float(found)


HEALTH = [
    ("Projets d'accueil individualisé", "Adapter l'accueil d'élèves malades", "identité + santé"),
    ("Passages à l'infirmerie", "Garder la trace des soins", "identité + classe + santé"),
    ("Régimes de la cantine", "Servir des repas adaptés", "identité + classe + santé"),
    ("Fiches d'urgence", "Prévenir les secours et les familles", "identité + coordonnées + santé"),
    ("Dispenses de sport", "Organiser les séances", "identité + classe + santé"),
    ("Aménagements d'examen", "Prévoir temps et salles", "identité + notes + santé"),
    ("Séjour en montagne", "Encadrer le séjour", "identité + coordonnées + santé + autorisation"),
    ("Accidents scolaires", "Déclarer les accidents", "identité + coordonnées + santé"),
    ("Suivi par les AESH", "Organiser l'accompagnement", "identité + emploi du temps + santé"),
]
DECOYS = [
    ("Atelier santé et sommeil", "Inscrire les élèves volontaires", "identité + classe"),
    ("Concours d'affiches", "Prévention : la santé des dents", "identité + classe + image"),
    ("Semaine du bien-être", "Éducation à la santé", "identité + classe"),
]
OTHERS = [
    ("Annuaire des personnels", "Joindre les personnels", "identité + coordonnées"),
    ("Prêts du CDI", "Suivre les prêts", "identité + classe + emprunts"),
    ("Photos de classe", "Remettre les photos aux familles", "identité + classe + image"),
    ("Inscriptions à l'étude", "Organiser l'étude", "identité + classe + coordonnées"),
    ("Réservation des salles", "Éviter les doublons", "identité + emploi du temps"),
    ("Conseil de vie collégienne", "Organiser l'élection", "identité + classe + vote"),
    ("Clés et badges", "Suivre les remises", "identité + matériel"),
    ("Prêt de tablettes", "Suivre le matériel", "identité + classe + matériel"),
    ("Association sportive", "Gérer les licences", "identité + coordonnées + autorisation"),
    ("Échange avec Turin", "Trouver des correspondants", "identité + langues + coordonnées"),
    ("Journal du collège", "Publier les articles", "identité + image"),
    ("Enquête sur les transports", "Adapter les horaires", "commune + trajet"),
    ("Évaluations en ligne", "Suivre les acquis", "identité + classe + notes"),
    ("Stages de 3e", "Suivre les conventions", "identité + coordonnées + entreprise"),
]


def make(folder: Path) -> None:
    for name, of_health, empty in (
        ("edu-1.4-19.csv", 5, 3), ("edu-1.4-19-v2.csv", 4, 2), ("edu-1.4-19-v3.csv", 6, 4)
    ):  # fmt: skip
        chance = random.Random(name)
        rows = []
        for treatments, missing, blank in ((HEALTH, of_health, empty), (DECOYS, 2, 1), (OTHERS, 5, 3)):
            times = [""] * blank + ["à préciser"] * (missing - blank)
            given = ["année scolaire", "1 an", "2 ans", "jusqu'au départ de l'élève", "5 ans"]
            times += [chance.choice(given) for _ in range(len(treatments) - missing)]
            chance.shuffle(times)
            rows += [(*t, time) for t, time in zip(treatments, times, strict=True)]
        chance.shuffle(rows)
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as out:
            table = csv.writer(out, delimiter=";")
            table.writerow(["N°", "Traitement", "But", "Catégories de données", "Durée de conservation"])
            table.writerows((n, *row) for n, row in enumerate(rows, 1))
