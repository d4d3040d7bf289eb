"""A report as a PDF of several pages (reportlab), tables ruled or not."""

from io import BytesIO
from typing import Any

from crawler.sandbox.forms import PrintedTable, cut_table, printed_tables
from crawler.sandbox.sample import PackageAbsent, SampleReport, chinese_date

FONT = "STSong-Light"  # one of the Adobe fonts that a viewer brings itself; no font file is needed to write it
_CUT_APPLICATIONS_AT = 17


def write(
    report: SampleReport,
    *,
    ruled: bool = True,
    cut: bool = True,
    page_numbers: bool = True,
    by_glyph: bool = False,
    font: str = FONT,
) -> bytes:
    """The report as PDF with a text layer.

    ruled: rules around the cells, else none. cut: the table of applications goes on over a page end, and what was
    merged across it begins anew as an empty cell. by_glyph: every character is drawn by itself, as WPS and Word write
    it. font: the name of another font that reportlab knows, to be embedded. Raises PackageAbsent without reportlab.
    """
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer
    except ImportError as error:
        raise PackageAbsent("reportlab", "pdf") from error
    if font == FONT:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    body = ParagraphStyle("body", fontName=font, fontSize=10.5, leading=17, firstLineIndent=21, wordWrap="CJK")
    head = ParagraphStyle("head", body, fontSize=12, leading=22)
    title = ParagraphStyle("title", head, fontSize=16, leading=28, alignment=1, firstLineIndent=0)
    cell = ParagraphStyle("cell", fontName=font, fontSize=8, leading=10, alignment=1, wordWrap="CJK")

    flow: list[Any] = [Paragraph(_escaped(report.title), title)]
    flow += [Paragraph(_escaped(text), body) for text in report.opening_paragraphs()]
    tables = printed_tables(report.form, report.figures)
    for section in report.sections:
        flow.append(Paragraph(_escaped(section.heading), head))
        flow += [Paragraph(_escaped(text), body) for text in section.paragraphs]
        for table in tables.get(section.number or 0, ()):
            pieces = [table]
            if cut and table.name == "applications":
                pieces = list(cut_table(table, _CUT_APPLICATIONS_AT))
            for number, piece in enumerate(pieces):
                flow += [PageBreak()] if number else []
                flow.append(_table(piece, cell, ruled=ruled))
            flow.append(Spacer(1, 12))
    if report.signed_on:
        flow += [Paragraph(_escaped(report.agency), body), Paragraph(chinese_date(report.signed_on), body)]

    def number_page(canvas: Any, document: Any) -> None:
        if page_numbers:
            canvas.setFont(font, 9)
            canvas.drawCentredString(A4[0] / 2, 36, f"- {document.page} -")

    buffer = BytesIO()
    # `invariant`: no clock and no random id in the file, so that one seed gives one sequence of bytes.
    template = SimpleDocTemplate(
        buffer, pagesize=A4, topMargin=64, bottomMargin=64, title=report.title, author=report.agency, invariant=1
    )
    canvas_maker = {"canvasmaker": _glyph_canvas()} if by_glyph else {}
    template.build(flow, onFirstPage=number_page, onLaterPages=number_page, **canvas_maker)
    return buffer.getvalue()


def _glyph_canvas() -> type:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.pdfgen.textobject import PDFTextObject

    class GlyphText(PDFTextObject):
        def _textOut(self, text: str, TStar: int = 0) -> None:
            for character in text[:-1]:
                super()._textOut(character)
            super()._textOut(text[-1:], TStar)

    class GlyphCanvas(Canvas):
        def beginText(self, x: float = 0, y: float = 0, direction: str | None = None) -> GlyphText:
            return GlyphText(self, x, y, direction=direction)

    return GlyphCanvas


def _table(table: PrintedTable, style: Any, *, ruled: bool) -> Any:
    from reportlab.platypus import Paragraph, Table

    widths = {4: [150.0] + [100.0] * 3, 5: [130.0] + [80.0] * 4, 10: [28.0, 62.0, 130.0] + [34.0] * 7}.get(table.width)
    data: list[list[Any]] = [[""] * table.width for _ in table.rows]
    commands: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    if ruled:
        commands.append(("GRID", (0, 0), (-1, -1), 0.5, "black"))
    for y, x, cell in table.placed():
        data[y][x] = Paragraph(_escaped(cell.text), style) if cell.text else ""
        if cell.rowspan > 1 or cell.colspan > 1:
            commands.append(("SPAN", (x, y), (x + cell.colspan - 1, y + cell.rowspan - 1)))
    return Table(data, colWidths=widths or [450 / table.width] * table.width, style=commands)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
