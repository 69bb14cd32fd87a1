"""The centre's forms."""

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.items.item import Demand
from web import french
from web.errors import sentence_of
from web.forms import Form, FrenchDateTimeField, WholeNumberField, birth_date_field, name_field, required
from web.services.enrolment import EMAIL, LONGEST_EXTRA
from web.services.roster_file import LONGEST_ID
from web.services.video_room import BadVideoLink, video_link

LONGEST_REASON = 500


def _is_room(_form: Form, field: StringField) -> None:
    try:
        video_link(field.data or "")
    except BadVideoLink as refusal:
        raise ValidationError(sentence_of(refusal)) from None


class ParticularsForm(Form):
    """What can be changed about a session while it is planned or open."""

    label = StringField(
        "Intitulé", [required("Donnez un intitulé à la session."), Length(max=150, message="150 caractères au plus.")]
    )
    place = StringField(
        "Lieu",
        [required("Indiquez le lieu."), Length(max=200, message="200 caractères au plus.")],
    )
    video_link = StringField(
        "Salle de visioconférence extérieure (facultatif)",
        [
            Optional(),
            _is_room,
        ],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"type": "url", "autocomplete": "off", "placeholder": "https://…"},
    )
    proctors = SelectMultipleField(
        "Surveillants",
        [required("Choisissez au moins un surveillant.")],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


class DateForm(Form):
    """The day and time of a session."""

    starts_at = FrenchDateTimeField(
        "Date et heure de convocation (heure de Paris)",
        [InputRequired("Indiquez la date et l'heure.")],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
    )


class SessionForm(ParticularsForm, DateForm):
    """A new session."""

    mode = RadioField(
        "Surveillance",
        [InputRequired("Choisissez le mode de surveillance.")],
        choices=[SelectChoice(m.value, french.MODES[m]) for m in Mode],
        default=Mode.ON_SITE.value,
    )


class ReasonForm(Form):
    """Why something is cancelled."""

    reason = TextAreaField(
        "Motif",
        [required("Indiquez le motif."), Length(max=LONGEST_REASON, message=f"{LONGEST_REASON} caractères au plus.")],
        render_kw={"rows": "3"},
    )


class MoveForm(Form):
    """Another session for a candidate."""

    to = RadioField("Nouvelle session", [InputRequired("Choisissez la session.")])


class UploadForm(Form):
    """A list of candidates in a file."""

    file = FileField(
        "Fichier (CSV, XLSX ou ODS, 2 Mo au plus)",
        [FileRequired("Choisissez un fichier.")],
        render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.ods,.xls"},
    )


class RenewForm(Form):
    """Whose personal codes are made anew."""

    sittings = SelectMultipleField(
        "Candidats",
        [required("Cochez au moins un candidat.")],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


class PlaceForm(Form):
    """What can be changed about an enrolment before the test."""

    email = StringField(
        "Adresse électronique",
        [
            required("Indiquez une adresse électronique."),
            Length(max=200, message="200 caractères au plus."),
            Regexp(EMAIL, message="Cette adresse n'est pas complète (nom@domaine.fr)."),
        ],
        render_kw={"type": "email"},
    )
    external_id = StringField(
        "Votre numéro (facultatif)",
        [Length(max=LONGEST_ID, message=f"{LONGEST_ID} caractères au plus.")],
        filters=[lambda text: " ".join(text.split()) if text else text],
        render_kw={"autocomplete": "off"},
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
    extra_minutes = WholeNumberField(
        "Autre temps supplémentaire, en minutes",
        [
            Optional(),
            NumberRange(0, LONGEST_EXTRA, f"Donnez un nombre de minutes entre 0 et {LONGEST_EXTRA}."),
        ],
        default=0,
        render_kw={"inputmode": "numeric"},
    )
    needs = SelectMultipleField(
        "Besoins",
        choices=[SelectChoice(n.value, french.NEEDS[n]) for n in Demand],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )

    @property
    def said(self) -> tuple[str, Track, Level, bool, int, str, frozenset[Demand]]:
        """What a valid form says of a place, in the order of an enrolment."""
        return (
            self.email.data or "",
            Track(self.track.data),
            Level[str(self.target.data).upper()],
            bool(self.extra_third.data),
            self.extra_minutes.data or 0,
            self.external_id.data or "",
            frozenset(Demand(n) for n in self.needs.data or ()),
        )


class EnrolForm(PlaceForm):
    """A place in a session for a candidate."""

    last_name = name_field("Nom", "Indiquez le nom.")
    first_name = name_field("Prénom", "Indiquez le prénom.")
    birth_date = birth_date_field()
