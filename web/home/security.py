"""What somebody logs in with: the app, the recovery codes, and how to change them."""

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from engine.kernel import EngineError
from web.access import Permission, actor, asks_second_factor, house, needs
from web.confirmation import confirmed_by_code
from web.db.second_factors import SecondFactorPresent
from web.errors import REFUSALS, sentence_of
from web.home.second_factor import CodeForm, app_page, codes_page, mark_proved
from web.home.views import blueprint
from web.now import now
from web.services import second_factor


@blueprint.get("/compte/connexion")
@needs(Permission.STAFF)
def security() -> str:
    """What this account logs in with."""
    return _security_page()


@blueprint.post("/compte/codes-de-secours")
@needs(Permission.STAFF)
@confirmed_by_code()
def renew_recovery_codes() -> str:
    """New recovery codes, shown once."""
    codes = second_factor.renew_recovery_codes(house(), actor(), now())
    return codes_page(codes, url_for("home.security"))


@blueprint.post("/compte/application/changer")
@needs(Permission.STAFF)
@confirmed_by_code()
def change_app() -> Response:
    """Begin to associate another app."""
    second_factor.require(house(), actor())
    session["new_app"] = second_factor.new_secret(house())
    return redirect(url_for("home.new_app"), 303)


@blueprint.route("/compte/application", methods=["GET", "POST"])
@needs(Permission.STAFF)
def new_app() -> Response | str | tuple[str, int]:
    """The secret of another app, and its first code; until then the earlier one is good."""
    sealed = session.get("new_app")
    if not isinstance(sealed, str) or not asks_second_factor(actor()):
        return _security_page()
    form = CodeForm()
    if not form.validate_on_submit():
        return app_page(actor(), sealed, form), 400 if form.errors else 200
    try:
        enrolled = second_factor.replace(
            house(), actor(), session["second_factor"], sealed, form.code.data or "", now()
        )
    except SecondFactorPresent as refusal:
        flash(sentence_of(refusal), "problem")
        return redirect(url_for("home.security"), 303)
    except EngineError as refusal:
        return app_page(actor(), sealed, form, sentence_of(refusal)), REFUSALS[refusal.code].status
    session.pop("new_app")
    mark_proved(enrolled.factor)
    return codes_page(enrolled.recovery_codes, url_for("home.security"))


def _security_page() -> str:
    return render_template(
        "home/security.html",
        asked=asks_second_factor(actor()),
        factor=second_factor.of(house().db, actor()),
        left=second_factor.recovery_codes_left(house().db, actor()),
        total=second_factor.RECOVERY_CODES,
    )
