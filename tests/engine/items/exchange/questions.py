"""Questions of others, made for a test: QTI items around a body, packages, Moodle files."""

from pathlib import Path

from engine.items.exchange.model import Question, Reading
from engine.items.exchange.package import pack
from engine.items.exchange.qti_package import read_qti

OTHERS = Path(__file__).parent / "others"


def qti3(body: str, declarations: str = "", after: str = "", head: str = 'identifier="q1" title="Titre"') -> bytes:
    """An item of QTI 3."""
    return (
        f'<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" {head}>{declarations}'
        f"<qti-item-body>{body}</qti-item-body>{after}</qti-assessment-item>"
    ).encode()


def declared(*values: str, cardinality: str = "single", base: str = "identifier", name: str = "RESPONSE") -> str:
    """A response declaration of QTI 3 with right values."""
    listed = "".join(f"<qti-value>{v}</qti-value>" for v in values)
    correct = f"<qti-correct-response>{listed}</qti-correct-response>" if values else ""
    return (
        f'<qti-response-declaration identifier="{name}" cardinality="{cardinality}" base-type="{base}">'
        f"{correct}</qti-response-declaration>"
    )


def one(data: bytes) -> Question:
    """The one question of a file that is sound."""
    reading = read_qti(data, "q.xml")
    assert not reading.problems
    assert not reading.unsupported
    return reading.questions[0]


def told(reading: Reading) -> list[str]:
    """Everything that is wrong or not for Palier, as sentences with their place."""
    return [str(p) for p in (*reading.problems, *reading.unsupported)]


def package_of(folder: Path) -> bytes:
    """A folder as a zip."""
    return pack({str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})


def moodle(*questions: str) -> bytes:
    """A file of Moodle XML."""
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<quiz>\n{chr(10).join(questions)}\n</quiz>".encode()


def asked(kind: str, inner: str, text: str = "<p>Que faire ?</p>", name: str = "Q") -> str:
    """A question of Moodle XML."""
    return (
        f'<question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{inner}</question>'
    )


def answer(fraction: int, text: str, said: str = "") -> str:
    """An answer of Moodle XML."""
    feedback = f"<feedback format='html'><text>{said}</text></feedback>" if said else ""
    return f"<answer fraction='{fraction}' format='html'><text><![CDATA[{text}]]></text>{feedback}</answer>"
