"""How many other domains a page calls when it is loaded."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

OWN = "gazette-classe.example"


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.domains: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = {"script": "src", "img": "src", "iframe": "src", "link": "href"}.get(tag)
        host = urlsplit(dict(attrs).get(name) or "").hostname if name else None
        if host:
            self.domains.add(".".join(host.split(".")[-2:]))


def key(files: list[Path]) -> float:
    """Those of scripts, images, frames and style sheets, without the page's own."""
    page = _Loads()
    page.feed(files[0].read_text(encoding="utf-8"))
    assert OWN in page.domains
    return len(page.domains - {OWN})


def make(folder: Path) -> None:
    """Loads that all variants have, and some of their own."""
    for variant, more in (
        ("", ('<img src="https://px.compte-clics.example/p.gif?u=31" width="1" height="1" alt="">',)),
        ("-v2", ()),
        (
            "-v3",
            (
                '<img src="https://px.compte-clics.example/p.gif?u=31" width="1" height="1" alt="">',
                '<iframe src="https://carte.plan-libre.example/lieu?id=8" title="Plan"></iframe>',
            ),
        ),
    ):
        extra = "".join(f"  {line}\n" for line in more)
        page = f"""<!DOCTYPE html>
<html lang="fr">
<head>
  <meta charset="utf-8">
  <title>La gazette de la classe</title>
  <link rel="stylesheet" href="https://www.gazette-classe.example/style.css">
  <link rel="stylesheet" href="https://cdn.belles-lettres.example/police.css">
  <script src="https://static.gazette-classe.example/menu.js"></script>
  <script src="https://js.mesure-visites.example/suivi.js" async></script>
</head>
<body>
  <h1>La gazette de la classe</h1>
  <p>Publié par l'<a href="https://ecole-des-pins.example/">école des Pins</a>, avec l'aide de la
  <a href="https://mairie-vallon.example/culture">mairie</a>.</p>
  <img src="https://www.gazette-classe.example/img/potager.jpg" alt="Le potager en mars">
  <p>Notre potager a six mois. Lisez aussi le <a href="https://blog-jardin.example/semis">guide des semis</a>.</p>
  <img src="https://img.belles-lettres.example/frise.svg" alt="">
  <iframe src="https://lecteur.video-pre.example/v/5120" title="Vidéo du potager"></iframe>
{extra}  <img src="https://api.mesure-visites.example/vu.gif?page=potager" width="1" height="1" alt="">
  <script src="https://boutons.partage-ici.example/b.js"></script>
  <p><a href="https://www.gazette-classe.example/archives">Archives</a> ·
  <a href="https://imprimeur-local.example/">Notre imprimeur</a></p>
</body>
</html>
"""
        (folder / f"crcn-4.2-17{variant}.html").write_text(page, encoding="utf-8")
