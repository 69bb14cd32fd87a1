"""What people read: French names of states, kinds and roles, dates and times in Paris."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from web.birth_dates import ERASED_BIRTH

PARIS = ZoneInfo("Europe/Paris")

LEVELS = {"initie": "Initié", "confirme": "Confirmé", "avance": "Avancé", "expert": "Expert"}
FRAMEWORKS = {"crcn_edu": "CRCN-Édu", "crcn": "CRCN"}
TRACKS = {"first_degree": "1er degré", "second_degree": "2nd degré"}
MODES = {"on_site": "En présentiel", "remote": "À distance"}
NEEDS = {
    "colour": "Ne distingue pas les couleurs",
    "sight": "Ne voit pas l'écran (lecteur d'écran, braille)",
    "hearing": "N'entend pas le son",
    "pointer": "N'utilise pas de souris",
}
NEEDS_IN_FILES = {"colour": "couleurs", "sight": "vision", "hearing": "audition", "pointer": "souris"}
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
    "finalised": "Finalisée",
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
    "alert": "Problème signalé",
    "silent": "Sans nouvelles",
    "unstable": "Connexion instable",
    "help": "Demande de l'aide",
    "to_authorise": "À autoriser",
    "time_is_up": "Temps écoulé",
    "paused": "En pause",
    "flagged": "En cours",
    "running": "En cours",
    "authorised": "Autorisé",
    "expected": "Attendu",
    "over": "Terminé",
}
ALERT_REASONS = {
    "file": "Une image ou un fichier ne s'ouvre pas.",
    "unreadable": "Le texte ou une image est illisible.",
    "access": "La question ne peut pas être utilisée avec mon matériel d'assistance.",
    "other": "Autre problème :",
}
CHECK_LINES = {
    "identity": "Identité : pièce officielle, visage, date de naissance",
    "place": "Place et poste",
    "document": "Pièce d'identité montrée en direct",
    "face": "Visage comparé à la pièce",
    "room": "Pièce : seul, table dégagée",
    "second_screen": "Second écran débranché",
    "phone": "Téléphone hors de portée",
    "camera": "Caméra",
    "microphone": "Micro",
    "screen_sharing": "Partage d'écran",
    "network": "Réseau",
}
CHECK_RESULTS = {"ok": "Bon", "problem": "Problème", "not_applicable": "Sans objet"}
VIEWS = {"all": "Tous", "needs": "À traiter", "running": "En cours", "over": "Terminés"}
FACTS = {
    "page_left": "Page quittée",
    "page_back": "Page revenue au premier plan",
    "camera_lost": "Caméra coupée",
    "camera_back": "Caméra revenue",
    "microphone_lost": "Micro coupé",
    "microphone_back": "Micro revenu",
    "screen_lost": "Partage d'écran arrêté",
    "screen_back": "Partage d'écran repris",
    "view_lost": "Fenêtre de surveillance fermée",
    "view_back": "Fenêtre de surveillance rouverte",
}
VIEW_STANDINGS = {
    "undecided": "Pas encore d'accord",
    "declined": "Vue refusée",
    "closed": "Fenêtre fermée",
    "live": "En direct",
    "over": "Terminé",
}
VIEW_TROUBLES = {
    "camera": "Caméra coupée",
    "screen": "Partage d'écran arrêté",
    "partial_screen": "Écran partagé en partie",
    "microphone": "Micro coupé",
}
DEMANDS = {
    "sight": "Voir une image ou une mise en page",
    "colour": "Distinguer des couleurs",
    "hearing": "Entendre un son",
    "pointer": "Utiliser une souris ou un écran tactile",
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
    "new_session": "Rendre le temps perdu : nouvelle session",
    "void": "Annuler la passation",
    "fraud": "Rejeter pour fraude",
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
    "fraud": "Passation rejetée pour fraude",
    "voided": "Passation annulée par le jury",
    "new_session": "Nouvelle session accordée par le jury, sans frais",
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
    "finalised": "Session finalisée",
    "published": "Résultats publiés",
    "downloaded": "Document téléchargé",
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
    "reinstated": "Inscription rétablie",
    "alert_raised": "Problème signalé sur une question",
    "alert_refused": "Alerte refusée, la question continue",
    "alert_accepted": "Alerte acceptée, question remplacée",
    "quarantined": "Réponse hors délai, conservée pour le jury",
    "incident": "Incident signalé",
    "follow_up": "Ajout à un signalement",
    "checked": "Vérifications d'entrée",
    "ruling_no_effect": "Décision du jury : sans effet",
    "ruling_neutralise": "Décision du jury : neutralisation",
    "ruling_new_session": "Décision du jury : nouvelle session",
    "ruling_void": "Décision du jury : passation annulée",
    "ruling_fraud": "Fraude proposée, à confirmer par une autre personne du jury",
    "ruling_confirmed": "Fraude confirmée par une deuxième personne du jury",
    "ruling_refused": "Fraude non confirmée : l'incident est rouvert",
    "amended": "Résultat rectifié publié",
}
PAPERS = {
    "results": "Résultats",
    "convocations": "Convocations",
    "convocation": "Convocation",
    "attendance": "Feuille d'émargement",
    "minutes": "Procès-verbal",
}
CHECK_NAMES = {
    "identity": "identité",
    "place": "place et poste",
    "document": "pièce d'identité",
    "face": "visage",
    "room": "pièce",
    "second_screen": "second écran",
    "phone": "téléphone",
    "camera": "caméra",
    "microphone": "micro",
    "screen_sharing": "partage d'écran",
    "network": "réseau",
}
LACKS = {
    "unfinished": "Tests non terminés",
    "open_alert": "Problèmes signalés en attente de réponse",
    "absent": "Absences à confirmer",
    "no_proctor": "Surveillance",
    "text_missing": "Incidents à préciser",
    "reason_missing": "Motifs manquants",
    "check_failed": "Vérifications d'entrée à expliquer",
    "help_unanswered": "Demandes d'aide restées sans réponse",
    "not_come": "Candidats qui ne se sont pas présentés",
    "alert_unsettled": "Problèmes signalés, test arrêté avant la réponse",
    "without_words": "Incidents sans précision",
    "silent_at_end": "Sans nouvelles à la fin du temps",
    "quarantined": "Réponses arrivées hors délai",
}
EXPLAINED = {
    "absent": "Absence",
    "no_proctor": "Surveillance",
    "text_missing": "Incident",
    "reason_missing": "Motif",
    "check_failed": "Vérification d'entrée",
    "help_unanswered": "Demande d'aide",
}
LACK_HINTS = {
    "unfinished": "Attendez la fin de ces tests, ou arrêtez-les en indiquant la cause et le motif.",
    "open_alert": "La question est bloquée et le temps arrêté : répondez au candidat depuis la console.",
    "absent": "Cochez pour confirmer que la personne ne s'est pas présentée.",
    "no_proctor": "Aucun surveillant n'est désigné : indiquez qui a surveillé la session.",
    "text_missing": "Ce type d'incident ne dit rien sans un texte : écrivez ce qui s'est passé.",
    "reason_missing": "Indiquez pourquoi.",
    "check_failed": "Une vérification n'était pas satisfaisante : dites ce qui a été décidé.",
    "help_unanswered": "Dites ce qui a été fait.",
    "not_come": "Notés absents à la clôture.",
    "alert_unsettled": "La question concernée reste dans le test : signalez un incident si le jury doit en décider.",
    "without_words": "Le jury n'aura que l'intitulé : vous pouvez encore ajouter une précision depuis la console.",
    "silent_at_end": "Leur page ne répondait plus : signalez un incident technique si le jury doit en décider.",
    "quarantined": "Conservées pour le jury, elles ne comptent pas.",
}
CONTROLS = {
    "pause": "L'outil {tool} demande une pause.",
    "resume": "L'outil {tool} demande la reprise.",
    "terminate": "L'outil {tool} demande d'arrêter le test.",
    "propose": "L'outil {tool} propose d'arrêter le test.",
    "update": "L'outil {tool} demande du temps supplémentaire.",
    "flag": "Signalé par l'outil {tool}.",
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
ITEM_STATUSES = {"draft": "Brouillon", "pretest": "En prétest", "approved": "Validée", "retired": "Retirée"}
ITEM_DECISIONS = {
    "draft": "Remettre en brouillon",
    "pretest": "Mettre en prétest",
    "approved": "Valider",
    "retired": "Retirer",
}
STANDINGS = {
    "waiting": "En attente d'écriture dans le fichier",
    "applied": "Écrite dans le fichier",
    "lapsed": "Caduque : le fichier a changé entre-temps",
    "withdrawn": "Décision reprise",
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
    if value == ERASED_BIRTH:
        return "[effacé]"
    return str(format_date(value, "d MMMM y", locale="fr"))


def moment(value: datetime) -> str:
    """A day and a time in Paris."""
    return str(format_datetime(value.astimezone(PARIS), "EEEE d MMMM y 'à' H 'h' mm", locale="fr"))


def hour(value: datetime) -> str:
    """A time in Paris, to the second."""
    return str(format_time(value.astimezone(PARIS), "HH:mm:ss", locale="fr"))


def clock(value: datetime) -> str:
    """A time in Paris as it is said.

    >>> from datetime import UTC
    >>> clock(datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
    '9 h 05'
    """
    return str(format_time(value.astimezone(PARIS), "H 'h' mm", locale="fr"))


def duration(value: timedelta) -> str:
    """Hours and minutes, rounded up: nobody is told less than they have.

    >>> duration(timedelta(hours=2, minutes=30)), duration(timedelta(seconds=61)), duration(timedelta(0))
    ('2 h 30', '2 min', '0 min')
    """
    minutes = -(-int(value.total_seconds()) // 60)
    hours, rest = divmod(max(0, minutes), 60)
    return f"{hours} h {rest:02d}" if hours else f"{rest} min"


def span(value: timedelta) -> str:
    """Minutes and seconds, as they were.

    >>> span(timedelta(seconds=7)), span(timedelta(seconds=190)), span(timedelta(minutes=75)), span(timedelta(0))
    ('7 s', '3 min 10 s', '75 min', '0 s')
    """
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    parts = ([f"{minutes} min"] if minutes else []) + ([f"{seconds} s"] if seconds or not minutes else [])
    return " ".join(parts)


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
