"""The result of a sitting follows from its log, the incidents and the rulings."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import assess
from engine.adaptive.gates import NotCalibrated
from engine.delivery.commands import observed
from engine.delivery.states import State
from engine.items.frameworks import Framework, Level
from engine.items.release import Provenance
from engine.kernel import ItemId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Decision, Ruling
from engine.scoring.award import Count
from engine.scoring.result import (
    Cancelled,
    Cause,
    Flag,
    Inconclusive,
    Outcome,
    Scored,
    StillRunning,
    Withheld,
    result,
)
from engine.scoring.rules import NotReached, PosteriorPolicy, Rule, RuleSet
from tests.builders import (
    RIGHT,
    WRONG,
    Candidate,
    Missing,
    a_candidate,
    a_candidate_at_work,
    a_candidate_who_went_through,
    a_ruling,
    an_exam,
    an_incident,
    the_rules,
)

NEUTRALISE = Decision.NEUTRALISE


def outcome(
    candidate: Candidate,
    incidents: Sequence[Incident] = (),
    rulings: Sequence[Ruling] = (),
    target: Level = Level.EXPERT,
    rules: RuleSet | None = None,
) -> Outcome:
    return result(candidate.sitting, *candidate.exam, rules or the_rules(), target, incidents, rulings)


def scored(
    candidate: Candidate, *rulings: Ruling, rules: RuleSet | None = None, target: Level = Level.EXPERT
) -> Scored:
    found = outcome(candidate, (), rulings, target, rules)
    assert isinstance(found, Scored)
    return found


@cache
def went_through(crcn: int = 0, edu: tuple[tuple[int, int], ...] = ()) -> Candidate:
    """Someone who answered everything, so many wrongly."""
    return a_candidate_who_went_through(Missing(crcn, dict(edu)))


def out(*items: ItemId) -> Ruling:
    return a_ruling(NEUTRALISE, items)


# How a sitting can end


@pytest.mark.parametrize("answered", [0, 5])
def test_a_sitting_that_runs_or_is_paused_has_no_result_yet(answered):
    candidate = a_candidate_at_work(answered)
    for paused in (False, True):
        if paused:
            candidate.is_paused()
        with pytest.raises(StillRunning) as refused:
            outcome(candidate)
        assert refused.value.facts == {"state": candidate.state}


@pytest.mark.parametrize(
    "steps", [(), ("checks_in",), ("checks_in", "is_authorised"), ("checks_in", "is_authorised", "enters")]
)
def test_a_sitting_that_has_not_begun_has_no_result_yet(steps):
    candidate = a_candidate()
    for step in steps:
        getattr(candidate, step)()
    with pytest.raises(StillRunning):
        outcome(candidate)


def test_someone_absent_or_refused_has_nothing_to_score_whatever_was_reported():
    absent, refused = a_candidate(), a_candidate()
    absent.is_marked_absent()
    refused.is_turned_away()
    assert outcome(absent, [an_incident()]) == Cancelled(Cause.ABSENT)
    assert outcome(refused, [an_incident()]) == Cancelled(Cause.REFUSED)


def test_a_result_is_withheld_while_a_blocking_incident_has_no_ruling():
    incident = an_incident("COM-02")
    assert outcome(went_through(), [incident]) == Withheld((incident,))
    found = outcome(went_through(), [incident], [a_ruling(Decision.NO_EFFECT)])
    assert found == outcome(went_through())
    assert isinstance(found, Scored)


def test_every_blocking_incident_must_be_ruled_on():
    incidents = [an_incident("COM-02", f"incident-{n}") for n in (1, 2, 3)]
    rulings = [a_ruling(incident=f"incident-{n}") for n in (1, 3)]
    assert outcome(went_through(), incidents, rulings) == Withheld((incidents[1],))


def test_an_incident_that_does_not_block_holds_nothing_up():
    assert outcome(went_through(), [an_incident("ENV-02")]) == outcome(went_through())


def test_an_open_incident_withholds_even_what_another_ruling_voids():
    incidents = [an_incident("COM-02", f"incident-{n}") for n in (1, 2)]
    assert isinstance(outcome(went_through(), incidents, [a_ruling(Decision.VOID)]), Withheld)


def test_a_sitting_that_is_voided_is_cancelled_until_a_newer_ruling():
    incidents = [an_incident()]
    void = a_ruling(Decision.VOID)
    assert outcome(went_through(), incidents, [void]) == Cancelled(Cause.VOIDED)
    assert isinstance(outcome(went_through(), incidents, [void, a_ruling(number=2)]), Scored)


def test_time_given_back_is_a_new_session():
    given = a_ruling(Decision.NEW_SESSION)
    assert outcome(went_through(), [an_incident()], [given]) == Cancelled(Cause.NEW_SESSION)
    assert isinstance(outcome(went_through(), [an_incident()], [given, a_ruling(number=2)]), Scored)


@pytest.mark.parametrize("code", ["COM-02", "ENV-02"])
def test_a_fraud_takes_two_a_proposal_alone_withholds_the_result(code):
    incident = an_incident(code)
    proposal, confirmed = a_ruling(Decision.FRAUD), a_ruling(Decision.FRAUD, said=True)
    assert outcome(went_through(), [incident], [proposal]) == Withheld((incident,))
    assert outcome(went_through(), [incident], [confirmed]) == Cancelled(Cause.FRAUD)
    assert isinstance(outcome(went_through(), [incident], [confirmed, a_ruling(number=2)]), Scored)


def test_a_fraud_that_a_second_person_refused_has_no_effect_and_opens_the_incident():
    incident, refused = an_incident(), a_ruling(Decision.FRAUD, said=False)
    assert outcome(went_through(), [incident], [refused]) == Withheld((incident,))
    assert outcome(went_through(), [an_incident("ENV-02")], [refused]) == outcome(went_through())


def test_who_was_turned_away_can_be_rejected_for_fraud():
    impostor, incident = a_candidate(), an_incident("IDN-02")
    impostor.is_turned_away()
    assert outcome(impostor, [incident], [a_ruling(Decision.FRAUD)]) == Withheld((incident,))
    assert outcome(impostor, [incident], [a_ruling(Decision.FRAUD, said=True)]) == Cancelled(Cause.FRAUD)
    assert outcome(impostor, [incident], [a_ruling(Decision.FRAUD, said=False)]) == Cancelled(Cause.REFUSED)
    assert outcome(impostor, [incident], [a_ruling(Decision.VOID)]) == Cancelled(Cause.REFUSED)


HEAVIEST_FIRST = {
    Decision.FRAUD: Cause.FRAUD,
    Decision.VOID: Cause.VOIDED,
    Decision.NEW_SESSION: Cause.NEW_SESSION,
}


@given(decisions=st.lists(st.sampled_from(Decision), min_size=1, max_size=4), pick=st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_heaviest_of_several_decisions_counts_in_whatever_order_they_were_made(decisions, pick):
    candidate = went_through()
    names = [f"incident-{n}" for n in range(len(decisions))]
    incidents = [an_incident(name=name) for name in names]
    rulings = [
        a_ruling(d, candidate.sitting.presented[:1] if d is NEUTRALISE else (), name, said=d is Decision.FRAUD or None)
        for d, name in zip(decisions, names, strict=True)
    ]
    pick.shuffle(rulings)
    found = outcome(candidate, incidents, rulings)
    cause = next((cause for d, cause in HEAVIEST_FIRST.items() if d in decisions), None)
    assert found == Cancelled(cause) if cause else isinstance(found, Scored)


# The level


@pytest.mark.parametrize(
    ("crcn", "edu", "level"),
    [
        (0, (), Level.EXPERT),
        (7, ((1, 1), (2, 1), (3, 1)), Level.EXPERT),
        (8, (), Level.AVANCE),
        (12, ((1, 2), (2, 1), (3, 1), (4, 1)), Level.AVANCE),
        (13, (), Level.CONFIRME),
        (0, ((5, 1),), Level.CONFIRME),
        (19, ((1, 2), (2, 1), (3, 1), (4, 1), (5, 1)), Level.CONFIRME),
        (20, (), None),
        (0, ((5, 2),), None),
        (0, ((1, 3),), None),
    ],
)
def test_the_level_follows_from_the_counts(crcn, edu, level):
    found = scored(went_through(crcn, edu))
    assert found.level is level
    assert found.counts.crcn == Count(48 - crcn, 48)
    wrong = dict(edu)
    assert found.counts.edu_domains == {
        d: Count(n - wrong.get(d, 0), n) for d, n in ((1, 5), (2, 3), (3, 3), (4, 3), (5, 2))
    }
    assert found.not_reached == 0


@pytest.mark.parametrize("target", Level)
def test_who_came_for_expert_and_meets_avance_is_awarded_avance_and_so_for_every_target(target):
    assert scored(went_through(8), target=target).level is Level.AVANCE


def test_a_rule_set_may_cap_the_level_at_the_target_and_the_jury_is_told():
    capped = replace(the_rules(), cap_at_target=True)
    found = scored(went_through(), rules=capped, target=Level.CONFIRME)
    assert found.level is Level.CONFIRME
    assert Flag.ABOVE_TARGET in found.flags
    same = scored(went_through(8), rules=capped, target=Level.AVANCE)
    assert same.level is Level.AVANCE
    assert Flag.ABOVE_TARGET not in same.flags
    below = scored(went_through(13), rules=capped, target=Level.EXPERT)
    assert (below.level, Flag.ABOVE_TARGET in below.flags) == (Level.CONFIRME, False)
    assert Flag.ABOVE_TARGET not in scored(went_through(), target=Level.CONFIRME).flags


def test_a_pass_counts_as_a_wrong_answer():
    passed, wrong = (a_candidate_at_work(exam=an_exam(lengths=(16, 48))) for _ in range(2))
    for n in range(64):
        for candidate, raw in ((passed, None), (wrong, WRONG)):
            candidate.replies(RIGHT if n % 4 else raw)
    assert outcome(passed) == outcome(wrong)


def test_counts_of_competences_and_domains_add_up():
    found = scored(went_through(9, ((2, 1),)))
    edu = sum((n for (f, _), n in found.competences.items() if f is Framework.CRCN_EDU), Count())
    crcn = sum((n for (f, _), n in found.competences.items() if f is Framework.CRCN), Count())
    assert (edu, crcn) == (found.counts.edu, found.counts.crcn)
    assert sum(found.crcn_domains.values(), Count()) == found.counts.crcn
    assert found.counts.edu == Count(15, 16)
    assert len(found.competences) == 32


# Neutralised items


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(places=st.sets(st.integers(0, 63), max_size=9), right=st.lists(st.booleans(), min_size=64, max_size=64))
def test_a_neutralised_item_is_out_of_numerator_and_denominator_whether_right_or_wrong(places, right):
    candidate = by_turns(right)
    turned = with_replies(candidate, [RIGHT if r != (n in places) else WRONG for n, r in enumerate(right)])
    items = tuple(candidate.sitting.presented[n] for n in sorted(places))
    rulings = [out(*items)] if items else []
    found = outcome(candidate, (), rulings)
    assert outcome(turned, (), rulings) == found
    if isinstance(found, Scored):
        assert set(found.neutralised) == set(items)
        kept = [r for n, r in enumerate(right) if n not in places]
        assert found.counts.edu + found.counts.crcn == Count(sum(kept), len(kept))


def by_turns(right: list[bool]) -> Candidate:
    candidate = a_candidate_at_work()
    for r in right:
        candidate.replies(RIGHT if r else WRONG)
    return candidate


def with_replies(candidate: Candidate, replies: list[str]) -> Candidate:
    """The same items with other replies."""
    answers = tuple(replace(a, reply=reply) for a, reply in zip(candidate.sitting.answers, replies, strict=True))
    return Candidate(candidate.exam, replace(candidate.sitting, answers=answers))


def test_neutralising_wrong_answers_can_raise_the_level_and_right_ones_can_lower_it():
    candidate = went_through(8)
    wrong = [o.item for o in observed(candidate.sitting, candidate.exam.release) if not o.correct]
    assert scored(candidate).level is Level.AVANCE
    assert scored(candidate, out(*wrong[:1])).level is Level.EXPERT  # 40 of 47 is 85.1 %
    candidate = went_through(7)
    right = [a.item for a in candidate.sitting.answers[16:] if a.reply == RIGHT]
    assert scored(candidate).level is Level.EXPERT
    assert scored(candidate, out(*right[:2])).level is Level.AVANCE  # 39 of 46 is 84.8 %


def test_a_neutralisation_that_was_taken_back_counts_again():
    candidate = went_through(8)
    wrong = [o.item for o in observed(candidate.sitting, candidate.exam.release) if not o.correct]
    assert scored(candidate, out(*wrong), a_ruling(number=2)) == scored(candidate)


def test_the_assessment_leaves_neutralised_items_out():
    candidate = went_through(8)
    item = candidate.sitting.presented[20]
    found = scored(candidate, out(item))
    plan, release = candidate.exam
    assert found.assessment == assess(plan, observed(candidate.sitting, release, without=frozenset({item})))
    assert found.assessment != scored(candidate).assessment


# Too little to decide


@pytest.mark.parametrize(
    ("places", "conclusive"),
    [
        (range(2), True),
        (range(3), False),  # 13 of the CRCN-Édu
        (range(16, 24), True),
        (range(16, 25), False),  # 39 of the CRCN
    ],
)
def test_a_result_rests_on_fourteen_and_forty_counted_items_at_least(places, conclusive):
    candidate = went_through()
    found = outcome(candidate, (), [out(*(candidate.sitting.presented[n] for n in places))])
    assert isinstance(found, Scored if conclusive else Inconclusive)


def test_a_domain_with_nothing_left_decides_nothing():
    candidate = went_through()
    release = candidate.exam.release
    fifth = [i for i in candidate.sitting.presented[:16] if release.item(i).domain == 5]
    assert len(fifth) == 2
    assert isinstance(outcome(candidate, (), [out(fifth[0])]), Scored)
    found = outcome(candidate, (), [out(*fifth)])
    assert isinstance(found, Inconclusive)
    assert found.counts.edu_domains[5] == Count()
    assert found.counts.edu == Count(14, 14)


# What was not reached


def ended(answered: int, how: str) -> Candidate:
    """Someone who answered so many rightly, and then …"""
    candidate = a_candidate_at_work(answered)
    match how:
        case "early":
            candidate.finishes()
        case "bell":
            candidate.waits_for_the_bell().rings()
        case "swept":
            candidate.waits_for_the_bell(and_seconds=61).is_swept()
        case "technical":
            candidate.is_stopped(technical=True)
        case "excluded":
            candidate.is_stopped(technical=False)
    return candidate


OWN_DOING = ["early", "bell", "swept", "excluded"]


@pytest.mark.parametrize("how", OWN_DOING)
@pytest.mark.parametrize(
    ("answered", "level"), [(63, Level.EXPERT), (57, Level.EXPERT), (56, Level.AVANCE), (52, Level.AVANCE), (30, None)]
)
def test_what_was_not_reached_counts_as_wrong_after_an_early_end_or_the_bell(how, answered, level):
    found = scored(ended(answered, how))
    assert found.counts.edu + found.counts.crcn == Count(answered, 64)
    assert found.not_reached == 63 - answered  # one more was on screen: it was put
    assert found.level is level


@pytest.mark.parametrize("how", OWN_DOING)
@pytest.mark.parametrize("answered", [0, 7, 15, 16])
def test_so_does_what_was_not_reached_in_the_crcn_edu_domain_by_domain(how, answered):
    found = scored(ended(answered, how))
    assert {d: n.counted for d, n in found.counts.edu_domains.items()} == {1: 5, 2: 3, 3: 3, 4: 3, 5: 2}
    assert found.counts.crcn.counted == 48
    assert (found.level, found.counts.edu.correct) == (None, min(answered, 16))


@pytest.mark.parametrize(("answered", "conclusive"), [(63, True), (56, True), (55, False), (16, False), (0, False)])
def test_what_was_not_reached_does_not_count_after_a_technical_cause(answered, conclusive):
    candidate = ended(answered, "technical")
    assert len(candidate.sitting.presented) == answered + 1
    found = outcome(candidate)
    assert isinstance(found, Scored if conclusive else Inconclusive)
    assert isinstance(found, (Scored, Inconclusive))
    assert found.counts.edu + found.counts.crcn == Count(answered, answered)
    if isinstance(found, Scored):
        assert (found.level, found.not_reached) == (Level.EXPERT, 0)


def test_a_rule_set_may_leave_out_what_was_not_reached():
    lenient = replace(the_rules(), not_reached=NotReached.IGNORED)
    found = scored(ended(60, "bell"), rules=lenient)
    assert (found.counts.edu + found.counts.crcn, found.not_reached) == (Count(60, 61), 0)


def test_a_late_answer_counts_and_one_in_quarantine_does_not():
    late, lost = a_candidate_at_work(60), a_candidate_at_work(60)
    late.waits_for_the_bell(and_seconds=30).replies()
    lost.waits_for_the_bell(and_seconds=90).replies()
    assert late.state is lost.state is State.EXPIRED
    assert scored(late).counts.crcn == Count(45, 48)
    assert scored(lost).counts.crcn == Count(44, 48)
    assert scored(lost).not_reached == scored(late).not_reached == 3


# Flags


def test_there_is_no_assessment_nor_flag_while_parameters_rest_on_no_data():
    candidate = a_candidate_who_went_through(Missing(7), an_exam(provenance=Provenance.TAGS))
    found = scored(candidate)
    assert (found.level, found.assessment, found.flags) == (Level.EXPERT, None, ())


def probability(found: Scored, level: Level) -> float:
    assert found.assessment is not None
    return found.assessment.level[level - Level.CONFIRME]


def test_a_level_met_by_a_hair_is_flagged_as_fragile():
    found = scored(went_through(7, ((1, 1), (2, 1), (3, 1))))
    assert found.level is Level.EXPERT
    assert probability(found, Level.EXPERT) < 0.5
    assert found.flags == (Flag.FRAGILE,)


def test_a_level_refused_for_one_answer_against_all_odds_is_flagged_for_another_look():
    found = scored(went_through(0, ((5, 1),)))
    assert found.level is Level.CONFIRME
    assert probability(found, Level.AVANCE) >= 0.75
    assert found.flags == (Flag.REEXAMINE,)


def test_a_clear_result_has_no_flag():
    clear = [scored(went_through()), scored(went_through(40, ((1, 5), (2, 3), (3, 3))))]
    assert [(found.level, found.flags) for found in clear] == [(Level.EXPERT, ()), (None, ())]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(crcn=st.integers(0, 24), edu=st.dictionaries(st.integers(1, 5), st.integers(0, 2)))
def test_flags_say_what_the_probabilities_say(crcn, edu):
    found = scored(went_through(crcn, tuple(sorted(edu.items()))))
    held = found.level
    fragile = held is not None and probability(found, held) < 0.5
    above = Level.CONFIRME if held is None else None if held is Level.EXPERT else Level(held + 1)
    reexamine = above is not None and probability(found, above) >= 0.75
    assert (Flag.FRAGILE in found.flags, Flag.REEXAMINE in found.flags) == (fragile, reexamine)


def test_the_same_facts_give_the_same_result_on_a_plan_made_anew():
    candidate = went_through(9, ((3, 1),))
    an_exam.cache_clear()
    anew = an_exam()
    assert anew is not candidate.exam
    assert result(candidate.sitting, *anew, the_rules(), Level.EXPERT, (), ()) == outcome(candidate)


# Which rule decides


def deciding(rule: Rule, **facts: object) -> RuleSet:
    return replace(the_rules(), decides=rule, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", Rule)
def test_the_level_is_that_of_the_rule_that_decides(rule):
    candidate = went_through(9, ((5, 1),))
    found = scored(candidate, rules=deciding(rule))
    assert found.decided_by is rule
    assert found.level is found.by_rule[rule]
    assert found.by_rule == scored(candidate).by_rule
    assert list(found.by_rule) == list(Rule)


def test_rules_differ_over_one_and_the_same_sitting():
    found = scored(went_through(9, ((5, 1),)))
    assert len(set(found.by_rule.values())) > 1


def test_without_data_only_the_official_rule_speaks():
    candidate = a_candidate_who_went_through(exam=an_exam(provenance=Provenance.TAGS))
    assert scored(candidate).by_rule == {Rule.R1: Level.EXPERT}
    with pytest.raises(NotCalibrated, match="deciding by R3 needs stage 2"):
        scored(candidate, rules=deciding(Rule.R3))


@pytest.mark.parametrize("rule", Rule)
def test_a_cap_holds_whichever_rule_decides_and_hides_from_the_jury_nothing(rule):
    found = scored(went_through(), rules=deciding(rule, cap_at_target=True), target=Level.CONFIRME)
    assert (found.level, found.by_rule[rule]) == (Level.CONFIRME, Level.EXPERT)
    assert found.flags == (Flag.ABOVE_TARGET,)


def test_flags_turn_where_the_rule_set_says():
    found = scored(went_through(9, ((5, 1),)))
    assert found.assessment is not None
    assert found.level is Level.CONFIRME
    held, above = found.assessment.level[:2]
    for fragile, reexamine in ((held + 1e-9, above), (held, above + 1e-9)):  # one side of each, then the other
        policy = PosteriorPolicy(fragile_below=fragile, reexamine_from=reexamine)
        flags = scored(went_through(9, ((5, 1),)), rules=deciding(Rule.R1, posterior=policy)).flags
        assert (Flag.FRAGILE in flags, Flag.REEXAMINE in flags) == (fragile > held, reexamine <= above)


# Neutralising is blind


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 63), min_size=1, max_size=6), st.booleans())
def test_what_is_neutralised_is_the_same_when_every_answer_is_the_other_way_round(places, first):
    """The log with all replies flipped, item for item: same items out, same number counted everywhere."""
    candidate = went_through(*((0, ()) if first else (9, ((5, 1),))))
    put = candidate.sitting.presented
    answers = tuple(replace(a, reply=WRONG if a.reply == RIGHT else RIGHT) for a in candidate.sitting.answers)
    flipped = replace(candidate.sitting, answers=answers)
    ruling = out(*(put[p] for p in sorted(places)))
    results = [
        result(sitting, *candidate.exam, the_rules(), Level.EXPERT, [an_incident()], [ruling])
        for sitting in (candidate.sitting, flipped)
    ]
    one, other = results
    assert type(one) is type(other)
    if isinstance(one, Scored) and isinstance(other, Scored):
        assert set(one.neutralised) == {put[p] for p in places}
        assert one.neutralised == other.neutralised
        assert one.counts.edu.correct + other.counts.edu.correct == one.counts.edu.counted == other.counts.edu.counted
        assert one.counts.crcn.correct + other.counts.crcn.correct == one.counts.crcn.counted
        assert {k: c.counted for k, c in one.competences.items()} == {
            k: c.counted for k, c in other.competences.items()
        }
    else:
        assert len([p for p in places if p < 16]) > 2  # too few of the CRCN-Édu are left, whatever was right
