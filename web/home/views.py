"""The front door."""

import re
import secrets
from datetime import timedelta
from typing import cast

import structlog
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from engine.kernel import EngineError
from web.access import Permission, User, actor, asks_second_factor, house, needs
from web.config import Settings
from web.db.people import Person, Role
from web.errors import REFUSALS, sentence_of
from web.forms import Form, required
from web.home import known
from web.now import now
from web.services import accounts, demo, second_factor
from web.services.throttle import TooManyAttempts

log = structlog.get_logger()
blueprint = Blueprint("home", __name__, template_folder="templates")

SEATS = {
    Role.MANAGER: "centre.sessions",
    Role.PROCTOR: "proctor.sessions",
    Role.JURY: "jury.sessions",
    Role.ADMIN: "admin.releases",
}
HALFWAY_LASTS = timedelta(minutes=10)
"""Between the password and the second factor; an app that must be installed first fits in."""


class LoginForm(Form):
    """Login and password."""

    login = StringField(
        "Identifiant",
        [required("Indiquez votre identifiant.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Mot de passe", [required("Indiquez votre mot de passe.")], render_kw={"autocomplete": "current-password"}
    )


@blueprint.get("/")
@needs(Permission.PUBLIC)
def index() -> str:
    """Which seat is yours."""
    return render_template("home/index.html")


@blueprint.route("/connexion", methods=["GET", "POST"])
@needs(Permission.PUBLIC)
def login() -> Response | str | tuple[str, int]:
    """Log in with a password, and be sent on to the second factor where one is asked for."""
    if current_user.is_authenticated:
        return redirect(url_for(SEATS[actor().role]), 303)
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("home/login.html", form=form), 400 if form.errors else 200
    given = form.login.data or ""
    try:
        person = accounts.log_in(
            house(),
            given,
            form.password.data or "",
            request.remote_addr or "",
            now(),
            known.browser(),
        )
        _refuse_what_everybody_knows(form.password.data or "")
    except (accounts.WrongCredentials, TooManyAttempts) as refusal:
        log.warning("login_refused", code=refusal.code)
        return _login_again(form, refusal)
    target = _safe(request.args.get("next")) or ""
    if not asks_second_factor(person):
        let_in(person)
        return known.remember(redirect(target or url_for(SEATS[person.role]), 303), person)
    session.permanent = True
    session["halfway"] = {"person": person.id, "until": (now() + HALFWAY_LASTS).isoformat(), "next": target}
    enrolled = second_factor.of(house().db, person) is not None
    return redirect(url_for("home.code" if enrolled else "home.enrol"), 303)


@blueprint.post("/deconnexion")
@needs(Permission.STAFF)
def logout() -> Response:
    """Log out."""
    accounts.log_out(house().db, session.get("login", ""), now())
    logout_user()
    for gone in ("csrf_token", "login", "second_factor", "proved_at", "new_app"):
        session.pop(gone, None)
    return redirect(url_for("home.index"), 303)


def let_in(person: Person) -> None:
    """Somebody has proved all that they are asked for."""
    session.pop("csrf_token", None)  # a token that somebody else may have seen ends here
    session.pop("halfway", None)
    session.permanent = True
    session["login"] = secrets.token_urlsafe(16)
    login_user(User(person))
    log.info("logged_in", account=person.id)


def _refuse_what_everybody_knows(password: str) -> None:
    """An account that a demo left behind opens nothing where it counts."""
    if cast(Settings, current_app.extensions["palier.settings"]).is_production and password == demo.PASSWORD:
        raise accounts.WrongCredentials("The password of the demo is refused in production.")


def _login_again(form: LoginForm, refusal: EngineError) -> tuple[str, int]:
    return render_template("home/login.html", form=form, problem=sentence_of(refusal)), REFUSALS[refusal.code].status


def _safe(target: str | None) -> str | None:
    """A path of this site, or nothing: a login never leads elsewhere."""
    # Browsers drop tabs and line ends from an address, and take a backslash for a slash.
    return target if target and re.fullmatch(r"/(?!/)[^\\\x00-\x1f\x7f]*", target) else None
