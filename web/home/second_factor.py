"""After the password: the code of the app, a recovery code, and associating an app for the first time."""

from typing import cast

import segno
import structlog
from flask import flash, redirect, render_template, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import StringField

from engine.kernel import EngineError
from web.access import Permission, halfway, house, needs
from web.db.people import Person
from web.db.second_factors import SecondFactorPresent
from web.errors import REFUSALS, sentence_of
from web.forms import Form, required
from web.home import known
from web.home.views import SEATS, blueprint, let_in
from web.now import now
from web.services import second_factor

log = structlog.get_logger()


class CodeForm(Form):
    """Six digits of the app."""

    code = StringField(
        "Code de l'application",
        [required("Indiquez les six chiffres affichés par l'application.")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "12", "spellcheck": "false"},
    )


class RecoveryForm(Form):
    """A recovery code."""

    code = StringField(
        "Code de secours",
        [required("Indiquez un code de secours de votre liste.")],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "maxlength": "40", "spellcheck": "false"},
    )


@blueprint.route("/connexion/code", methods=["GET", "POST"])
@needs(Permission.HALFWAY)
def code() -> Response | tuple[str, int]:
    """The code of the app."""
    person = _person()
    if second_factor.of(house().db, person) is None:
        return redirect(url_for("home.enrol"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("home/code.html", form=form), 400 if form.errors else 200
    try:
        proof = second_factor.prove_by_code(house(), person, form.code.data or "", _guesser(person), now())
    except EngineError as refusal:
        return _again("home/code.html", form, refusal)
    return _in(person, proof.factor)


@blueprint.route("/connexion/code-de-secours", methods=["GET", "POST"])
@needs(Permission.HALFWAY)
def recovery_code() -> Response | tuple[str, int]:
    """A recovery code, for the day that the app is lost."""
    person = _person()
    form = RecoveryForm()
    if not form.validate_on_submit():
        return render_template("home/recovery_code.html", form=form), 400 if form.errors else 200
    try:
        proof = second_factor.prove_by_recovery_code(house(), person, form.code.data or "", _guesser(person), now())
    except EngineError as refusal:
        return _again("home/recovery_code.html", form, refusal)
    session["halfway"] = {**session["halfway"], "next": url_for("home.security")}
    flash("Code de secours accepté. Si votre téléphone est perdu, associez ici une autre application.")
    return _in(person, proof.factor)


@blueprint.route("/connexion/application", methods=["GET", "POST"])
@needs(Permission.HALFWAY)
def enrol() -> Response | str | tuple[str, int]:
    """Associate an app, at the first login."""
    person = _person()
    if second_factor.of(house().db, person) is not None:
        return redirect(url_for("home.code"), 303)
    half = session["halfway"]
    if "new_app" not in half:
        # Kept in this browser, enciphered: whoever else knows the password is shown another secret.
        session["halfway"] = half = {**half, "new_app": second_factor.new_secret(house())}
    form = CodeForm()
    sealed = half["new_app"]
    if not form.validate_on_submit():
        return app_page(person, sealed, form), 400 if form.errors else 200
    try:
        enrolled = second_factor.enrol(house(), person, sealed, form.code.data or "", now())
    except SecondFactorPresent as refusal:
        flash(sentence_of(refusal), "problem")
        return redirect(url_for("home.code"), 303)
    except EngineError as refusal:
        return app_page(person, sealed, form, sentence_of(refusal)), REFUSALS[refusal.code].status
    onward = _in(person, enrolled.factor)
    page = Response(codes_page(enrolled.recovery_codes, onward.headers["Location"]), mimetype="text/html")
    return known.remember(page, person)


def app_page(person: Person, sealed: str, form: CodeForm, problem: str | None = None) -> str:
    """The secret for an app, as a QR code and in letters, and the field for its first code."""
    secret = second_factor.opened(house(), sealed)
    drawn = segno.make_qr(second_factor.address_for_app(house(), sealed, person), error="m")
    picture = drawn.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
    return render_template(
        "home/app.html",
        form=form,
        problem=problem,
        picture=Markup(picture),  # drawn here, from numbers
        groups=[secret[n : n + 4] for n in range(0, len(secret), 4)],
    )


def codes_page(codes: tuple[str, ...], onward: str) -> str:
    """The recovery codes, shown once."""
    return render_template("home/recovery_codes.html", codes=codes, onward=onward)


def mark_proved(factor: str) -> None:
    """This session was opened with a second factor, just now."""
    session["second_factor"] = factor
    session["proved_at"] = now().isoformat()


def _person() -> Person:
    return cast(Person, halfway())  # Permission.HALFWAY let nobody else in


def _guesser(person: Person) -> str:
    """Who is counted for a wrong code: this browser where it is known for the person, all others together."""
    here = known.browser()
    return here.name if here is not None and here.person == person.id else ""


def _in(person: Person, factor: str) -> Response:
    target = session.pop("halfway")["next"] or url_for(SEATS[person.role])
    mark_proved(factor)
    let_in(person)
    return known.remember(redirect(target, 303), person)


def _again(template: str, form: Form, refusal: EngineError) -> tuple[str, int]:
    log.warning("second_factor_refused", code=refusal.code)
    return render_template(template, form=form, problem=sentence_of(refusal)), REFUSALS[refusal.code].status
