"""Writing small Word files: WordprocessingML by hand, for what python-docx cannot make."""

import io
import zipfile
from collections.abc import Sequence

from docx.document import Document as WordDocument

from parsers.blocks import Block, Paragraph
from parsers.readers.docx import read
from parsers.readers.docx_names import TRANSITIONAL


def package(body: str, *, uri: str = TRANSITIONAL, main: str = "word/document.xml", **parts: str) -> bytes:
    """A docx with the given content of w:body; parts: content of styles, numbering."""
    spaces = (
        f'xmlns:w="{uri}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, f"<w:document {spaces}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {spaces}>{content}</w:{name}>")
    return out.getvalue()


def saved(document: WordDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def p(text: str = "", properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{run(text) if text else ''}</w:p>"


def tc(text: str = "", properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def blocks(body: str, **parts: str) -> list[Block]:
    return read(package(body, **parts)).blocks


def texts(found: Sequence[Block]) -> list[str | list[list[str | None]]]:
    return [block.text if isinstance(block, Paragraph) else block.rows for block in found]


SPAN2, SPAN3 = '<w:gridSpan w:val="2"/>', '<w:gridSpan w:val="3"/>'
BEGIN, DOWN = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def textbox(content: str) -> str:
    branch = f"<w:r><w:txbxContent>{content}</w:txbxContent></w:r>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{branch}</mc:Choice>'
        f"<mc:Fallback>{branch}</mc:Fallback></mc:AlternateContent></w:r>"
    )


STYLES = """
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="a"><w:name w:val="标题 2"/></w:style>
<w:style w:type="paragraph" w:styleId="b"><w:name w:val="年报标题"/><w:basedOn w:val="1"/></w:style>
<w:style w:type="paragraph" w:styleId="c"><w:name w:val="自定"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="d"><w:name w:val="正文一"/><w:basedOn w:val="1"/>
  <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="e"><w:name w:val="Body Text"/><w:basedOn w:val="f"/></w:style>
<w:style w:type="paragraph" w:styleId="f"><w:name w:val="Loop"/><w:basedOn w:val="e"/></w:style>
<w:style w:type="paragraph" w:styleId="n"><w:name w:val="heading 3"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:rPr><w14:glow xmlns:w14="x"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="m"><w:name w:val="条"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
"""
