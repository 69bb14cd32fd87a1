"""From a refusal to an HTTP status and a French sentence that says what to do: the one table."""

from dataclasses import dataclass

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from engine.kernel import EngineError
from web import metrics
from web.db.database import StorageAway
from web.typography import spaced
from web.watch import REQUEST_ID

log = structlog.get_logger()

RETRY_AFTER = "5"
"""Seconds after which to ask again for what passes by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a refusal is told."""

    status: int
    sentence: str


REFUSALS: dict[str, Answer] = {
    # engine.items
    "malformed_reply": Answer(400, "Cette réponse n'a pas la forme attendue. Corrigez-la, puis validez de nouveau."),
    "empty_reply": Answer(400, "Il manque une réponse. Complétez-la, ou choisissez « Je passe »."),
    "same_place_twice": Answer(400, "Deux propositions ont la même place. Donnez une place différente à chacune."),
    "choice_used_twice": Answer(400, "Une proposition est associée deux fois. Chacune ne sert qu'une fois au plus."),
    "unknown_item": Answer(404, "Cette épreuve n'existe pas dans cette version de la banque."),
    "not_this_step": Answer(409, "Cette épreuve ne peut pas prendre ce statut. Choisissez-en un de la liste."),
    "own_item": Answer(403, "Vous êtes l'auteur de cette épreuve : une autre personne doit la valider."),
    "not_read_twice": Answer(
        409,
        "Aucune seconde lecture de cette version, sans la clé et en accord avec elle, n'est consignée. Faites-la relire.",
    ),
    "findings_open": Answer(
        409, "La seconde lecture a laissé un constat ouvert. Traitez-le et notez-le dans son journal, puis validez."
    ),
    "comments_open": Answer(409, "Des remarques sont ouvertes sur cette épreuve. Réglez-les, puis validez."),
    "decision_reason_missing": Answer(400, "Motivez votre décision en quelques mots, 2 000 caractères au plus."),
    "item_changed": Answer(
        409, "Le fichier de l'épreuve a changé depuis que vous l'avez lu. Relisez-la ci-dessous, puis décidez."
    ),
    "uncalibrated_items": Answer(409, "Cet étalonnage ne couvre pas toutes les questions validées de la banque."),
    "broken_release": Answer(500, "La version de la banque d'épreuves est endommagée. Prévenez l'administrateur."),
    "faulty_exchange_file": Answer(400, "Ce fichier de questions est fautif ou dangereux."),
    "unsupported_question": Answer(400, "Cette question ne peut pas être échangée avec un autre système."),
    "broken_targets": Answer(
        500, "Les objectifs de la banque de questions sont illisibles. Prévenez l'administrateur."
    ),
    # engine.adaptive
    "not_calibrated": Answer(
        409,
        "Cette version de la banque n'a pas assez de données pour ces règles ou cet usage. Prévenez l'administrateur.",
    ),
    "uncovered_competence": Answer(500, "La banque ne couvre pas toutes les compétences de ce parcours."),
    "no_forms": Answer(409, "Les formes fixes demandées par les règles n'ont pas été composées pour ce parcours."),
    "no_form": Answer(409, "La banque ne permet pas de composer les formes fixes demandées pour ce parcours."),
    "other_release": Answer(
        409, "Ces formes fixes ont été composées pour une autre version de la banque ou un autre parcours."
    ),
    "broken_forms": Answer(400, "Ce fichier de formes fixes est endommagé. Composez-le de nouveau."),
    # engine.calibration
    "not_estimable": Answer(409, "Ces réponses ne suffisent pas à estimer ce qui est demandé."),
    # engine.delivery
    "impossible_transition": Answer(409, "Cette action n'est plus possible : la situation a changé entre-temps."),
    "not_on_screen": Answer(409, "Cette question n'est plus à l'écran. Votre test continue à la question en cours."),
    "answer_conflict": Answer(409, "Une autre réponse a déjà été enregistrée pour cette question."),
    "not_authorised": Answer(403, "Votre surveillant doit d'abord autoriser votre entrée. Attendez son signal."),
    "other_device": Answer(
        403, "Votre test est ouvert sur un autre appareil. Appelez votre surveillant pour continuer ici."
    ),
    "item_blocked": Answer(
        409, "Cette question est bloquée : votre surveillant examine le problème que vous avez signalé."
    ),
    "no_alert": Answer(409, "Aucun signalement n'est en attente : il a déjà été traité."),
    "is_paused": Answer(409, "Votre test est en pause : le temps est arrêté. Attendez la reprise."),
    "session_state": Answer(409, "La session n'est pas dans l'état qui permet cette action."),
    "session_is_finalised": Answer(
        409, "La session est finalisée : son procès-verbal est signé. Adressez-vous au jury."
    ),
    "session_not_open": Answer(
        409, "La session n'est pas ouverte en ce moment. Attendez l'heure prévue ou prévenez le centre."
    ),
    # engine.proctoring
    "incident_refused": Answer(400, "Ce signalement ne peut pas être enregistré tel quel."),
    "incident_text_missing": Answer(400, "Précisez ce qui s'est passé : ce type d'incident demande un texte."),
    "incident_text_too_long": Answer(400, "Le texte dépasse 2 000 caractères. Raccourcissez-le."),
    "incident_in_future": Answer(400, "L'heure de l'incident est dans le futur. Corrigez-la."),
    "ruling_refused": Answer(400, "Cette décision ne peut pas être enregistrée."),
    "ruled_by_reporter": Answer(403, "Vous avez signalé cet incident : une autre personne du jury doit décider."),
    "already_ruled": Answer(409, "Une décision a été prise entre-temps. Relisez-la avant d'en prendre une nouvelle."),
    "nothing_to_neutralise": Answer(
        400, "Cochez au moins une question posée pour la neutraliser, ou choisissez une autre décision."
    ),
    "ruling_reason_missing": Answer(400, "Motivez votre décision en une phrase."),
    "hearing_missing": Answer(
        400, "Indiquez quand et comment la personne a été entendue, ou comment elle a pu l'être, avant de proposer."
    ),
    "confirmed_by_proposer": Answer(
        403, "Vous avez proposé ce rejet : une autre personne du jury doit le confirmer ou le refuser."
    ),
    "nothing_to_confirm": Answer(409, "Cette proposition n'attend plus de réponse. Relisez ce qui a été décidé."),
    # engine.scoring
    "bad_rules": Answer(500, "Le jeu de règles est inutilisable. Prévenez l'administrateur."),
    "still_running": Answer(409, "Le test n'est pas terminé : il n'a pas encore de résultat."),
    # web.db
    "storage_away": Answer(
        503,
        "Le service est momentanément indisponible. Ce qui était enregistré est conservé. Cette page se recharge "
        "toute seule ; sinon, attendez quelques secondes, puis recommencez.",
    ),
    "no_such_sitting": Answer(404, "Cette passation n'existe pas, ou vous n'y avez pas accès."),
    "no_such_session": Answer(404, "Cette session n'existe pas, ou vous n'y avez pas accès."),
    "no_audit_key": Answer(409, "Il n'y a pas de clé pour signer : créez-la avec palier audit key."),
    "audit_key_exists": Answer(409, "Il y a déjà une clé de signature."),
    "no_kept_heads": Answer(400, "Ce fichier ne contient pas de têtes de chaînes signées."),
    "no_roles": Answer(409, "Cette base de données ne connaît pas de rôles : utilisez PostgreSQL."),
    "no_such_role": Answer(404, "La base de données ne connaît pas ce rôle."),
    "no_such_incident": Answer(404, "Cet incident n'existe pas, ou vous n'y avez pas accès."),
    "no_such_tool": Answer(404, "Cet outil n'existe pas, ou vous n'y avez pas accès."),
    "control_repeated": Answer(409, "La même demande vient d'être enregistrée. Envoyez-la de nouveau pour la réponse."),
    "session_moved": Answer(409, "Quelqu'un d'autre a changé l'état de la session au même moment. Rechargez la page."),
    "superseded": Answer(
        409, "Quelqu'un d'autre a agi au même moment. Vérifiez l'état affiché, puis recommencez si besoin."
    ),
    "no_such_message": Answer(404, "Ce message n'existe pas, ou vous n'y avez pas accès."),
    # web.services
    "bad_ticket": Answer(403, "Ce lien vers les nouvelles de la session n'est plus valable. Rechargez la page."),
    "message_empty": Answer(400, "Écrivez d'abord votre message."),
    "message_too_long": Answer(400, "Ce message dépasse 500 caractères. Raccourcissez-le."),
    "help_pending": Answer(409, "Votre demande d'aide est déjà transmise : votre surveillant va vous répondre."),
    "unknown_need": Answer(400, "Choisissez les besoins dans la liste."),
    "needs_not_covered": Answer(
        409,
        "La banque n'a pas de quoi interroger ces candidats sur toutes les compétences, compte tenu de leurs besoins.",
    ),
    "alert_reason_missing": Answer(
        400, "Choisissez ce qui ne va pas ; pour « Autre problème », précisez en quelques mots."
    ),
    "simulated_release": Answer(
        500, "Cette version de la banque a des paramètres simulés : elle est interdite en production."
    ),
    "not_installed": Answer(
        500, "Ce fichier ou cette version de la banque n'est pas installé. Prévenez l'administrateur."
    ),
    "no_such_bank_item": Answer(
        404, "Cette épreuve n'est pas dans la banque, ou son fichier est illisible. Revenez à la liste."
    ),
    "no_such_thread": Answer(404, "Cette remarque n'existe pas sur cette épreuve. Rechargez la page."),
    "comment_missing": Answer(400, "Écrivez votre remarque, en 2 000 caractères au plus."),
    "decided_meanwhile": Answer(
        409, "Quelqu'un d'autre a décidé entre-temps. Lisez sa décision ci-dessous, puis décidez à votre tour."
    ),
    "no_such_release": Answer(404, "Cette version de la banque n'est pas installée ici. Revenez à la liste."),
    "other_page": Answer(
        409, "Votre test continue dans un autre onglet. Pour continuer ici, validez de nouveau ou rechargez cette page."
    ),
    "too_many_attempts": Answer(429, "Trop d'essais. Attendez dix minutes, ou demandez de l'aide à votre surveillant."),
    "wrong_credentials": Answer(401, "Identifiant ou mot de passe incorrect. Vérifiez-les, puis recommencez."),
    "wrong_second_factor": Answer(
        401,
        "Ce code n'est pas le bon, ou il a déjà servi. Attendez le code suivant dans l'application, puis recommencez.",
    ),
    "wrong_recovery_code": Answer(
        401,
        "Ce code de secours n'est pas le bon, ou il a déjà servi. Vérifiez-le, ou prenez-en un autre de votre liste.",
    ),
    "second_factor_present": Answer(409, "Une application est déjà associée à ce compte. Connectez-vous avec elle."),
    "second_factor_unreadable": Answer(
        409,
        "L'application associée à ce compte n'est plus reconnue. Demandez à l'administrateur du serveur de la dissocier.",
    ),
    "no_second_factor": Answer(
        409, "Aucune application n'est associée à ce compte. Connectez-vous pour en associer une."
    ),
    "no_such_account": Answer(404, "Ce compte n'existe pas."),
    "weak_password": Answer(400, "Ce mot de passe est trop court : il faut au moins 12 caractères."),
    "login_taken": Answer(409, "Cet identifiant est déjà pris. Choisissez-en un autre."),
    "already_enrolled": Answer(409, "Cette personne est déjà inscrite à cette session."),
    "session_full": Answer(409, "Cette session est complète : un surveillant à distance suit neuf candidats au plus."),
    "session_in_past": Answer(400, "Cette date est passée. Choisissez un jour et une heure à venir."),
    "session_is_fixed": Answer(409, "Cette session est terminée ou annulée : elle ne peut plus être modifiée."),
    "not_planned": Answer(409, "La session a déjà été ouverte, ou elle est annulée : sa date ne peut plus changer."),
    "cancellation_reason_missing": Answer(
        400, "Indiquez pourquoi : les candidats et le journal en garderont la trace."
    ),
    "enrolment_fixed": Answer(
        409, "Le test de cette personne a commencé ou n'est plus possible : son inscription ne peut plus changer."
    ),
    "let_in_already": Answer(
        409,
        "Le surveillant a déjà fait entrer cette personne. Annulez son inscription ici, puis inscrivez-la à l'autre session.",
    ),
    "already_in": Answer(409, "Ces personnes ont déjà donné leur code : elles n'en ont plus besoin. Décochez-les."),
    "no_fresh_codes": Answer(
        409, "Il n'y a plus de code à remettre : ils sont effacés après une heure. Créez-en de nouveaux si besoin."
    ),
    "not_a_sheet": Answer(
        400, "Ce fichier n'est pas un tableau lisible. Envoyez un CSV, un XLSX ou un ODS, ou partez de notre modèle."
    ),
    "sheet_encrypted": Answer(
        400, "Ce fichier est protégé par un mot de passe. Enlevez-le, puis envoyez de nouveau le fichier."
    ),
    "sheet_too_big": Answer(
        400,
        "Ce fichier dépasse 2 Mo, ou contient bien plus qu'une liste. Gardez seulement la liste, sans images ni autres feuilles.",
    ),
    "sheet_empty": Answer(400, "Ce fichier est vide. Vérifiez que c'est le bon, et qu'il a été enregistré."),
    "wrong_columns": Answer(
        400, "Les colonnes ne sont pas celles attendues. Partez de notre modèle, ou corrigez les titres."
    ),
    "too_many_lines": Answer(400, "Ce fichier a plus de 5 000 candidats. Partagez-le en plusieurs fichiers."),
    "no_candidates": Answer(
        400, "Ce fichier a les bons titres, mais personne en dessous. Remplissez-le, puis renvoyez-le."
    ),
    "no_such_upload": Answer(
        404,
        "Cette liste n'est plus là : elle est effacée après deux heures, ou remplacée. Envoyez de nouveau le fichier.",
    ),
    "roster_faulty": Answer(409, "Des lignes sont à corriger : personne n'a été inscrit."),
    "roster_moved": Answer(
        409, "Les inscriptions de la session ont changé entre-temps. Relisez ce qui serait fait, puis confirmez."
    ),
    "enrolment_closed": Answer(409, "La session est terminée : plus aucune inscription n'est possible."),
    "sittings_unfinished": Answer(
        409,
        "Des candidats attendent encore ou n'ont pas terminé. Faites-les entrer ou refusez-les, attendez ou arrêtez leur test, puis clôturez.",
    ),
    "still_missing": Answer(
        409, "Il manque encore des éléments au procès-verbal. Complétez-les dans la liste, puis finalisez."
    ),
    "wrong_code_given": Answer(
        409, "Ce code n'est plus celui du candidat. Créez-en un nouveau, puis téléchargez la convocation."
    ),
    "nobody_to_convoke": Answer(409, "Personne n'est inscrit à cette session : il n'y a pas de convocation à faire."),
    "unknown_proctor": Answer(400, "Choisissez des surveillants de votre centre."),
    "not_recognised": Answer(
        401,
        "Nous ne trouvons pas d'inscription avec ces informations. Vérifiez votre nom, votre prénom, votre date de "
        "naissance et le code de session, puis recommencez.",
    ),
    "wrong_code": Answer(
        401, "Ce n'est pas le bon code. Vérifiez-le sur votre convocation ou demandez-le à votre surveillant."
    ),
    "identity_not_checked": Answer(
        400, "Cochez « Identité vérifiée », ou notez que la pièce et le visage sont bons, avant d'autoriser l'entrée."
    ),
    "reason_needed": Answer(400, "Indiquez un motif."),
    "unknown_incident_kind": Answer(400, "Choisissez un type d'incident dans la liste."),
    "bad_grant": Answer(400, "Donnez entre 1 et 120 minutes."),
    "results_are_published": Answer(
        409, "Les résultats de cette session sont publiés : il est trop tard pour cette action."
    ),
    "still_withheld": Answer(
        409, "Des résultats attendent encore une décision du jury. Traitez ces incidents, puis publiez."
    ),
    "not_published_yet": Answer(409, "Cette session n'est pas publiée : il n'y a pas encore de résultat à rectifier."),
    "amended_meanwhile": Answer(409, "Quelqu'un d'autre vient de rectifier ce résultat. Relisez la version publiée."),
    "nothing_to_amend": Answer(409, "Le résultat publié dit déjà ce que le jury a décidé : rien n'est à rectifier."),
    "mixed_versions": Answer(409, "Ces sessions ont posé deux versions d'une même question : exportez-les séparément."),
    "backup_refused": Answer(400, "Cette sauvegarde ne peut pas être faite ainsi. Prévenez l'administrateur."),
    "backup_unreadable": Answer(400, "Ce fichier n'est pas une sauvegarde lisible avec cette clé."),
    "restore_not_empty": Answer(409, "La base de destination n'est pas vide : une restauration n'écrase jamais rien."),
    "database_tool_failed": Answer(
        500, "Un outil de la base de données manque ou a échoué. Prévenez l'administrateur."
    ),
    "bad_retention": Answer(500, "Les durées de conservation sont inutilisables. Prévenez l'administrateur."),
    "no_such_candidate": Answer(404, "Cette personne n'existe pas, ou ses données sont déjà effacées."),
    "sitting_pending": Answer(
        409,
        "Cette personne a une place dans une session qui n'est pas terminée : annulez-la ou attendez les résultats.",
    ),
    "result_pending": Answer(409, "Un résultat de cette personne n'est pas encore publié : attendez sa publication."),
    "under_appeal": Answer(409, "Un résultat de cette personne peut encore être contesté : attendez la fin du délai."),
    "erasure_reason_missing": Answer(400, "Indiquez pourquoi les données de cette personne sont effacées."),
    "not_published": Answer(409, "Les résultats de cette session ne sont pas encore publiés."),
    "problem_not_explained": Answer(
        400, "Une vérification pose problème : dites pourquoi la personne entre quand même, ou refusez l'entrée."
    ),
    "unknown_check": Answer(400, "Donnez un résultat à chaque ligne de la liste de vérifications."),
    "unknown_fault": Answer(400, "Choisissez ce qui ne va pas dans la question : défectueuse, ou non accessible."),
    "follow_up_empty": Answer(400, "Écrivez ce que vous voulez ajouter au signalement."),
    "ending_incomplete": Answer(400, "Donnez une cause et un motif pour chaque personne qui n'a pas terminé."),
    "unknown_fact": Answer(400, "Ce fait n'est pas de ceux qu'une page peut signaler."),
    "no_view": Answer(404, "Cette session n'a pas de vue à distance."),
    "bad_video_link": Answer(400, "Donnez une adresse complète qui commence par https://, ou laissez ce champ vide."),
    "malformed_signal": Answer(400, "Ce message entre navigateurs n'a pas la forme attendue. Rechargez la page."),
    "view_not_agreed": Answer(403, "Vous n'avez pas encore accepté la vue à distance."),
    "view_elsewhere": Answer(
        409,
        "Votre image arrive déjà d'un autre appareil ou d'un autre navigateur. Fermez là-bas la fenêtre de surveillance.",
    ),
    "no_such_peer": Answer(404, "Cette page n'existe pas, ou vous n'y avez pas accès."),
    "box_full": Answer(429, "Trop de messages attendent. Rechargez la page dans un instant."),
    "tool_name_refused": Answer(400, "Donnez à cet outil un nom lisible, de 100 caractères au plus."),
    "tool_keys_refused": Answer(400, "Ces clés ne conviennent pas : collez un JWK Set de clés publiques RSA ou EC."),
    "tool_name_taken": Answer(409, "Un outil en service de ce centre porte déjà ce nom. Choisissez-en un autre."),
    "token_missing": Answer(401, "Cette adresse est réservée aux outils connectés : il manque un jeton d'accès."),
    "token_refused": Answer(401, "Le jeton d'accès est inconnu, expiré ou révoqué. Demandez-en un nouveau."),
    "scope_missing": Answer(403, "Le jeton d'accès ne donne pas ce droit. Demandez-en un nouveau avec ce droit."),
    "bad_control": Answer(400, "Cette demande ne suit pas la spécification Proctoring Services 1.0. Corrigez-la."),
    "no_such_attempt": Answer(404, "Cette passation n'existe pas, ou cet outil n'y a pas accès."),
    "control_conflict": Answer(409, "Une autre demande porte déjà cette action à cette heure. Donnez une autre heure."),
    "not_entered": Answer(403, "Identifiez-vous pour accéder à votre test."),
    "not_permitted": Answer(403, "Votre compte ne donne pas accès à cette page."),
}

HTTP_SENTENCES: dict[int, str] = {
    400: "Cette demande n'est pas valable. Rechargez la page, puis recommencez.",
    403: "Vous n'avez pas accès à cette page.",
    404: "Cette page n'existe pas. Vérifiez l'adresse, ou revenez à l'accueil.",
    405: "Cette page ne s'ouvre pas de cette façon. Revenez à la page précédente.",
    413: "L'envoi est trop volumineux. Réduisez-le, puis recommencez.",
}


def sentence_of(error: EngineError) -> str:
    """What a person is told of a refusal."""
    return spaced(REFUSALS[error.code].sentence)


def sentence_with_names(error: EngineError) -> str:
    """The same, with the people whom the refusal names."""
    names = error.facts["names"]
    assert isinstance(names, list)
    return f"{sentence_of(error)} ({', '.join(names)})"


def init_app(app: Flask) -> None:
    """Tell every refusal, every HTTP error and every bug in French, without a stack trace."""

    @app.errorhandler(EngineError)
    def _refused(error: EngineError) -> Response:
        answer = REFUSALS[error.code]
        metrics.refused(error.code)
        if answer.status >= 500:
            log.error("refused", code=error.code, sentence=str(error), route=_route())
        if isinstance(error, StorageAway):
            return _soon(error)
        return _page(answer.status, spaced(answer.sentence), error.code)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        if isinstance(error, SecurityError):  # the name of another host: no page could say where it leads
            return Response(spaced(HTTP_SENTENCES[400]), status, mimetype="text/plain")
        page = _page(status, HTTP_SENTENCES.get(status, "Un problème est survenu. Recommencez dans un instant."))
        if isinstance(error, MethodNotAllowed):
            page.allow.update(error.valid_methods or ())  # RFC 9110, 15.5.6
        return page

    @app.errorhandler(Exception)
    def _bug(error: Exception) -> Response:
        reference = _reference()
        metrics.failed(error)
        log.exception("bug", route=_route(), reference=reference, exc_info=error)
        return _page(
            500,
            "Un problème est survenu de notre côté ; ce que vous aviez enregistré est conservé. Rechargez la page ; "
            f"si le problème revient, donnez la référence {reference} à votre surveillant ou au centre.",
        )


def _soon(away: StorageAway) -> Response:
    """What passes by itself: the page shows nothing that is stored, and comes back alone where it was only read."""
    g.storage_is_away = True
    answer = REFUSALS[away.code]
    page = _page(answer.status, spaced(answer.sentence), away.code, comfort=None)
    page.headers["Retry-After"] = RETRY_AFTER
    if request.method == "GET" and page.mimetype == "text/html":
        page.headers["Refresh"] = RETRY_AFTER
    return page


def _page(status: int, sentence: str, code: str = "", **known: object) -> Response:
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": sentence, "code": code}, status)
    try:
        html = render_template("error.html", sentence=sentence, status=status, reference=_reference(), **known)
    except StorageAway as away:  # what frames the page could not be looked up
        return _soon(away)
    return make_response(html, status)


def _reference() -> str:
    """The id of the request, under which the log has it."""
    return str(request.environ.get(REQUEST_ID, ""))


def _route() -> str:
    """The rule of the route: an address may hold ids."""
    return "none" if request.url_rule is None else request.url_rule.rule
