"""Rule sets: thresholds as data, each with its source."""

import hashlib

import pytest

from engine.items.frameworks import Framework, Level
from engine.scoring.rules import (
    BadRules,
    NotReached,
    PosteriorPolicy,
    Rule,
    SelectionPolicy,
    StoppingPolicy,
    read_rules,
)
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


# Rules, posterior, selection, exposure, stopping, pre-test

EXAMPLE = (ITEM_BANK / "rules" / "2023-posterior.toml").read_text(encoding="utf-8")


def table(name: str, *lines: str) -> str:
    """One more table at the end of a file."""
    return "\n".join(["", f"[{name}]", *lines, 'source = "x"', ""])


def test_the_file_of_2023_is_the_one_that_old_sessions_pin():
    assert the_rules().digest == "7d33c7386ae4a2a10f2dc3f6bbf5fb23669c8b66689988174c5d7a99379d061d"


def test_a_rule_set_without_the_newer_tables_means_what_it_meant():
    rules = the_rules()
    assert rules.decides is Rule.R1
    assert rules.posterior == PosteriorPolicy(0.7, 0.5, 0.8, 0.5, 0.75)
    assert rules.selection == SelectionPolicy(None, None, None)
    assert (rules.ceilings, rules.stopping, rules.pretest) == ((0.20, 0.25), None, 0)


def test_the_example_decides_on_the_posterior_and_says_that_it_is_not_official():
    rules = read_rules(EXAMPLE)
    assert "non officiel" in rules.title
    assert (rules.decides, rules.posterior.gamma) == (Rule.R3, 0.7)
    assert rules.selection.selector == "maximum_information"
    assert rules.stopping == StoppingPolicy(0.1, 16, 2)
    assert rules.levels == the_rules().levels


def test_every_table_gives_what_it_says():
    rules = read_rules(
        TEXT
        + table("posterior", "cost_over = 3.0", "cost_under = 1", "double_key = 0.6", "minimum = 1",
            "fragile_below = 0.4", "reexamine_from = 0.9")
        + table("selection", 'selector = "steer"', "gamma = 0.8", "rho = 0.9")
        + table("exposure", "crcn_edu = 0.3", "crcn = 1.0")
        + table("pretest", "per_sitting = 4")
    )  # fmt: skip
    assert rules.posterior == PosteriorPolicy(0.75, 0.6, 1.0, 0.4, 0.9)
    assert rules.selection == SelectionPolicy("steer", 0.8, 0.9)
    assert (rules.ceilings, rules.pretest) == ((0.3, 1.0), 4)


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        (table("posterior", "gamma = 0.7", "cost_over = 3"), "posterior: give gamma or the two costs, not both"),
        (table("posterior", "gamma = 0.7", "cost_over = 3", "cost_under = 1"), "posterior: give gamma or the two"),
        (table("posterior", "cost_under = 3"), "posterior: cost_under stands alone"),
        (table("posterior", "cost_over = 0", "cost_under = 1"), "posterior.cost_over: "),
        (table("posterior", "cost_over = inf", "cost_under = 1"), "posterior.cost_over: "),
        (table("posterior", "gamma = 1"), "posterior.gamma: "),
        (table("posterior", "gamma = nan"), "posterior.gamma: "),
        (table("posterior", "gamma = true"), "posterior.gamma: "),
        (table("posterior", "double_key = 0"), "posterior.double_key: "),
        (table("posterior", "minimum = 80"), "posterior.minimum: "),
        (table("posterior", "gama = 0.7"), "posterior.gama: "),
        ("\n[posterior]\ngamma = 0.7\n", "posterior.source: Field required"),
        (table("selection", 'selector = "random"'), "selection.selector: "),
        (table("selection", "rho = 1.0"), "selection.rho: "),
        (table("selection", 'selector = "forms"', "gamma = 0.8"), "selection: gamma belongs to steering"),
        (table("selection", f'forms = ["{"0" * 64}"]'), "selection: forms belongs to the selector forms"),
        (table("exposure", "crcn = 0"), "exposure.crcn: "),
        (table("exposure", "crcn_edu = 1.1"), "exposure.crcn_edu: "),
        (table("stopping"), "stopping: only R3 can stop early; under R1 the denominator is fixed in advance"),
        (table("stopping"), "counted_at_least.crcn: 40 is more than stopping.at_least, 16"),
        (table("stopping", "epsilon = 1.0"), "stopping.epsilon: "),
        (table("stopping", "every = 0"), "stopping.every: "),
        (table("stopping", "at_least = 15"), "stopping.at_least: "),
        (table("pretest", "per_sitting = 1"), "pretest.per_sitting: "),
        (table("pretest", "per_sitting = 5"), "pretest.per_sitting: "),
        (table("pretest"), "pretest.per_sitting: Field required"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_fault_named(added, fault):
    assert [f for f in faults(TEXT + added) if f.startswith(fault)]


@pytest.mark.parametrize("rule", ["R1", "R2", "R4"])
def test_only_r3_can_stop_early(rule):
    assert read_rules(EXAMPLE).stopping
    named = faults(EXAMPLE.replace('decides = "R3"', f'decides = "{rule}"'))
    assert named == [f"stopping: only R3 can stop early; under {rule} the denominator is fixed in advance"]


def test_r3_decides_by_a_probability_that_is_written_down():
    assert faults(TEXT.replace('"R1"', '"R3"', 1)) == [
        "posterior: R3 decides, so give gamma, or cost_over and cost_under"
    ]


def test_places_that_try_items_leave_enough_to_count():
    more = TEXT.replace("crcn = 40", "crcn = 45")
    assert faults(more + table("pretest", "per_sitting = 4")) == [
        "counted_at_least.crcn: 45 is more than the 44 scored items of the CRCN"
    ]
    assert read_rules(more + table("pretest", "per_sitting = 3")).pretest == 3


def test_faults_between_fields_are_named_beside_those_of_fields():
    text = TEXT.replace("validity_years = 3", "validity_years = 0").replace("crcn = 60", "crcn = 80")
    named = faults(text.replace('level = "expert"', 'level = "avance"') + table("stopping", "every = 0"))
    starts = [
        "validity_years: ",
        "stopping.every: ",
        "levels: they must stand once",
        "levels: no thresholds for expert",
        "levels: the thresholds of crcn must not fall",
        "stopping: only R3",
        "counted_at_least.crcn: 40",
    ]
    assert [f[: len(start)] for f, start in zip(named, starts, strict=True)] == starts


def test_what_depends_on_a_field_at_fault_is_not_judged():
    named = faults(
        TEXT.replace("crcn = 60", "crcn = 101").replace('decides = "R1"', 'decides = "R9"') + table("stopping")
    )
    assert [f.split(":")[0] for f in named] == ["decides", "levels.0.crcn", "counted_at_least.crcn"]
