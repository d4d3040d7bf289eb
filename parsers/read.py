"""Bytes to a report: the one entrance to this room."""

import codecs
import json
from collections.abc import Mapping
from importlib import import_module

from parsers.blocks import Document, Paragraph
from parsers.dates import read_dates, read_period
from parsers.errors import ImageOnlyDocument, NoTables, NotAReport, UnsupportedMedia
from parsers.figures import read_figures
from parsers.form import Form, load_forms
from parsers.heading import read_heading
from parsers.media import sniff
from parsers.report import SIGNATURE, Doubt, Report
from parsers.scope import read_scope
from parsers.sections import read_prose

PARSER_VERSION = "4"
"""Raised with every change that can change a reading; the archive reads its documents again then."""


CUT = "the page has no end: what is lacking in it may have been cut off on the way"


def read_document(data: bytes) -> Document:
    """Find the kind of a file from its bytes and read it into blocks. Raises UnreadableDocument."""
    media = sniff(data)
    # A reader brings its library with it; only the one that is needed is loaded.
    document: Document = import_module(f"parsers.readers.{media}").read(data)
    return document


def read_report(data: bytes, *, forms: Mapping[str, Form] | None = None) -> Report:
    """Read one annual report from the bytes of a file.

    Raises UnreadableDocument: the file cannot be read, is no report, or is one without tables (NoTables).
    """
    document = read_document(data)
    try:
        return report_from(document, forms=forms)
    except (NotAReport, NoTables) as error:
        if document.media == "text" and _is_json(data):
            raise UnsupportedMedia(
                "a JSON file, for which there is no reader: add the page or the document that the report stands in"
            ) from error
        raise


def _is_json(data: bytes) -> bool:
    if not data.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return False
    return True


def report_from(document: Document, *, forms: Mapping[str, Form] | None = None) -> Report:
    """What a document says as an annual report. Raises NotAReport or NoTables."""
    forms = forms or load_forms()
    blocks = document.blocks
    heading = read_heading(blocks, document.meta)
    period = read_period([block.text for block in blocks if isinstance(block, Paragraph)])
    year = heading.year or (int(period[0][:4]) if period else None)
    form, figures, doubts = read_figures(blocks, forms, year)
    described = form or next(
        (f for f in forms.values() if year is not None and year in f.years), list(forms.values())[-1]
    )
    preface, sections = read_prose(blocks, described)
    if form is None:
        if heading.title is None and len(sections) < 3:
            raise NotAReport(
                "neither the tables nor the sections nor a title of an annual report are in it; "
                "check that this is the right file"
            )
        of = f" ({heading.agency or '?'}, {year or '?'})"
        if document.meta.get("pictures") and not sections:
            raise ImageOnlyDocument(f"an annual report{of} as pictures on a page: it has to be read by a person")
        raise NoTables(
            f"an annual report{of} without the form's tables: they may be pictures, or stand in an attachment"
        )
    if period and heading.year and int(period[0][:4]) != heading.year:
        doubts.append(
            Doubt(None, f"the title is of {heading.year}, the period of {period[0][:4]}", heading.title or "")
        )
    if document.meta.get("cut"):
        doubts.append(Doubt(None, CUT, ""))
    dates = read_dates(blocks, document.meta, year)
    published = next((one for one in dates if one.kind == "published"), None)
    return Report(
        media=document.media,
        agency=heading.agency,
        year=year,
        form=form.name,
        title=heading.title,
        signed_on=next((one.day for one in dates if one.source == SIGNATURE), None),
        published_on=published.day if published else None,
        published_source=published.source if published else None,
        period=period,
        scope=read_scope(blocks, form),
        figures=figures,
        preface=preface,
        sections=sections,
        doubts=doubts,
        dates=dates,
    )
