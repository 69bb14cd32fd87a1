"""The two reference frameworks, as the jury report and the national framework print them."""

from engine.items.frameworks import COMPETENCES, DOMAINS, Framework, Level, competences_of, domains_of


def codes(framework: Framework) -> str:
    return " ".join(c.code for c in competences_of(framework))


def test_each_framework_has_five_domains_and_sixteen_competences():
    assert codes(Framework.CRCN_EDU) == "1.1 1.2 1.3 1.4 1.5 2.1 2.2 2.3 3.1 3.2 3.3 4.1 4.2 4.3 5.1 5.2"
    assert codes(Framework.CRCN) == "1.1 1.2 1.3 2.1 2.2 2.3 2.4 3.1 3.2 3.3 3.4 4.1 4.2 4.3 5.1 5.2"
    for framework in Framework:
        assert [d.number for d in domains_of(framework)] == [1, 2, 3, 4, 5]


def test_the_crcn_edu_comes_first_everywhere():
    assert list(Framework) == [Framework.CRCN_EDU, Framework.CRCN]
    assert [c.framework for c in COMPETENCES] == [Framework.CRCN_EDU] * 16 + [Framework.CRCN] * 16
    assert len({d.key for d in DOMAINS}) == len(DOMAINS) == 10


def test_a_competence_belongs_to_the_domain_of_its_first_digit():
    assert all(c.domain == int(c.code[0]) for c in COMPETENCES)


def test_levels_rise_from_initie_to_expert():
    assert [level.slug for level in sorted(Level)] == ["initie", "confirme", "avance", "expert"]
