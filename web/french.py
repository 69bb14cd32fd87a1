"""What people read: French names of states, kinds and roles, dates and times in Paris."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

PARIS = ZoneInfo("Europe/Paris")

LEVELS = {"initie": "Initié", "confirme": "Confirmé", "avance": "Avancé", "expert": "Expert"}
FRAMEWORKS = {"crcn_edu": "CRCN-Édu", "crcn": "CRCN"}
TRACKS = {"first_degree": "1er degré", "second_degree": "2nd degré"}
MODES = {"on_site": "En présentiel", "remote": "À distance"}
NEEDS = {
    "colour": "Ne distingue pas les couleurs",
    "vision": "Ne voit pas l'écran (lecteur d'écran, braille)",
    "hearing": "N'entend pas le son",
    "pointer": "N'utilise pas de souris",
}
NEEDS_IN_FILES = {"colour": "couleurs", "vision": "vision", "hearing": "audition", "pointer": "souris"}
ENROLMENT = {
    "email": "courriel",
    "external_id": "identifiant externe",
    "track": "parcours",
    "target": "niveau visé",
    "extra_third": "tiers temps",
    "extra_minutes": "minutes supplémentaires",
    "needs": "besoins",
}
ROLES = {"manager": "Responsable de centre", "proctor": "Surveillant", "jury": "Jury", "admin": "Administrateur"}
SESSION_STATES = {
    "planned": "Prévue",
    "open": "Ouverte",
    "closed": "Clôturée",
    "published": "Résultats publiés",
    "cancelled": "Annulée",
}
SITTING_STATES = {
    "enrolled": "Inscrit",
    "checked_in": "Attend votre autorisation",
    "authorised": "Autorisé, saisit son code",
    "entered": "Prêt à commencer",
    "running": "En cours",
    "paused": "En pause",
    "submitted": "Terminé",
    "expired": "Temps écoulé",
    "terminated": "Arrêté",
    "refused": "Non admis",
    "absent": "Absent",
    "cancelled": "Inscription annulée",
}
ATTENTION = {
    "to_authorise": "À autoriser",
    "silent": "Sans nouvelles",
    "paused": "En pause",
    "time_is_up": "Temps écoulé",
    "authorised": "Autorisé",
    "running": "En cours",
    "expected": "Attendu",
    "over": "Terminé",
}
CATEGORIES = {
    "fraud": "Fraude",
    "behaviour": "Comportement",
    "environment": "Environnement",
    "identity": "Identité",
    "technical": "Technique",
    "item": "Épreuve",
    "organisation": "Organisation",
    "candidate": "Candidat",
    "other": "Autre",
}
DECISIONS = {
    "no_effect": "Sans effet sur le résultat",
    "neutralise": "Neutraliser des questions",
    "void": "Annuler la passation",
}
FLAGS = {
    "fragile": "Fragile : le niveau est accordé par la règle, mais il est peu probable qu'il soit acquis.",
    "reexamine": "À réexaminer : le niveau supérieur est très probable, mais la règle ne l'accorde pas.",
    "above_target": "Le niveau atteint dépasse le niveau visé : le jury confirme.",
}
FLAG_NAMES = {"fragile": "Fragile", "reexamine": "À réexaminer", "above_target": "Au-dessus du niveau visé"}
RULES = {
    "R1": "Seuils observés",
    "R2": "Double clé",
    "R3": "Probabilité du niveau",
    "R4": "Minima probables",
}
CAUSES = {
    "voided": "Passation annulée par le jury",
    "absent": "Absent",
    "refused": "Non admis à composer",
    "cancelled": "Inscription annulée",
}
STATUSES = {
    "acquired": "Acquis",
    "in_progress": "En voie d'acquisition",
    "to_work_on": "À travailler",
    "not_observed": "Peu observé",
}
HAPPENED = {
    "created": "Session créée",
    "enrolled": "Candidat inscrit",
    "code_renewed": "Nouveau code personnel remis",
    "imported": "Candidats inscrits par fichier",
    "enrolment_edited": "Inscription modifiée",
    "codes_renewed": "Nouveaux codes personnels créés",
    "codes_downloaded": "Codes personnels téléchargés",
    "moved_out": "Candidat envoyé dans une autre session",
    "moved_in": "Candidat venu d'une autre session",
    "edited": "Session modifiée",
    "rescheduled": "Session reportée",
    "session_cancelled": "Session annulée",
    "opened": "Session ouverte",
    "closed": "Session clôturée",
    "published": "Résultats publiés",
    "downloaded": "Fichier des résultats téléchargé",
    "checked_in": "Consignes lues, en attente",
    "authorised": "Identité vérifiée, entrée autorisée",
    "entered": "Entré avec le code personnel",
    "started": "Test commencé",
    "paused": "Mis en pause",
    "resumed": "Reprise",
    "time_granted": "Temps ajouté",
    "submitted": "Test terminé",
    "expired": "Temps écoulé",
    "terminated": "Test arrêté",
    "refused": "Entrée refusée",
    "absent": "Noté absent",
    "cancelled": "Inscription annulée",
    "alert_raised": "Problème signalé sur une question",
    "alert_refused": "Alerte refusée, la question continue",
    "alert_accepted": "Alerte acceptée, question remplacée",
    "quarantined": "Réponse hors délai, conservée pour le jury",
    "incident": "Incident signalé",
    "ruling_no_effect": "Décision du jury : sans effet",
    "ruling_neutralise": "Décision du jury : neutralisation",
    "ruling_void": "Décision du jury : passation annulée",
}
PROVENANCES = {
    "tags": "Niveaux annoncés, sans données",
    "simulated": "Paramètres simulés",
    "calibrated": "Calibrée sur des réponses",
}
STAGES = {0: "Sans données", 1: "Données partielles", 2: "Calibré"}
ALARMS = {
    "overexposed": "Trop donnée",
    "misfit": "Ne suit pas le modèle",
    "flat": "Discrimine à peine",
    "unsure": "Difficulté incertaine",
    "dif": "Avantage un groupe",
    "drift": "A dérivé",
}
KINDS = {
    "single_choice": "Une seule bonne réponse",
    "multiple_choice": "Plusieurs bonnes réponses",
    "short_text": "Réponse courte",
    "number": "Réponse chiffrée",
    "ordering": "Mise en ordre",
    "matching": "Association",
    "gaps": "Texte à compléter",
    "file_task": "Recherche dans un fichier",
}


def paris_day(value: datetime) -> date:
    """The day that it is in Paris at an instant."""
    return value.astimezone(PARIS).date()


def day(value: date | datetime | str) -> str:
    """A day in full.

    >>> day("2026-11-23")
    '23 novembre 2026'
    """
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = paris_day(value)
    return str(format_date(value, "d MMMM y", locale="fr"))


def moment(value: datetime) -> str:
    """A day and a time in Paris."""
    return str(format_datetime(value.astimezone(PARIS), "EEEE d MMMM y 'à' H 'h' mm", locale="fr"))


def hour(value: datetime) -> str:
    """A time in Paris, to the second."""
    return str(format_time(value.astimezone(PARIS), "HH:mm:ss", locale="fr"))


def duration(value: timedelta) -> str:
    """Hours and minutes, rounded up: nobody is told less than they have.

    >>> duration(timedelta(hours=2, minutes=30)), duration(timedelta(seconds=61)), duration(timedelta(0))
    ('2 h 30', '2 min', '0 min')
    """
    minutes = -(-int(value.total_seconds()) // 60)
    hours, rest = divmod(max(0, minutes), 60)
    return f"{hours} h {rest:02d}" if hours else f"{rest} min"


def decimal(value: float, places: int = 2) -> str:
    """A number as it is read.

    >>> decimal(-0.456), decimal(1.25, 1), decimal(0.0)
    ('−0,46', '1,3', '0,00')
    """
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded}".replace("-", "−").replace(".", ",")


def percent(value: float) -> str:
    """A percentage as it is read, to a tenth where it has one.

    >>> percent(56.25), percent(81.25), percent(50.0)
    ('56,3 %', '81,3 %', '50 %')
    """
    text = f"{Decimal(repr(value)).quantize(Decimal('0.1'), ROUND_HALF_UP)}".removesuffix(".0").replace(".", ",")
    return f"{text} %"
