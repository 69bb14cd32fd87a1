"""Bodies that say nearly the same."""

from engine.items.likeness import likeness, near_duplicates
from tests.builders import an_item

ONE = "Une enseignante de CM2 publie des photos de la sortie au musée. Que vérifie-t-elle d'abord ?"
TWIN = "Un enseignant de CM2 publie les photos de la sortie au musée. Que vérifie-t-il d'abord ?"
OTHER = "Le fichier du rapport ne s'ouvre plus depuis la mise à jour. Quelle est la première chose à essayer ?"


def test_two_bodies_that_differ_in_a_few_letters_are_told_once():
    items = [an_item("crcn-1.1-01", body=ONE), an_item("crcn-1.1-02", body=OTHER), an_item("crcn-1.1-03", body=TWIN)]
    [(later, earlier, index)] = near_duplicates(items)
    assert (later, earlier) == ("crcn-1.1-03", "crcn-1.1-01")
    assert 0.4 < index < 1


def test_the_index_is_that_of_sets():
    found = likeness(["abcdef", "abcdeX", ""])
    assert found[0, 1] == 1 / 3  # abcde of {abcde, bcdef, bcdex}
    assert found[0, 0] == 1
    assert found[2, 2] == 0
