"""The cells that a finding rests on, quoted from its reports: label of row and column as the form has it, and what is
printed there."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from db.archive import Archive
from db.records import Finding
from db.telling.quoting import QuotedReport
from monitor.catalogue import word
from monitor.catalogue.figures import figure_words
from monitor.telling.wording import Both, Words, heading, joined, line, one_line, words
from parsers.form import Form
from parsers.report import CORRECTED, NOT_IN_FORM, ROW_ABSENT, UNIT_UNKNOWN, Figure

FOLDED_FROM = 6  # cells of a report from which those that are printed as 0 are counted and not named
MOST_LINES = 6  # cells that have a line each; of more, all stand in one paragraph
MOST_CELLS = 20  # that a text names; of more, the first of them and the rest in the document
FEWEST_CELLS = 5

_CHANGED = "revised"  # the rule whose two documents come one after the other
_NOT_PRINTED = (ROW_ABSENT, NOT_IN_FORM)


class Document(NamedTuple):
    """A report that a finding names. names: the figures that it names of it, in its order."""

    year: int
    sha256: str
    url: str
    names: list[str]
    report: QuotedReport | None


class Quoted(NamedTuple):
    """What a cell prints. label: of row and column, 三、本年新收政府信息公开申请数量·总计."""

    label: str
    value: Both


class Cells(NamedTuple):
    """Cells in words. brief: the first of them, where there are many; None where all may stand in a text."""

    full: Both
    brief: Both | None


def documents_of(archive: Archive, finding: Finding) -> list[Document]:
    """The documents among a finding's places, in its order, each with the cells that are named of it."""
    names: dict[tuple[int, str, str], list[str]] = {}
    for place in finding.places:
        if place.get("sha256"):
            key = (place["year"], place["sha256"], place.get("source") or "")
            named = names.setdefault(key, [])
            if place.get("figure"):
                named.append(place["figure"])
    # A figure without a cell has no place, and belongs to the report of the year.
    elsewhere = {name for of in names.values() for name in of}
    without = [name for name in finding.figures if name not in elsewhere]
    documents = []
    for (year, sha256, url), named in names.items():
        wanted = [*named, *without] if year == finding.year and without else named
        report = archive.quoting.report(sha256, year, wanted, url=url, agency_key=finding.key[0])
        documents.append(Document(year, sha256, url or (report.url if report else ""), wanted, report))
    return documents


def form_of(documents: Iterable[Document]) -> Form | None:
    """The form of the first report that is known."""
    return next((d.report.form for d in documents if d.report and d.report.form), None)


def cells_of(finding: Finding, documents: list[Document], *, is_withheld: bool) -> Cells | None:
    """The cells that a finding names; None where it names none. is_withheld: their texts are not handed out, so that
    the numbers stand for them."""
    named = [d for d in documents if d.report and d.names and d.report.figures]
    if not named:
        return None
    if len(named) > 1 and len({d.year for d in named}) == 1:
        return _changed(finding, named, is_withheld=is_withheld)
    parts = [_of_report(finding, document, is_withheld=is_withheld) for document in named]
    found = [part for part in parts if part is not None]
    if not found:
        return None
    full = joined([part.full for part in found])
    is_long = any(part.brief for part in found)
    return Cells(full, joined([part.brief or part.full for part in found]) if is_long else None)


def _of_report(finding: Finding, document: Document, *, is_withheld: bool) -> Cells | None:
    """The cells of one report, one a line."""
    report = document.report
    if report is None or report.form is None:
        return None
    cells = [report.figures[name] for name in dict.fromkeys(document.names) if name in report.figures]
    cells = [cell for cell in cells if cell.state not in _NOT_PRINTED or cell.name == finding.figure]
    if not cells:
        return None
    shown, zeros = cells, 0
    if len(cells) > FOLDED_FROM:
        shown = [cell for cell in cells if not _is_plain_zero(cell) or cell.name == finding.figure]
        zeros = len(cells) - len(shown)
    head = heading("label-cells", year=document.year)
    quoted = [
        Quoted(figure_words(cell.name, report.form)[0], _printed(cell, is_withheld=is_withheld)) for cell in shown
    ]
    rest = [_in_both(words("rest-zero", count=zeros))] if zeros else []
    return _listed(head, quoted, rest, len(cells))


def _changed(finding: Finding, documents: list[Document], *, is_withheld: bool) -> Cells | None:
    """What two documents of one year print for each figure."""
    is_change = finding.rule == _CHANGED
    between = "→" if is_change else "／"
    by_figure: dict[str, list[Figure]] = defaultdict(list)
    form = form_of(documents)
    for document in documents:
        for name in dict.fromkeys(document.names):
            if document.report and name in document.report.figures:
                by_figure[name].append(document.report.figures[name])
    quoted = []
    for name, cells in by_figure.items():
        if form is not None and name in form.figure_set and len(cells) == len(documents):
            printed = [_printed(cell, is_withheld=is_withheld) for cell in cells]
            value = Both(*(between.join(getattr(one, of) for one in printed) for of in Both._fields))
            quoted.append(Quoted(figure_words(name, form)[0], value))
    if not quoted:
        return None
    return _listed(heading("label-changed" if is_change else "label-two"), quoted, [], len(quoted))


def _listed(head: Both, cells: list[Quoted], rest: list[Both], count: int) -> Cells:
    """Cells under a heading; the first of them by themselves, too, where they are many. count: with those that are not
    named."""
    full = _lines(head, cells, rest)
    if len(cells) <= MOST_CELLS:
        return Cells(full, None)
    more = _in_both(words("rest-cells", count=count - FEWEST_CELLS))
    return Cells(full, _lines(head, cells[:FEWEST_CELLS], [more]))


def _lines(head: Both, cells: list[Quoted], rest: list[Both]) -> Both:
    """One a line where they are few, else in one paragraph; there the row or column of all of them is said once."""
    if len(cells) <= MOST_LINES:
        listed = [*(_labelled(cell.label, cell.value) for cell in cells), *rest]
        return joined([head, *(Both(*(f"· {text}" for text in one)) for one in listed)])
    rows, columns = zip(*(cell.label.rpartition("·")[::2] for cell in cells), strict=True)
    common, labels = "", [cell.label for cell in cells]
    if len(set(rows)) == 1:
        common, labels = f"{rows[0]}·", list(columns)
    elif len(set(columns)) == 1:
        common, labels = f"“{columns[0]}”列，", list(rows)
    listed = [*(_labelled(label, cell.value) for label, cell in zip(labels, cells, strict=True)), *rest]
    zh, en, both = ([getattr(one, of) for one in listed] for of in Both._fields)
    return Both(
        f"{head.zh}{common}{'；'.join(zh)}",
        f"{head.en} {common}{'; '.join(en)}",
        f"{head.both}{common}{'；'.join(both)}",
    )


def _labelled(label: str, value: Both) -> Both:
    """A cell behind its label, which stands in Chinese in either language."""
    return Both(f"{label}：{value.zh}", f"{label}: {value.en}", f"{label}：{value.both or value.zh}")


def _in_both(said: Words) -> Both:
    return Both(*said, f"{said[0]} / {said[1]}")


def _printed(cell: Figure, *, is_withheld: bool) -> Both:
    """What is printed in a cell; in words where it is no number, with a mark where a person has corrected it."""
    text = "" if is_withheld or cell.text is None else one_line(cell.text)
    if cell.value is None:
        zh, en = word("state", cell.state)
        printed = Both(f"（{zh}）{text}", f"({en}) {text}".strip(), f"（{zh} / {en}）{text}")
    else:
        unit = one_line(cell.unit) if cell.unit and cell.unit != UNIT_UNKNOWN else ""
        number = f"{text or cell.value}{unit if unit and unit not in text else ''}"
        printed = Both(number, number, number)
    if cell.how != CORRECTED:
        return printed
    zh, en = words("by-hand")
    return Both(f"{printed.zh}（{zh}）", f"{printed.en} ({en})", f"{printed.both}（{zh} / {en}）")


def _is_plain_zero(cell: Figure) -> bool:
    return cell.value == 0 and cell.text == "0" and cell.how != CORRECTED


def scope_lines(documents: list[Document]) -> list[Both]:
    """Whom the figures cover, where the reports say so of the tables that are concerned."""
    found = {}
    for document in documents:
        tables = {name.partition(".")[0] for name in document.names}
        for table in sorted(tables & document.report.scope.keys() if document.report else ()):
            text = one_line(document.report.scope[table]) if document.report else ""
            found[document.year, text] = line("alert-scope", year=document.year, scope=text)
    return list(found.values())
