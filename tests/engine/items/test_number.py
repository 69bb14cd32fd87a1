"""Numbers as people in France write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.item import Number
from engine.items.response import MalformedReply, is_correct, number, parse


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("12", "", 12),
        ("1 234,5", "", 1234.5),
        ("1234.5", "", 1234.5),
        ("1234,5", "", 1234.5),
        ("1\u00a0234,5", "", 1234.5),
        ("1\u202f234,5", "", 1234.5),
        ("1 234 567", "", 1234567),
        (" 7 ", "", 7),
        ("-3", "", -3),
        ("\u22123", "", -3),
        ("+3", "", 3),
        (",5", "", 0.5),
        ("5,", "", 5),
        ("007", "", 7),
        ("12 Mo", "Mo", 12),
        ("12Mo", "Mo", 12),
        ("12 mo", "Mo", 12),
        ("12\u00a0Mo", "Mo", 12),
        ("12", "Mo", 12),
        ("-0,5 %", "%", -0.5),
        ("3,20 €", "€", 3.2),
        ("12 m²", "m²", 12),
        ("12 µs", "µs", 12),
        ("１２", "", 12),
    ],
)
def test_a_number_is_read_as_it_is_meant(text, unit, value):
    assert number(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", ""),
        ("douze", ""),
        ("1,2,3", ""),
        ("1.234,5", ""),
        ("1,234,567", ""),
        ("12 34", ""),
        ("1 2345", ""),
        ("- 3", ""),
        ("--3", ""),
        ("3-", ""),
        ("1e3", ""),
        ("0x10", ""),
        ("1_000", ""),
        ("inf", ""),
        ("nan", ""),
        ("9" * 400, ""),
        (",", ""),
        ("+", ""),
        ("1/2", ""),
        ("1½", ""),
        ("10²", ""),
        ("12 Mo", ""),
        ("12 Go", "Mo"),
        ("Mo", "Mo"),
        ("Mo 12", "Mo"),
        ("12 Mo Mo", "Mo"),
        ("environ 12", ""),
        ("=6*2", ""),
    ],
)
def test_anything_else_is_told_to_the_candidate(text, unit):
    assert number(text, unit) is None
    if text.strip():
        with pytest.raises(MalformedReply):
            parse(Number(12, unit), text)


def right(reply: str, key: float, absolute: float = 0.0, relative: float = 0.0) -> bool:
    return is_correct(Number(key, "", absolute, relative), reply)


@pytest.mark.parametrize(
    ("key", "absolute", "relative", "reply", "is_right"),
    [
        (3.2, 0.0, 0.0, "3,2", True),
        (3.2, 0.0, 0.0, "3,20", True),
        (3.2, 0.0, 0.0, "3,21", False),
        (3.2, 0.1, 0.0, "3,3", True),
        (3.2, 0.1, 0.0, "3,1", True),
        (3.2, 0.1, 0.0, "3,31", False),
        (3.2, 0.1, 0.0, "3,09", False),
        (200, 0.0, 0.05, "210", True),
        (200, 0.0, 0.05, "190", True),
        (200, 0.0, 0.05, "210,1", False),
        (-200, 0.0, 0.05, "-190", True),
        (-200, 0.0, 0.05, "190", False),
        (200, 1.0, 0.05, "210", True),  # the wider of the two holds
        (200, 1.0, 0.05, "210,5", False),
        (200, 20.0, 0.05, "220", True),
        (0, 0.0, 0.5, "0", True),
        (0, 0.0, 0.5, "0,1", False),
        (0.1 + 0.2, 0.0, 0.0, "0,3", True),
        (0.3, 0.1, 0.0, "0,4", True),
        (1_000_000, 0.0, 0.0, "1 000 001", False),
        (1_073_741_824, 0.0, 0.0, "1 073 741 824", True),
        (1_073_741_824, 0.0, 0.0, "1 073 741 825", False),
    ],
)
def test_a_number_is_right_within_its_tolerance_ends_included(key, absolute, relative, reply, is_right):
    assert right(reply, key, absolute, relative) == is_right


whole = st.integers(-(10**9), 10**9)


def in_french(n: int, hundredths: int, space: str, minus: str) -> str:
    return f"{minus if n < 0 else ''}{abs(n):,}".replace(",", space) + f",{hundredths:02}"


@given(
    n=whole,
    hundredths=st.integers(0, 99),
    space=st.sampled_from(["", " ", "\u00a0", "\u202f"]),
    minus=st.sampled_from("-\u2212"),
)
def test_every_french_writing_of_a_number_is_the_same_number(n, hundredths, space, minus):
    assert number(in_french(n, hundredths, space, minus)) == float(f"{'-' if n < 0 else ''}{abs(n)}.{hundredths:02}")


@given(key=whole, off=whole, tolerance=st.integers(0, 10**9))
def test_a_whole_number_is_right_exactly_when_it_is_near_enough(key, off, tolerance):
    assert right(str(key + off), key, absolute=tolerance) == (abs(off) <= tolerance)


@given(st.text(max_size=30), st.sampled_from(["", "Mo", "%"]))
def test_any_text_is_a_finite_number_or_none(text, unit):
    value = number(text, unit)
    assert value is None or abs(value) < float("inf")
