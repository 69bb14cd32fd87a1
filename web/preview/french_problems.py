"""What the check says of a file, in French for the preview; what has no French here stays as it is."""

import re

_FORMS: tuple[tuple[str, str], ...] = (
    (r"the body is still to be filled in(?:: (.*))?", r"l'énoncé reste à remplir : \1"),
    (r"([\w.]+) is still to be filled in(?:: (.*))?", r"« \1 » reste à remplir : \2"),
    (r"the file must start with \+\+\+.*", "le fichier commence par +++, puis les champs, puis +++ seul sur sa ligne"),
    (r"not UTF-8 .*", "le fichier n'est pas en UTF-8 : enregistrez-le en UTF-8"),
    (r"not TOML: (.*)", r"un champ est mal écrit (guillemet, virgule ou crochet oublié ?) : \1"),
    (r"cannot be opened: (.*)", r"le fichier ne s'ouvre pas : \1"),
    (r"must be at (.*)", r"ce fichier doit se trouver à \1"),
    (r"([\w.]+): Field required", r"il manque le champ « \1 »"),
    (r"([\w.]+): Extra inputs are not permitted", r"le champ « \1 » n'existe pas pour cette épreuve"),
    (r"([\w.]+): String should have at least 1 character", r"« \1 » est vide"),
    (r"([\w.]+): Input should be a valid (?:integer|number).*", r"« \1 » doit être un nombre, sans guillemets"),
    (r"([\w.]+): Input should be a valid string", r"« \1 » doit être un texte entre guillemets"),
    (r"([\w.]+): Input should be a valid (?:tuple|list)", r"« \1 » doit être une liste entre crochets"),
    (r"([\w.]+): Input should be greater than or equal to (\S+)", r"« \1 » est trop petit : au moins \2"),
    (r"([\w.]+): Input should be less than or equal to (\S+)", r"« \1 » est trop grand : au plus \2"),
    (r"([\w.]+): Input should be (.*)", r"« \1 » : valeurs possibles \2"),
    (r"([\w.]+): Tuple should have at least (\d+) items?.*", r"« \1 » : il en faut au moins \2"),
    (r"([\w.]+): Tuple should have at most (\d+) items?.*", r"« \1 » : au plus \2"),
    (r"([\w.]+): String should match pattern.*", r"« \1 » : cette écriture n'est pas permise (docs/item-authoring.md)"),
    (r"(?:[\w.]+: )?the key names (.*), which is not among (.*)", r"la clé nomme \1, qui n'est pas parmi \2"),
    (r"(?:[\w.]+: )?the (id|text) (.*) stands twice", r"\2 figure deux fois"),
    (r"(?:[\w.]+: )?say in `why` what is wrong with choice (.*)", r"dites dans « why » pourquoi le choix \1 est faux"),
    (r"(?:[\w.]+: )?at least one choice must be wrong", "au moins un choix doit être faux"),
    (r"(?:[\w.]+: )?the key must name each choice once", "la clé doit nommer chaque choix une fois"),
    (
        r"(?:[\w.]+: )?the key must name each (?:prompt|gap) once.*",
        "la clé doit nommer chaque élément une fois, dans l'ordre",
    ),
    (r"(?:[\w.]+: )?a choice serves at most once", "un choix sert une fois au plus"),
    (r"(?:[\w.]+: )?a CRCN level lies between 1 and 8", "un niveau du CRCN va de 1 à 8"),
    (r"(?:[\w.]+: )?CRCN-Édu levels are names.*", "les niveaux du CRCN-Édu sont des noms, ceux du CRCN des nombres"),
    (r"(?:[\w.]+: )?the id must start with (.*)", r"le numéro doit commencer par \1"),
    (
        r"(?:[\w.]+: )?a file task needs \[\[attachments\]\]",
        "une recherche dans un fichier a besoin de [[attachments]]",
    ),
    (r"the body is empty.*", "l'énoncé est vide : écrivez la situation et la question"),
    (
        r"the body holds raw HTML.*",
        "l'énoncé contient du HTML : écrivez en Markdown, ou mettez le code entre accents graves",
    ),
    (r"the body must hold each gap once.*", "l'énoncé doit contenir chaque menu, [[g1]], [[g2]] …, une fois"),
    (r"choice (\w+) is a catch-all.*", r"le choix \1 est un fourre-tout : écrivez une vraie proposition"),
    (r"image (\S+) is not in \[\[media\]\]", r"l'image \1 n'est pas décrite dans [[media]]"),
    (
        r"image (\S+): its alternative text.*",
        r"l'image \1 : son texte alternatif va dans [[media]], laissez les crochets vides",
    ),
    (r"(\S+) is never shown in the body", r"\1 n'est jamais montré dans l'énoncé"),
    (r"(\S+) is missing: put it beside the item", r"\1 manque : mettez ce fichier à côté de l'épreuve"),
    (r"(\S+) is empty", r"\1 est vide"),
    (r"(\S+) is larger than 2 MiB", r"\1 pèse plus de 2 Mio"),
    (r"(\S+): the name must start with (.*)", r"\1 : ce nom doit commencer par \2"),
    (r"(\S+) is named by (\d+) variants.*", r"\1 sert à \2 variantes : donnez à chacune son fichier"),
    (r"(.*) is right in two variants.*", r"\1 est juste dans deux variantes : deux voisins pourraient se le souffler"),
    (
        r"(.*) is accepted by the key: it cannot be refused too",
        r"\1 est accepté par la clé : il ne peut pas être refusé",
    ),
    (r"(.*) is forgiven as a whole.*", r"il ne reste rien de \1 après l'indulgence : réglez [tolerance]"),
    (r"(\S+) does not exist", r"l'épreuve \1 n'existe pas"),
    (r"(\S+) does not name (\S+) as its enemy.*", r"\1 ne nomme pas \2 en retour dans « enemies »"),
    (r"its body is the same as that of (.*)", r"l'énoncé est le même que celui de \1"),
    (r"an item is not its own enemy", "une épreuve n'est pas sa propre ennemie"),
    (
        r"« (.*) » stands in the question and in the key only.*",
        r"« \1 » est dans l'énoncé et dans la clé seulement : dites-le autrement, ou aussi dans un distracteur",
    ),
    (
        r"a sentence of (\d+) words \(« (.*) … »\): cut it below (\d+)",
        r"une phrase de \1 mots (« \2 … ») : coupez, moins de \3",
    ),
    (
        r"hard to read \(LIX (\d+), aim below (\d+)\).*",
        r"texte difficile (LIX \1, visez moins de \2) : phrases et mots plus courts",
    ),
)
_COMPILED = tuple((re.compile(form, re.DOTALL), words) for form, words in _FORMS)


def in_french(sentence: str) -> str:
    """The sentence in French, where there is one.

    >>> in_french("rationale: String should have at least 1 character")
    '« rationale » est vide'
    """
    for form, words in _COMPILED:
        if found := form.fullmatch(sentence):
            return re.sub(r" : $", "", found.expand(words))
    return sentence
