"""Rule sets: thresholds as data, each with its source."""

import hashlib

import pytest

from engine.items.frameworks import Framework, Level
from engine.scoring.rules import BadRules, NotReached, read_rules
from tests.builders import ITEM_BANK, the_rules
from tests.engine.adaptive.bank import PUBLISHED

TEXT = (ITEM_BANK / "rules" / "2023.toml").read_text(encoding="utf-8")


def test_the_rules_of_2023_hold_exactly_the_published_thresholds():
    rows = [(t.value, t.crcn_edu, t.crcn_edu_per_domain, t.crcn) for t in the_rules().levels]
    assert rows == [(Level.CONFIRME, 50, 50, 60), (Level.AVANCE, 65, 60, 75), (Level.EXPERT, 80, 60, 85)]
    assert the_rules().cuts == PUBLISHED


def test_every_threshold_names_its_source():
    columns = [t.source.rpartition(", colonne ") for t in the_rules().levels]
    assert {report for report, _, _ in columns} == {"Rapport de jury 2022-2023, 4.1, tableau des seuils"}
    assert [column for _, _, column in columns] == ["Confirmé", "Avancé", "Expert"]


def test_the_rest_of_the_rules_of_2023():
    rules = the_rules()
    assert rules.length == {Framework.CRCN_EDU: 16, Framework.CRCN: 48}
    least = rules.counted_at_least
    assert (least.crcn_edu, least.crcn_edu_per_domain, least.crcn) == (14, 1, 40)
    assert (rules.name, rules.validity_years, rules.cap_at_target) == ("2023", 3, False)
    assert rules.not_reached is NotReached.WRONG


def test_a_session_pins_the_rules_by_the_digest_of_their_file():
    assert the_rules().digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert read_rules(TEXT + "\n").digest != the_rules().digest


def test_a_rule_set_may_add_initie():
    initie = '[[levels]]\nlevel = "initie"\ncrcn_edu = 30\ncrcn_edu_per_domain = 0\ncrcn = 40\nsource = "x"\n\n'
    rules = read_rules(TEXT.replace("[[levels]]", initie + "[[levels]]", 1))
    assert [t.value for t in rules.levels] == list(Level)
    assert rules.cuts == PUBLISHED


def faults(text: str) -> list[str]:
    with pytest.raises(BadRules) as refused:
        read_rules(text)
    named = refused.value.facts["faults"]
    assert isinstance(named, list)
    assert all(fault in str(refused.value) for fault in named)
    return named


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("crcn = 60", "crcn = 101", "levels.0.crcn: "),
        ("crcn = 60", "crcn = 60.5", "levels.0.crcn: "),
        ("crcn = 60", "crnc = 60", "levels.0.crcn: Field required"),
        ("crcn = 60", "crcn = 80", "levels: the thresholds of crcn must not fall"),
        ('level = "avance"', 'level = "confirme"', "levels: they must stand once each"),
        ('level = "expert"', 'level = "maitre"', "levels.2.level: "),
        ("validity_years = 3", "validity_years = 0", "validity_years: "),
        ('decides = "R1"', 'decides = "R5"', "decides: "),
        ('not_reached = "wrong"', 'not_reached = "perhaps"', "not_reached: "),
        ("crcn = 48", "crcn = 49", "length.crcn: "),
        ("crcn_edu = 16", "crcn_edu = 12", "length.crcn_edu: "),
        ("crcn = 40", "crcn = -1", "counted_at_least.crcn: "),
        ("cross_framework = true", "", "cross_framework: Field required"),
        ('title = "', 'titel = "', "titel: Extra inputs are not permitted"),
        ('name = "2023"', "name = 2023", "name: "),
        ('name = "2023"', "name = = 2023", "Invalid value (at line "),
    ],
)
def test_a_wrong_rule_set_is_refused_with_its_fault_named(old, new, fault):
    assert old in TEXT
    assert [f for f in faults(TEXT.replace(old, new, 1)) if f.startswith(fault)]


def test_a_threshold_without_a_source_is_refused():
    without = TEXT.rpartition("source = ")[0] + 'source = ""\n'
    assert faults(without) == ["levels.2.source: String should have at least 1 character"]


def test_a_rule_set_must_say_what_every_level_needs():
    without_expert = TEXT[: TEXT.rindex("[[levels]]")]
    assert faults(without_expert) == ["levels: no thresholds for expert"]


def test_every_fault_of_a_rule_set_is_named_at_once():
    text = TEXT.replace("crcn = 60", "crcn = 101").replace("validity_years = 3", "validity_years = 0")
    named = faults(text.replace('title = "', 'titel = "').replace("crcn = 40", "crcn = -1"))
    assert [f.split(":")[0] for f in named] == [
        "title",
        "validity_years",
        "counted_at_least.crcn",
        "levels.0.crcn",
        "titel",
    ]


def test_an_empty_rule_set_is_refused():
    assert len(faults("")) > 5
