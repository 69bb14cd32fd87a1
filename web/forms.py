"""What all forms share: French sentences, and fields that say what they want."""

from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp
from wtforms.widgets import TextInput

from web.birth_dates import birth_date
from web.french import PARIS

NAME_LENGTH = 100
LONGEST_NUMBER = 9


class Form(FlaskForm):  # type: ignore[misc]
    """A form that speaks French."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Built-in sentences in French."""

        locales = ("fr_FR", "fr")


def required(sentence: str) -> DataRequired:
    """A field that must be filled in, with what to say when it is not."""
    return DataRequired(sentence)


def name_field(label: str, sentence: str, autocomplete: str = "off") -> StringField:
    """A name of a person."""
    return StringField(
        label,
        [
            required(sentence),
            Regexp(r".*[^\W\d_]", message="Écrivez le nom en lettres."),
            Length(max=NAME_LENGTH, message=f"Pas plus de {NAME_LENGTH} caractères."),
        ],
        filters=[lambda text: " ".join(text.split()) if text else text],
        render_kw={"autocomplete": autocomplete, "spellcheck": "false"},
    )


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number of a length that people write."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the value."""
        if any(len(value) > LONGEST_NUMBER for value in valuelist):
            raise ValueError("Écrivez un nombre entier.")
        super().process_formdata(valuelist)


class _FrenchDate:
    """A date picker where the browser has one, and day/month/year as French people write it where it has not."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)  # type: ignore[misc]
        except ValueError:
            raise ValueError("Cette date n'existe pas. Écrivez jour/mois/année, par exemple 12/03/1985.") from None


class FrenchDateField(_FrenchDate, DateField):  # type: ignore[misc]
    """A day."""


class FrenchDateTimeField(_FrenchDate, DateTimeLocalField):  # type: ignore[misc]
    """A day and a time in Paris."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the value, as Paris clocks show it."""
        super().process_formdata(valuelist)
        local: datetime | None = self.data
        self.data = local.replace(tzinfo=PARIS) if local else None


class BirthDateField(FrenchDateField):
    """The birth date of a candidate."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the value, as people write it."""
        written = " ".join(valuelist).strip()
        self.data = birth_date(written) if written else None


def birth_date_field() -> BirthDateField:
    """The birth date of somebody who can sit a professional certification."""
    return BirthDateField(
        "Date de naissance",
        [InputRequired("Indiquez la date de naissance : jour, mois, année.")],
        format=["%d/%m/%Y"],
        # Typed, as on the identity document: a date picker asks for many clicks and follows the browser's own order.
        widget=TextInput(),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "placeholder": "jj/mm/aaaa", "maxlength": "20"},
    )
