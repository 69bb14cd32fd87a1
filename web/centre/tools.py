"""The centre's proctoring tools: let in, looked at, revoked."""

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from web.access import Permission, actor, house, needs
from web.centre.views import blueprint
from web.errors import REFUSALS, sentence_of
from web.forms import Form, required
from web.now import now
from web.services import tool_keys, tools


class ToolForm(Form):
    """A tool to let in."""

    name = StringField(
        "Nom de l'outil",
        [
            required("Donnez à cet outil un nom que vos surveillants reconnaîtront."),
            Length(max=tools.LONGEST_NAME, message=f"{tools.LONGEST_NAME} caractères au plus."),
        ],
        filters=[lambda text: " ".join(text.split()) if text else text],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    public_keys = TextAreaField(
        "Clés publiques de l'outil (JWK Set), s'il en a",
        [Length(max=tool_keys.LONGEST_KEYS, message=f"{tool_keys.LONGEST_KEYS} caractères au plus.")],
        render_kw={"autocomplete": "off", "spellcheck": "false", "rows": "3"},
    )


@blueprint.get("/outils")
@needs(Permission.MANAGE)
def list_tools() -> str:
    """The tools that are let in, with their last use."""
    return _page(ToolForm())


@blueprint.post("/outils")
@needs(Permission.MANAGE)
def add_tool() -> Response | tuple[str, int]:
    """Let a tool in."""
    form = ToolForm()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        made = tools.add_to_centre(house(), actor(), form.name.data or "", form.public_keys.data or "", now())
    except (tools.ToolNameRefused, tools.ToolNameTaken, tool_keys.ToolKeysRefused) as refusal:
        return _page(form, sentence_of(refusal)), REFUSALS[refusal.code].status
    # As the code of a candidate: it travels in the signed cookie for one page and is stored nowhere else in clear.
    session["fresh_secret"] = {"tool": made.tool.id, "secret": made.secret}
    return redirect(url_for("centre.show_tool", tool_id=made.tool.id), 303)


@blueprint.get("/outils/<tool_id>")
@needs(Permission.MANAGE)
def show_tool(tool_id: str) -> str:
    """What the vendor of a tool needs; the secret right after it was made and only then."""
    tool = tools.tool_of(house(), actor(), tool_id)
    fresh = session.pop("fresh_secret", None)
    secret = fresh["secret"] if fresh and fresh["tool"] == tool.id else None
    return render_template("centre/tool.html", tool=tool, secret=secret, scope=tools.CONTROL_SCOPE)


@blueprint.post("/outils/<tool_id>/revoquer")
@needs(Permission.MANAGE)
def revoke_tool(tool_id: str) -> Response:
    """Put a tool out of service."""
    revoked = tools.revoke_at_centre(house(), actor(), tool_id)
    flash(f"L'outil {revoked.name} n'a plus accès à vos sessions.")
    return redirect(url_for("centre.list_tools"), 303)


def _page(form: ToolForm, problem: str = "") -> str:
    found = tools.of_centre(house(), actor())
    return render_template("centre/tools.html", tools=found, form=form, problem=problem)
