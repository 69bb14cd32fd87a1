"""The centre's forms."""

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from web import french
from web.forms import Form, FrenchDateTimeField, birth_date_field, name_field, required

LONGEST_EXTRA = 240


class SessionForm(Form):
    """A new session."""

    label = StringField(
        "Intitulé", [required("Donnez un intitulé à la session."), Length(max=150, message="150 caractères au plus.")]
    )
    starts_at = FrenchDateTimeField(
        "Date et heure de convocation (heure de Paris)",
        [InputRequired("Indiquez la date et l'heure.")],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
    )
    mode = RadioField(
        "Surveillance",
        [InputRequired("Choisissez le mode de surveillance.")],
        choices=[SelectChoice(m.value, french.MODES[m]) for m in Mode],
        default=Mode.ON_SITE.value,
    )
    place = StringField(
        "Lieu ou lien de visioconférence",
        [required("Indiquez le lieu, ou le lien de la salle."), Length(max=200, message="200 caractères au plus.")],
    )
    proctors = SelectMultipleField(
        "Surveillants",
        [required("Choisissez au moins un surveillant.")],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


class EnrolForm(Form):
    """A place in a session for a candidate."""

    last_name = name_field("Nom", "Indiquez le nom.")
    first_name = name_field("Prénom", "Indiquez le prénom.")
    birth_date = birth_date_field()
    email = StringField(
        "Adresse électronique",
        [
            required("Indiquez une adresse électronique."),
            Length(max=200, message="200 caractères au plus."),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", message="Cette adresse n'est pas complète (nom@domaine.fr)."),
        ],
        render_kw={"type": "email"},
    )
    track = SelectField(
        "Parcours",
        [required("Choisissez le parcours.")],
        choices=[SelectChoice("", "Choisir…"), *(SelectChoice(t.value, french.TRACKS[t]) for t in Track)],
    )
    target = SelectField(
        "Niveau visé",
        [required("Choisissez le niveau visé.")],
        choices=[SelectChoice("", "Choisir…"), *(SelectChoice(v.slug, french.LEVELS[v.slug]) for v in Level)],
    )
    extra_third = BooleanField("Tiers temps : un tiers de temps en plus (3 h 20 au lieu de 2 h 30)")
    extra_minutes = IntegerField(
        "Autre temps supplémentaire, en minutes",
        [
            Optional(),
            NumberRange(0, LONGEST_EXTRA, f"Donnez un nombre de minutes entre 0 et {LONGEST_EXTRA}."),
        ],
        default=0,
        render_kw={"inputmode": "numeric"},
    )
