"""A report as HTML: a bare fragment or a portal's page, clean or as word processors and editors leave it."""

import random
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from typing import Literal

from crawler.sandbox.forms import PrintedCell, PrintedTable, cut_table, printed_tables
from crawler.sandbox.sample import SampleReport, chinese_date
from crawler.sandbox.writers.html_page import PageFrame, framed_page

# What the label claims, by the encoding that is used, where it is to be wrong.
_WRONG_LABEL = {"utf-8": "gb2312", "gbk": "utf-8", "gb18030": "utf-8"}
_ABSURD_SPANS = ("1px", "", "abc")
_LITTER = ("&nbsp;", "\u200b", "&ensp;", "\ufeff", "&#8203;", "\u3000")
_CUT_APPLICATIONS_AT = 17
# XML islands and styles as Word's clipboard has them.
_WORD_HEAD = (
    "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View><w:Zoom>0</w:Zoom>"
    "<w:DrawingGridVerticalSpacing>7.8 磅</w:DrawingGridVerticalSpacing></w:WordDocument></xml><![endif]-->"
    '<style>@page{mso-page-border-surround-header:no;}p.MsoNormal{mso-style-name:"正文";mso-pagination:none}</style>'
)
_WORD_SPAN = '<span style="font-family:仿宋_GB2312;mso-bidi-font-family:宋体">'
_CELL_STYLE = "border:solid 1pt;mso-border-alt:solid windowtext .5pt"


@dataclass(frozen=True, slots=True)
class HtmlVariant:
    """How the page is written.

    encoding: utf-8, gbk or gb18030. charset: the label in the page is "right", "wrong" or absent ("none").
    frame: the portal's page around the report, None for a bare fragment; realistic: the frame is filled up to about
    98 KB. word_paste: styles, nested span and font, o:p; figures split over two or three spans. tables: all in
    "one" table, "three", or "cut" into pieces. nested: each table inside a layout table. unclosed: td, tr and p are
    not closed. litter: zero-width characters, &nbsp; and wide spaces, also inside figures. absurd_spans: colspan="1px"
    and the like. seed: of what is drawn by chance here.
    """

    encoding: str = "utf-8"
    charset: Literal["right", "wrong", "none"] = "right"
    frame: PageFrame | None = None
    realistic: bool = False
    word_paste: bool = False
    tables: Literal["one", "three", "cut"] = "three"
    nested: bool = False
    unclosed: bool = False
    litter: bool = False
    absurd_spans: bool = False
    seed: int = 0


def write(report: SampleReport, *, page: bool = False, frame: PageFrame | None = None, **variant: object) -> bytes:
    """The report as HTML bytes. page: in a portal's page (`frame`, or a plain one), else a bare fragment.

    The other variants are the fields of HtmlVariant; an unknown one raises TypeError.
    """
    chosen = HtmlVariant(frame=frame or (PageFrame() if page else None), **variant)  # type: ignore[arg-type]
    return render(report, chosen)


def render(report: SampleReport, variant: HtmlVariant) -> bytes:
    """The report as HTML bytes, in the given variant."""
    label = {"right": variant.encoding, "wrong": _WRONG_LABEL[variant.encoding], "none": None}[variant.charset]
    body = _Body(variant).report(report)
    if variant.frame is None:
        declared = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
        text = f"{declared}<div>{body}</div>"
    else:
        text = framed_page(report, body, variant.frame, charset=label, fill=variant.realistic)
    return text.encode(variant.encoding, errors="xmlcharrefreplace")


class _Body:
    """The text of the report itself."""

    def __init__(self, variant: HtmlVariant) -> None:
        self.variant = variant
        self.chance = random.Random(variant.seed)

    def report(self, report: SampleReport) -> str:
        tables = printed_tables(report.form, report.figures)
        parts = [_WORD_HEAD] if self.variant.word_paste else []
        if self.variant.frame is None or self.variant.word_paste:  # a page has its title above the text
            parts.append(self.paragraph(report.title, align="center"))
        parts += [self.paragraph(text) for text in report.opening_paragraphs()]
        joined = self.variant.tables == "one" and {2, 3, 4} <= {section.number for section in report.sections}
        for section in report.sections:
            number = section.number or 0
            if not joined or number not in (3, 4):
                parts.append(self.paragraph(section.heading))
            if joined and number == 2:
                parts += [self.paragraph(text) for text in section.paragraphs]
                headings = {s.number: s.heading for s in report.sections}
                parts.append(self.table(_joined(tables, headings)))
                continue
            parts += [self.paragraph(text) for text in section.paragraphs]
            if not joined:
                parts += [self.table(piece) for table in tables.get(number, ()) for piece in self.pieces(table)]
        if report.signed_on:
            parts.append(self.paragraph(report.agency, align="right"))
            parts.append(self.paragraph(chinese_date(report.signed_on), align="right"))
        return "\n".join(parts)

    def pieces(self, table: PrintedTable) -> list[PrintedTable]:
        if self.variant.tables != "cut":
            return [table]
        if table.name == "applications":
            return list(cut_table(table, _CUT_APPLICATIONS_AT))
        if table.name == "disclosure":  # one piece for each group, as its full-width headings part them
            starts = [y for y, row in enumerate(table.rows) if len(row) == 1] + [len(table.rows)]
            groups = pairwise(starts)
            return [replace(table, rows=table.rows[begin:end]) for begin, end in groups]
        return [table]

    def paragraph(self, text: str, align: str = "left") -> str:
        inner = self.run(text)
        close = "" if self.variant.unclosed else "</p>"
        if self.variant.word_paste:
            return f'<p class="MsoNormal" align="{align}" style="mso-pagination:widow-orphan">{inner}{close}'
        return f'<p style="text-align:{align}">{inner}{close}'

    def run(self, text: str, *, figure: bool = False) -> str:
        """The inline markup of one text."""
        if self.variant.litter:
            text = self.littered(text)
        pieces = self.split(text) if figure and self.variant.word_paste else [text]
        inner = [piece if self.variant.litter else escape(piece, quote=False) for piece in pieces]
        if not self.variant.word_paste:
            return "".join(inner)
        spans = "".join(f'{_WORD_SPAN}<font face="仿宋">{piece}</font></span>' for piece in inner)
        return f"<b></b>{spans}<o:p></o:p>"

    def split(self, text: str) -> list[str]:
        """A figure of several digits in two or three pieces."""
        if self.variant.litter or len(text) < 2:
            return [text]
        cuts = sorted(self.chance.sample(range(1, len(text)), k=min(len(text) - 1, self.chance.choice((1, 2)))))
        return [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    def littered(self, text: str) -> str:
        """Escaped text with invisible characters in front, behind, and inside only such as have no width."""
        middle = len(text) // 2
        inside = self.chance.choice(("\u200b", "\ufeff", "")) if len(text) > 1 else ""
        head, tail = escape(text[:middle], quote=False), escape(text[middle:], quote=False)
        return f"{self.chance.choice(_LITTER)}{head}{inside}{tail}{self.chance.choice(_LITTER)}"

    def table(self, table: PrintedTable) -> str:
        close_cell, close_row = ("", "") if self.variant.unclosed else ("</td>", "</tr>")
        lines = []
        for row in table.rows:
            cells = "".join(self.cell(cell, table.width) + close_cell for cell in row)
            lines.append(f"<tr>{cells}{close_row}")
        style = ' class="MsoNormalTable" style="border-collapse:collapse;mso-table-layout-alt:fixed"'
        opening = f'<table border="1"{style if self.variant.word_paste else ""}>'
        text = f"{opening}<tbody>\n" + "\n".join(lines) + "\n</tbody></table>"
        if self.variant.nested:
            return f'<table width="100%" cellpadding="0"><tr><td valign="top">\n{text}\n</td></tr></table>'
        return text

    def cell(self, cell: PrintedCell, width: int) -> str:
        spans = ""
        for name, span in (("rowspan", cell.rowspan), ("colspan", cell.colspan)):
            value = str(span) if span > 1 else ""
            if self.variant.absurd_spans:
                if name == "colspan" and span == width:
                    value = "1000"  # a heading over the whole width reaches the edge in any case
                elif span > 1:
                    value = f"{span}px"
                else:
                    # never "0": rowspan="0" means "to the end of the table", so that would change the table.
                    spans += f' {name}="{self.chance.choice(_ABSURD_SPANS)}"'
            spans += f' {name}="{value}"' if value else ""
        style = f' width="86" style="{_CELL_STYLE}"' if self.variant.word_paste else ""
        inner = self.run(cell.text, figure=cell.figure is not None) if cell.text else "&nbsp;"
        if self.variant.word_paste and cell.text:
            inner = f'<p class="MsoNormal" align="center">{inner}{"" if self.variant.unclosed else "</p>"}'
        return f"<td{spans}{style}>{inner}"


def _joined(tables: dict[int, list[PrintedTable]], headings: dict[int | None, str]) -> PrintedTable:
    """All tables as one: the headings of sections 三 and 四 stand in rows of their own."""
    width = max(table.width for group in tables.values() for table in group)
    rows: list[tuple[PrintedCell, ...]] = []
    for number, group in tables.items():
        if rows:
            rows.append((PrintedCell(headings[number], colspan=width),))
        for table in group:
            rows += table.rows
    return PrintedTable("all", tuple(rows), width)
