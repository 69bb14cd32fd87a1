"""The rules that pages are held against find what they are meant to find."""

import pytest

from tests.house.dom import read
from tests.house.pages import faults

GOOD = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Accueil – Palier</title></head>
<body><main><h1>Accueil</h1>{}</main></body></html>"""


def test_a_good_page_has_no_fault():
    assert faults(read(GOOD.format(""))) == []


@pytest.mark.parametrize(
    "piece",
    [
        "<h1>Encore</h1>",
        "<h3>Trop profond</h3>",
        "<p id=a></p><p id=a></p>",
        '<input name="x">',
        '<label for="x"></label><input id="x" name="x">',
        "<label>Nom <input></label>",
        '<label><input type="radio" name="r"> Un</label>',
        '<select name="x"><option>1</option></select>',
        '<textarea name="x" placeholder="Nom"></textarea>',
        '<img src="/x.png">',
        '<p style="color:red">x</p>',
        "<style>p{}</style>",
        "<script>1</script>",
        '<script src="https://elsewhere.example/x.js"></script>',
        '<button onclick="x()">Oui</button>',
        "<button></button>",
        '<a href="/x"></a>',
        "<a>Ici</a>",
        '<a href="https://elsewhere.example">Ailleurs</a>',
        '<a href="https://elsewhere.example" target="_blank" rel="noopener">Ailleurs</a>',
        '<a href="http://elsewhere.example" rel="external noopener noreferrer">Ailleurs</a>',
        '<a href="javascript:x" rel="external noopener noreferrer">Ailleurs</a>',
        '<form method="post" action="/x"><button>Oui</button></form>',
        '<form action="/x"><button>Oui</button></form>',
        '<form method="get" action="/x"><input type="hidden" name="csrf_token" value="x"><button>Oui</button></form>',
        '<form method="post" action="https://elsewhere.example"><input type="hidden" name="csrf_token" value="x">',
        '<p aria-describedby="nowhere">x</p>',
        "<div>",
        "<p>x</div>",
        '<p class="a" class="b">x</p>',
    ],
)
def test_a_fault_is_found(piece: str):
    assert faults(read(GOOD.format(piece)))


@pytest.mark.parametrize(
    "page",
    [
        GOOD.format("").replace("<!doctype html>\n", ""),
        GOOD.format("").replace('lang="fr"', 'lang="en"'),
        GOOD.format("").replace("Accueil – Palier", ""),
        GOOD.format("").replace("Accueil – Palier", "– Palier"),
        GOOD.format("").replace("<h1>Accueil</h1>", ""),
        GOOD.format("").replace("main>", "div>"),
    ],
)
def test_a_page_without_its_frame_is_found(page: str):
    assert faults(read(page))


@pytest.mark.parametrize(
    "piece",
    [
        '<label for="x">Nom</label><input id="x" name="x">',
        "<label>Nom <input name=x></label>",
        '<input name="x" aria-label="Nom">',
        '<p id="l">Nom</p><input name="x" aria-labelledby="l">',
        '<fieldset><legend>Choix</legend><label><input type="radio" name="r"> Un</label></fieldset>',
        '<form method="post" action="/x"><input type="hidden" name="csrf_token" value="x"><button>Oui</button></form>',
        '<form method="get" action="/x"><button>Filtrer</button></form>',
        '<a href="/x"><img src="/x.png" alt="Accueil"></a>',
        '<a href="https://elsewhere.example" target="_blank" rel="external noopener noreferrer">Visio</a>',
        '<img src="/x.png" alt="">',
        "<ul><li>Un<li>Deux</ul>",
    ],
)
def test_what_is_right_is_left_alone(piece: str):
    assert faults(read(GOOD.format(piece))) == []
