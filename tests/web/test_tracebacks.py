"""A bug is told by its types and places; what an exception says stays out of the log."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.tracebacks import told, without_messages

TEXT = st.text(min_size=6).map(lambda text: f"<{text}>")


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """An exception with a traceback."""
    try:
        if cause is None:
            raise error
        raise error from cause
    except BaseException as caught:
        return caught


@given(text=TEXT, kind=st.sampled_from([ValueError, KeyError, RuntimeError, OSError]))
def test_no_message_is_told(text: str, kind: type[Exception]):
    shown = told(raised(kind(text), raised(LookupError(text))))
    assert text not in shown
    assert repr(text) not in shown
    assert f"builtins.{kind.__name__}" in shown
    assert "builtins.LookupError" in shown
    assert "test_tracebacks.py" in shown


def test_an_exception_while_another_is_handled_tells_both_unless_it_hides_the_first():
    def handling(hidden: bool) -> None:
        try:
            raise KeyError("Moreau")
        except KeyError as first:
            second = ValueError("Camille")
            second.__suppress_context__ = hidden
            second.__context__ = first
            raise second  # noqa: B904

    with pytest.raises(ValueError, match="Camille") as both:
        handling(hidden=False)
    assert told(both.value).index("KeyError") < told(both.value).index("ValueError")
    with pytest.raises(ValueError, match="Camille") as one:
        handling(hidden=True)
    assert "KeyError" not in told(one.value).replace("except KeyError", "").replace('raise KeyError("Moreau")', "")


@pytest.mark.parametrize("how", ["now", "given", "triple", "none"])
def test_a_line_loses_its_exception_and_keeps_its_traceback(how: str):
    error = raised(ValueError("Moreau"))
    given_as = {"now": True, "given": error, "triple": (ValueError, error, error.__traceback__), "none": None}[how]
    try:
        raise error
    except ValueError:
        line = without_messages(logging.getLogger(), "error", {"event": "bug", "exc_info": given_as})
    assert "exc_info" not in line
    assert ("exception" in line) == (how != "none")
    assert "Moreau" not in repr(line)


def test_an_error_of_a_database_is_told_by_number_and_constraint():
    class Diagnosis:
        sqlstate = "23505"
        constraint_name = "uq_candidate_name"
        table_name = None
        column_name = None

    error = ValueError("Key (name_key)=(moreau) already exists.")
    error.diag = Diagnosis()  # type: ignore[attr-defined]
    assert told(raised(error)).endswith("builtins.ValueError (sqlstate=23505, constraint_name=uq_candidate_name)")
