"""The address that an answer to a message would go to."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path


def key(files: list[Path]) -> str:
    """Reply-To, which has another domain than From."""
    message = BytesParser(policy=policy.default).parsebytes(files[0].read_bytes())
    _, reply = parseaddr(message["Reply-To"])
    _, sender = parseaddr(message["From"])
    assert reply.split("@")[1] != sender.split("@")[1]
    assert reply not in message.get_content()
    return reply


def make(folder: Path) -> None:
    """One message from three schools."""
    for variant, school, place, reply in (
        ("", "lycee-orme", "du lycée de l'Orme", "gestion.orme@courrier-facile.example"),
        ("-v2", "college-tilleul", "du collège du Tilleul", "compta.tilleul@boite-rapide.example"),
        ("-v3", "lycee-charme", "du lycée du Charme", "intendance.charme@poste-libre.example"),
    ):
        message = EmailMessage(policy=policy.SMTP)
        message["Return-Path"] = f"<retours@envoi.{school}.example>"
        message["Received"] = (
            f"from mx2.relais-envoi.example (192.0.2.44) by mx.{school}.example; Thu, 15 Jan 2026 07:41:08 +0100"
        )
        message["Date"] = "Thu, 15 Jan 2026 07:41:05 +0100"
        message["From"] = f"Bureau des personnels <secretariat@{school}.example>"
        message["Reply-To"] = f"Bureau des personnels <{reply}>"
        message["To"] = f"Personnels <personnels@{school}.example>"
        message["Message-ID"] = "<20260115.074105.7731@relais-envoi.example>"
        message["Subject"] = "Remboursement de vos frais de déplacement"
        message.set_content(
            "Bonjour,\n\n"
            "Nous préparons le remboursement de vos frais de déplacement du premier trimestre.\n"
            "Répondez à ce message avec votre relevé d'identité bancaire, avant vendredi midi.\n\n"
            f"Pour toute question : secretariat@{school}.example\n"
            f"Copie : gestion@{school}.example\n\n"
            f"Le secrétariat {place}\n",
            cte="8bit",
        )
        (folder / f"crcn-4.1-18{variant}.eml").write_bytes(message.as_bytes())
