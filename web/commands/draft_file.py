"""A draft of an item: everything that needs no thought is filled in, the rest is marked with what belongs there."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.items.frameworks import Framework, Track
from engine.items.item import Kind

SECONDS = {
    Kind.SINGLE_CHOICE: 60,
    Kind.MULTIPLE_CHOICE: 75,
    Kind.SHORT_TEXT: 60,
    Kind.NUMBER: 75,
    Kind.ORDERING: 80,
    Kind.MATCHING: 90,
    Kind.GAPS: 90,
    Kind.FILE_TASK: 150,
}
"""A first guess, reading included."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author says before the first line is written."""

    id: str
    framework: Framework
    competence: str
    subject: str
    level: str
    kind: Kind
    author: str
    tracks: Sequence[Track] = tuple(Track)
    answer: Kind = Kind.NUMBER
    """How a file task is answered."""
    suffix: str = "ods"
    """What kind of file it is about."""

    @property
    def script_name(self) -> str:
        """The script that finds the key of a file task again."""
        return "".join("_" if c in ".-" else c for c in self.id) + ".py"


def text_of(draft: Draft) -> str:
    """The whole file."""
    level = draft.level if draft.framework is Framework.CRCN else f'"{draft.level}"'
    tracks = ", ".join(f'"{t}"' for t in draft.tracks)
    return f"""+++
# Remplacez chaque [À REMPLIR …], crochets compris. Ensuite : palier bank check, qui dit ligne par ligne ce qui manque,
# et palier bank preview {draft.id}, qui montre l'épreuve. Le format : docs/item-authoring.md ; l'art : docs/redaction.md.
id = "{draft.id}"
version = 1
status = "draft"
framework = "{draft.framework}"
competence = "{draft.competence}"
subject = "{draft.subject}"
tracks = [{tracks}]
level = {level}
level_reason = "[À REMPLIR : une ligne, pourquoi ce niveau d'après les descripteurs]"
interaction = "{draft.kind}"
# Le temps de lire, de chercher et de répondre, en secondes (15 à 600).
expected_seconds = {SECONDS[draft.kind]}
author = {_quoted(draft.author)}
licence = "CC-BY-SA-4.0"
# Les épreuves dont l'énoncé ou le corrigé donne la clé de celle-ci ; elles la nomment en retour.
enemies = []
rationale = "[À REMPLIR : pourquoi la clé est juste, et elle seule]"
source = "[À REMPLIR : un texte public, par son nom, qui le dit vraiment]"
learn_more = "[À REMPLIR : où l'apprendre, ou rien]"

{_own_fields(draft)}+++

[À REMPLIR : une situation professionnelle réelle, en une à quatre phrases courtes.]

{_middle(draft)}**[À REMPLIR : la question, seule sur cette dernière ligne]**
"""


def script_of(draft: Draft) -> str:
    """The script beside a file task: it finds the key in the file again, and made the files."""
    gives = {Kind.SINGLE_CHOICE: "the id of the right choice", Kind.NUMBER: "a number"}.get(draft.answer, "a text")
    kind = "float" if draft.answer is Kind.NUMBER else "str"
    return f'''"""{draft.id}: finds the key in the attachments of a variant, and makes the files of all variants."""

from pathlib import Path


def key(files: list[Path]) -> {kind}:
    """The key of one variant, found in its attachments by their content: {gives}."""
    raise NotImplementedError("{draft.id}: open the file and find the key in it")


def make(folder: Path) -> None:
    """Write the files of all variants."""
    raise NotImplementedError("{draft.id}: write the files")
'''


def _own_fields(draft: Draft) -> str:
    match draft.kind:
        case Kind.FILE_TASK:
            return _file_task(draft)
        case kind:
            return _fields(kind)


def _fields(kind: Kind) -> str:
    match kind:
        case Kind.SINGLE_CHOICE:
            return f"""# 3 à 6 choix de même longueur, parallèles ; la clé n'est pas le plus long. `why` : pourquoi ce choix est faux.
key = "b"
choices = [
{_choice("a", "une erreur que des collègues font vraiment")}
{_choice("b", "la bonne réponse", right=True)}
{_choice("c", "une autre erreur courante")}
{_choice("d", "une troisième erreur")}
]
"""
        case Kind.MULTIPLE_CHOICE:
            return f"""# 4 à 7 choix, au moins deux justes, pas tous ; tout ou rien. `why` : pourquoi ce choix est faux.
key = ["a", "d"]
choices = [
{_choice("a", "une bonne réponse", right=True)}
{_choice("b", "une erreur que des collègues font vraiment")}
{_choice("c", "une autre erreur courante")}
{_choice("d", "une seconde bonne réponse", right=True)}
{_choice("e", "une troisième erreur")}
]
"""
        case Kind.SHORT_TEXT:
            return """# Toutes les formes qu'une personne sensée écrirait. Majuscules, accents, espaces et ponctuation sont pardonnés.
key = ["[À REMPLIR : la réponse]"]
# Des réponses voisines mais fausses, que l'indulgence pour les fautes de frappe ne doit pas laisser passer.
refused = []
[tolerance]
# true : les fautes de frappe sont pardonnées (un quart des lettres au plus).
typos = false
"""
        case Kind.NUMBER:
            return """key = "[À REMPLIR : un nombre, sans guillemets, avec un point décimal]"
# L'unité affichée après le champ, par exemple "Mo" ou "élèves" ; "" s'il n'y en a pas. L'énoncé dit l'arrondi.
unit = ""
[tolerance]
absolute = 0
"""
        case Kind.ORDERING:
            return f"""# 3 à 7 étapes qui n'ont qu'un ordre défendable, écrites ici dans un ordre quelconque ; `key` donne le bon.
key = ["c", "a", "d", "b"]
choices = [
{_choice("a", "deuxième étape", right=True)}
{_choice("b", "dernière étape", right=True)}
{_choice("c", "première étape", right=True)}
{_choice("d", "troisième étape", right=True)}
]
"""
        case Kind.MATCHING:
            return f"""# 2 à 6 éléments ; une proposition sert une fois au plus, et une de trop évite de finir par élimination.
key = {{ p1 = "c", p2 = "a", p3 = "d" }}
prompts = [
{_choice("p1", "premier élément", right=True)}
{_choice("p2", "deuxième élément", right=True)}
{_choice("p3", "troisième élément", right=True)}
]
choices = [
{_choice("a", "va avec p2", right=True)}
{_choice("b", "ne va avec aucun, mais se discute", right=True)}
{_choice("c", "va avec p1", right=True)}
{_choice("d", "va avec p3", right=True)}
]
"""
        case Kind.GAPS:
            return """# 1 à 8 menus ; l'énoncé porte [[g1]], [[g2]], chacun une fois. Chaque choix complète la phrase en bon français.
key = { g1 = "b", g2 = "a" }
gaps = [
  { id = "g1", choices = [
    { id = "a", text = "[À REMPLIR : une erreur courante]" },
    { id = "b", text = "[À REMPLIR : ce qui convient]" },
    { id = "c", text = "[À REMPLIR : une autre erreur]" },
  ] },
  { id = "g2", choices = [
    { id = "a", text = "[À REMPLIR : ce qui convient]" },
    { id = "b", text = "[À REMPLIR : une erreur courante]" },
    { id = "c", text = "[À REMPLIR : une autre erreur]" },
  ] },
]
"""
        case Kind.FILE_TASK:
            raise ValueError("a file task has the fields of its answer")


def _file_task(draft: Draft) -> str:
    own = _fields(draft.answer)
    if draft.answer is Kind.SINGLE_CHOICE:
        # The key of one variant is a wrong choice of the others.
        own = own.replace(
            _choice("b", "la bonne réponse", right=True), _choice("b", "la bonne réponse du premier fichier")
        )
        key = '"c"'
    elif draft.answer is Kind.SHORT_TEXT:
        key = '["[À REMPLIR : la réponse dans ce fichier]"]'
    else:
        key = '"[À REMPLIR : le nombre dans ce fichier]"'
    others = "".join(
        f"""[[variants]]
id = "v{n}"
key = {key if n == 2 or draft.answer is not Kind.SINGLE_CHOICE else '"d"'}
[[variants.attachments]]
{_attachment(f"{draft.id}-v{n}.{draft.suffix}")}
"""
        for n in (2, 3)
    )
    return f"""# Comment on répond : single_choice, short_text ou number.
answer = "{draft.answer}"
{own}[[attachments]]
{_attachment(f"{draft.id}.{draft.suffix}")}

# Deux autres fichiers pour la même question, chacun avec sa clé : deux voisins n'ont pas la même réponse.
# item_bank/scripts/{draft.framework}/{draft.script_name} retrouve chaque clé dans son fichier.
{others}"""


def _attachment(name: str) -> str:
    return f'file = "{name}"\ntitle = "[À REMPLIR : ce que c\'est, le format et la taille, « Prêts du CDI (classeur ODS, 5 ko) »]"'


def _choice(id: str, hint: str, right: bool = False) -> str:
    why = "" if right else ', why = "[À REMPLIR : pourquoi c\'est faux]"'
    return f'  {{ id = "{id}", text = "[À REMPLIR : {hint}]"{why} }},'


def _middle(draft: Draft) -> str:
    if draft.kind is not Kind.GAPS:
        return ""
    return "[À REMPLIR : une phrase avec un premier menu] [[g1]] [À REMPLIR : la suite, avec le second] [[g2]].\n\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
