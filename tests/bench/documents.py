"""Generated documents of realistic size, and the check that what is measured is also right."""

from dataclasses import replace

from pypdfium2 import PdfDocument

from crawler.sandbox.country import Country
from crawler.sandbox.sample import SampleReport
from crawler.sandbox.writers import docx, html, pdf, xlsx
from parsers.read import read_report
from tests.bench.font import outline_font

_FONT = "Sandbox"


def samples(count: int = 6) -> list[SampleReport]:
    """Reports with figures of every size, of the form of 2021."""
    country = Country.build(3)
    found = [plan.sample for plan in country.plans if plan.sample.form == "2021"]
    found.sort(key=lambda sample: -sum(v for v in sample.figures.values() if isinstance(v, int)))
    return found[:count]


def portal_page(sample: SampleReport) -> bytes:
    """A page of about 98 KB: a portal's frame around an article pasted from Word."""
    return html.write(sample, page=True, realistic=True, word_paste=True)


def long_docx(sample: SampleReport) -> bytes:
    """A docx whose document.xml has about 75 KB: a report with long prose."""
    sections = [replace(section, paragraphs=section.paragraphs * 9) for section in sample.sections]
    return docx.write(replace(sample, sections=tuple(sections)))


def ruled_pdf(sample: SampleReport) -> bytes:
    """A ruled PDF of five pages as word processors write it: an embedded font, each character drawn by itself."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    sections = [replace(section, paragraphs=section.paragraphs * 5) for section in sample.sections]
    longer = replace(sample, sections=tuple(sections))
    with PdfDocument(pdf.write(longer)) as plain:
        characters = {c for page in plain for c in page.get_textpage().get_text_range() if c >= " "}
    pdfmetrics.registerFont(TTFont(_FONT, outline_font(sorted(characters | set("0123456789 -")))))
    return pdf.write(longer, font=_FONT, by_glyph=True)


def workbook(sample: SampleReport) -> bytes:
    """The report as xlsx."""
    return xlsx.write(sample)


def wrong_cells(data: bytes, sample: SampleReport) -> int:
    """How many figures are read otherwise than they were written."""
    figures = read_report(data).figures
    return sum(
        figures[name].value != value
        for name, value in sample.figures.items()
        if not isinstance(value, str) and name in figures
    )
