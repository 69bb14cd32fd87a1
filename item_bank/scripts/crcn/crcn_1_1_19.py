"""The extension of the only service that lends wheelchairs, on a long page of numbers."""

import re
from pathlib import Path

SERVICES = (
    ("Accueil du bâtiment Nord", "Orientation des visiteurs, remise des badges du jour, plan du site."),
    ("Accueil du bâtiment Sud", "Orientation des visiteurs, vestiaire, remise des badges du jour."),
    ("Atelier de reliure", "Petites réparations des livres, couverture des manuels, conseil aux écoles."),
    ("Atelier de sérigraphie", "Impression d'affiches et de tissus, sur réservation, par groupes de douze."),
    ("Bibliothèque de l'éducation", "Prêt de livres et de mallettes, salle de lecture, recherches guidées."),
    ("Bureau des stages", "Conventions, lettres de mission, suivi des stagiaires."),
    ("Centre de ressources en langues", "Prêt d'enregistrements, jeux de conversation, échanges à distance."),
    ("Comptabilité", "Factures, remboursements de déplacement, régie de recettes."),
    ("Conciergerie", "Ouverture des salles hors horaires, objets trouvés, prêt de fauteuils roulants."),
    ("Coordination des examens", "Convocations, salles d'épreuve, aménagements des épreuves."),
    ("Direction", "Secrétariat, rendez-vous, courrier officiel."),
    ("Formation continue", "Catalogue, inscriptions, attestations de présence."),
    ("Infirmerie", "Premiers soins, trousse de secours des sorties, repos."),
    ("Informatique", "Comptes, imprimantes, connexion sans fil, matériel en panne."),
    ("Logistique", "Déménagements, tables et chaises des réunions, livraisons."),
    ("Matériel audiovisuel", "Prêt de micros, de caméras et d'enceintes, aide au montage."),
    ("Parc de véhicules", "Réservation des voitures et des vélos de service."),
    ("Reprographie", "Tirages en nombre, agrafage, plastification."),
    ("Restaurant", "Badge, menus, repas froids des sorties."),
    ("Ressources humaines", "Dossiers, congés, attestations d'emploi."),
    ("Sécurité", "Incendie, alarmes, plans d'évacuation, permis de feu."),
    ("Service social", "Écoute, aides, orientation des personnels."),
    ("Théâtre", "Réservation de la scène, régie, costumes."),
)
FIRST = {"": 4021, "-v2": 4057, "-v3": 4113}
"""The extension of the first service in each variant; the next ones follow by steps that grow."""


def key(files: list[Path]) -> float:
    """Searched by the word of the question, as the browser does."""
    page = files[0].read_text(encoding="utf-8")
    services = re.findall(r"<section>(.*?)</section>", page, re.DOTALL)
    found = [service for service in services if "fauteuil" in service.casefold()]
    numbers = [re.findall(r"Poste (\d{4})", service)[0] for service in services]
    assert len(found) == 1
    assert len(services) > 20
    assert len(set(numbers)) == len(numbers)
    return float(re.findall(r"Poste (\d{4})", found[0])[0])


def make(folder: Path) -> None:
    """The same services, with other extensions."""
    for variant, first in FIRST.items():
        parts = [
            f"<section>\n<h2>{name}</h2>\n<p>{text}</p>\n<p>Poste {first + 7 * n + n * n}</p>\n</section>"
            for n, (name, text) in enumerate(SERVICES)
        ]
        head = (
            '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<title>Annuaire des services</title>\n'
            "<style>body { font-family: sans-serif; max-width: 42rem; margin: 2rem auto; }</style>\n</head>\n<body>\n"
            "<h1>Maison de l'éducation : annuaire des services</h1>\n"
        )
        page = head + "\n".join(parts) + "\n</body>\n</html>\n"
        (folder / f"crcn-1.1-19{variant}.html").write_text(page, encoding="utf-8")
