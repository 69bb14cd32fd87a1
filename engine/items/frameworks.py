"""CRCN-Édu and CRCN: domains, competences, levels (jury report, section 2 and annexe 1; CRCN, national framework)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Framework(StrEnum):
    """A reference framework; the sitting goes through them in this order."""

    CRCN_EDU = "crcn_edu"
    CRCN = "crcn"


class Track(StrEnum):
    """The candidate's path: first degree (primary) or second degree (secondary)."""

    FIRST_DEGREE = "first_degree"
    SECOND_DEGREE = "second_degree"


class Level(IntEnum):
    """The four levels of mastery, in order."""

    INITIE = 0
    CONFIRME = 1
    AVANCE = 2
    EXPERT = 3

    @property
    def slug(self) -> str:
        """The name used in files: initie, confirme, avance, expert."""
        return self.name.lower()


CRCN_TAGS = range(1, 9)
"""The eight levels of the CRCN that an item can be tagged with."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of a framework, numbered 1 to 5."""

    framework: Framework
    number: int
    title: str

    @property
    def key(self) -> str:
        """A name unique over both frameworks, such as `crcn_edu/3`."""
        return f"{self.framework}/{self.number}"


@dataclass(frozen=True, slots=True)
class Competence:
    """A competence, coded `1.1` to `5.2` inside its framework."""

    framework: Framework
    code: str
    title: str

    @property
    def domain(self) -> int:
        """The number of its domain."""
        return int(self.code.split(".", maxsplit=1)[0])


_TITLES: dict[Framework, dict[str, str]] = {
    Framework.CRCN_EDU: {
        "1": "Environnement professionnel",
        "1.1": "Communiquer",
        "1.2": "Collaborer",
        "1.3": "Se former, développer une veille",
        "1.4": "Agir en faveur d'un numérique professionnel sûr et responsable",
        "1.5": "Adopter une posture ouverte, critique et réflexive",
        "2": "Ressources numériques",
        "2.1": "Sélectionner des ressources",
        "2.2": "Concevoir des ressources",
        "2.3": "Gérer des ressources",
        "3": "Enseignement-apprentissage",
        "3.1": "Concevoir",
        "3.2": "Mettre en œuvre",
        "3.3": "Évaluer au service des apprentissages",
        "4": "Diversité et autonomie des apprenants",
        "4.1": "Inclure et rendre accessible",
        "4.2": "Différencier",
        "4.3": "Engager les apprenants",
        "5": "Compétences numériques des apprenants",
        "5.1": "Développer les compétences numériques des apprenants",
        "5.2": "Évaluer et certifier",
    },
    Framework.CRCN: {
        "1": "Informations et données",
        "1.1": "Mener une recherche et une veille d'information",
        "1.2": "Gérer des données",
        "1.3": "Traiter des données",
        "2": "Communication et collaboration",
        "2.1": "Interagir",
        "2.2": "Partager et publier",
        "2.3": "Collaborer",
        "2.4": "S'insérer dans le monde numérique",
        "3": "Création de contenus",
        "3.1": "Développer des documents textuels",
        "3.2": "Développer des documents multimédia",
        "3.3": "Adapter les documents à leur finalité",
        "3.4": "Programmer",
        "4": "Protection et sécurité",
        "4.1": "Sécuriser l'environnement numérique",
        "4.2": "Protéger les données personnelles et la vie privée",
        "4.3": "Protéger la santé, le bien-être et l'environnement",
        "5": "Environnement numérique",
        "5.1": "Résoudre des problèmes techniques",
        "5.2": "Évoluer dans un environnement numérique",
    },
}

DOMAINS: tuple[Domain, ...] = tuple(
    Domain(f, int(code), title) for f in Framework for code, title in _TITLES[f].items() if "." not in code
)
"""The ten domains, CRCN-Édu first: the order of every array of domains."""

COMPETENCES: tuple[Competence, ...] = tuple(
    Competence(f, code, title) for f in Framework for code, title in _TITLES[f].items() if "." in code
)
"""The thirty-two competences, CRCN-Édu first: the order of every array of competences."""

COMPETENCE_INDEX: dict[tuple[Framework, str], int] = {(c.framework, c.code): i for i, c in enumerate(COMPETENCES)}
DOMAIN_INDEX: dict[tuple[Framework, int], int] = {(d.framework, d.number): i for i, d in enumerate(DOMAINS)}


def competences_of(framework: Framework) -> tuple[Competence, ...]:
    """The sixteen competences of a framework, in order."""
    return tuple(c for c in COMPETENCES if c.framework is framework)


def domains_of(framework: Framework) -> tuple[Domain, ...]:
    """The five domains of a framework, in order."""
    return tuple(d for d in DOMAINS if d.framework is framework)
