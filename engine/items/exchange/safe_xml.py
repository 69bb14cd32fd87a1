"""XML of strangers: no DTD, no entity, no network, no bomb."""

from typing import Any
from xml.parsers import expat

from lxml import etree

from engine.items.exchange.model import Faulty, Place

LARGEST_XML = 64 * 1024 * 1024


class _Enough(Exception):
    """The first element has come: what may stand before it has been seen."""


def parse_xml(data: bytes, file: str) -> Any:
    """The root element. Raises `Faulty` with the line for what is no XML, or holds a document type."""
    place = Place(file)
    if len(data) > LARGEST_XML:
        raise Faulty(place.problem(f"larger than {LARGEST_XML // 2**20} MiB: cut it into several files"))
    _refuse_document_type(data, place)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Faulty(place.problem(f"not XML: {error.msg}", error.lineno or 1)) from error


def _refuse_document_type(data: bytes, place: Place) -> None:
    """Entities and external files can only be named in a document type, which no question needs."""
    scanner = expat.ParserCreate()

    def document_type(*_: object) -> None:
        raise Faulty(
            place.problem(
                "<!DOCTYPE …> can name entities and files from elsewhere: remove it, no question needs it",
                scanner.CurrentLineNumber,
            )
        )

    def element(*_: object) -> None:
        raise _Enough

    scanner.StartDoctypeDeclHandler = document_type
    scanner.StartElementHandler = element
    try:
        scanner.Parse(data, True)
    except _Enough:
        return
    except expat.ExpatError as error:
        raise Faulty(place.problem(f"not XML: {expat.ErrorString(error.code)}", error.lineno)) from error
