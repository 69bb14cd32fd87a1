"""The front door."""

import re

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from engine.kernel import EngineError
from web.access import Permission, User, actor, house, needs
from web.db.people import Role
from web.errors import REFUSALS, sentence_of
from web.forms import Form, required
from web.home import known
from web.now import now
from web.services import accounts
from web.services.throttle import TooManyAttempts

blueprint = Blueprint("home", __name__, template_folder="templates")

SEATS = {
    Role.MANAGER: "centre.sessions",
    Role.PROCTOR: "proctor.sessions",
    Role.JURY: "jury.sessions",
    Role.ADMIN: "admin.releases",
}


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
    """Log in with a password."""
    if current_user.is_authenticated:
        return redirect(url_for(SEATS[actor().role]), 303)
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("home/login.html", form=form), 400 if form.errors else 200
    try:
        person = accounts.log_in(
            house(),
            form.login.data or "",
            form.password.data or "",
            request.remote_addr or "",
            now(),
            known.browser(),
        )
    except (accounts.WrongCredentials, TooManyAttempts) as refusal:
        return _login_again(form, refusal)
    session.pop("csrf_token", None)  # a token that somebody else may have seen ends here
    session.permanent = True
    login_user(User(person))
    onwards = redirect(_safe(request.args.get("next")) or url_for(SEATS[person.role]), 303)
    return known.remember(onwards, person)


@blueprint.post("/deconnexion")
@needs(Permission.STAFF)
def logout() -> Response:
    """Log out."""
    logout_user()
    session.pop("csrf_token", None)
    return redirect(url_for("home.index"), 303)


def _login_again(form: LoginForm, refusal: EngineError) -> tuple[str, int]:
    return render_template("home/login.html", form=form, problem=sentence_of(refusal)), REFUSALS[refusal.code].status


def _safe(target: str | None) -> str | None:
    """A path of this site, or nothing: a login never leads elsewhere."""
    # Browsers drop tabs and line ends from an address, and take a backslash for a slash.
    return target if target and re.fullmatch(r"/(?!/)[^\\\x00-\x1f\x7f]*", target) else None
