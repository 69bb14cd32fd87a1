"""The address that an answer to a message goes to: that of its Reply-To."""

import email
import email.policy
from pathlib import Path

FACTS = {
    "": ("concours.sciences@repondre.example", "Le concours « Sciences en fête »"),
    "-v2": ("inscriptions@rallye-maths.example", "Le rallye de mathématiques"),
    "-v3": ("jury@prix-lecture.example", "Le prix des jeunes lectrices et lecteurs"),
}


def key(files: list[Path]) -> str:
    """Read as a mail program reads it."""
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    addresses = [a.addr_spec for a in message["Reply-To"].addresses]
    assert len(addresses) == 1
    assert addresses[0] not in str(message["From"]) + message.get_content()
    return str(addresses[0])


def make(folder: Path) -> None:
    """A message with four addresses, of which one is for answers."""
    for variant, (answer, title) in FACTS.items():
        domain = answer.partition("@")[2]
        text = f"""Return-Path: <rebond-7731@envoi-groupe.example>
Received: from mx2.envoi-groupe.example (mx2.envoi-groupe.example [192.0.2.41])
 by reception.lycee-arago.example; Tue, 13 Jan 2026 09:14:22 +0100
Received: from appli.envoi-groupe.example (appli.envoi-groupe.example [192.0.2.17])
 by mx2.envoi-groupe.example; Tue, 13 Jan 2026 09:14:20 +0100
Message-ID: <20260113.77.31@envoi-groupe.example>
Date: Tue, 13 Jan 2026 09:14:19 +0100
From: "Organisation" <diffusion@envoi-groupe.example>
Sender: automate@envoi-groupe.example
Reply-To: <{answer}>
To: professeurs@lycee-arago.example
Errors-To: rebond-7731@envoi-groupe.example
List-Unsubscribe: <mailto:retrait@envoi-groupe.example>
Subject: Calendrier 2026
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Bonjour,

{title} revient au printemps. Le calendrier est sur https://www.{domain}/calendrier
Les classes volontaires peuvent se signaler en répondant à ce message.

Pour une question technique : aide@envoi-groupe.example

L'équipe d'organisation
"""
        (folder / f"crcn-2.1-19{variant}.txt").write_text(text, encoding="utf-8")
