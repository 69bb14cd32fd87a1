"""Workbooks that somebody built to harm: XLSX and ODS packages from parts, as bytes."""

import io
import zipfile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def package(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of parts, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx_parts(sheet: str, shared: str = "", sheets: int = 1) -> dict[str, str | bytes]:
    """The parts of a workbook, each of whose sheets is the same part."""
    names = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(sheets))
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": shared or f"<sst {MAIN}/>",
    }


def rows(content: str, before: str = "") -> str:
    """A sheet of an XLSX."""
    return f"{before}<worksheet {MAIN}><sheetData>{content}</sheetData></worksheet>"


def inline(text: str) -> str:
    """A row with one text in it."""
    return f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'


def strings(content: str, before: str = "") -> str:
    """The shared texts of an XLSX."""
    return f"{before}<sst {MAIN}>{content}</sst>"


def ods(content: str, before: str = "") -> bytes:
    """An ODS with some rows."""
    document = (
        f"{before}<office:document-content {ODS_SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="A">{content}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return package(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": document}
        | {"META-INF/manifest.xml": "<manifest/>"}
    )


def ods_cell(text: str, repeated: str = "") -> str:
    """A cell of an ODS."""
    return f'<table:table-cell office:value-type="string" {repeated}><text:p>{text}</text:p></table:table-cell>'


def laughs(depth: int = 9) -> str:
    """Ten to the power of `depth` laughs in a kilobyte."""
    more = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, depth + 1))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY lol0 "lol">{more}]>'


def quadratic(size: int = 60_000) -> str:
    """One long entity, to be said often."""
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * size}">]>'


def external(address: str) -> str:
    """An entity that stands somewhere else."""
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "{address}">]>'


def parametric(address: str) -> str:
    """A parameter entity that stands somewhere else and declares another."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{address}" [<!ENTITY % file SYSTEM "{address}">'
        f"<!ENTITY % make \"<!ENTITY x SYSTEM '{address}?%file;'>\">%make;]>"
    )
