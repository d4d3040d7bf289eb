"""What an absence rests on: the reads of the lists, what each page listed, and that the agency was not among it."""

import json
from typing import Any, NamedTuple

from monitor.catalogue import say
from monitor.evidence.case import Case, Read
from monitor.evidence.words import address, beijing, both, label, sentence, shown

_MOST_SHOWN = 80  # entries of a page in index.html; the whole list is in its file


class Entry(NamedTuple):
    """One entry of a list. names_agency, names_year: whether the title has one of the agency's names, and the year."""

    url: str
    title: str
    listed_on: str | None
    names_agency: bool
    names_year: bool


def entries_of(case: Case, links: str) -> list[Entry]:
    """The entries of one list page. links: as the archive keeps them."""
    year = str(case.year)
    return [
        Entry(url, title, listed_on, any(name in title for name in case.names), year in title)
        for url, title, listed_on in json.loads(links)
    ]


class Counts(NamedTuple):
    """Entries of a list: all, those with a name of the agency and the year in the title, those with the name only."""

    entries: int = 0
    own: int = 0
    earlier: int = 0


def reads_section(case: Case) -> str:
    """All reads of each column, good or not, and in full what the last of those that the finding rests on listed. ""
    where the case rests on none."""
    counts = {file: _counts(entries_of(case, links)) for file, links in case.lists.items()}
    return "".join(_column(case, column, counts) for column in case.columns)


def _counts(entries: list[Entry]) -> Counts:
    own = sum(e.names_agency and e.names_year for e in entries)
    return Counts(len(entries), own, sum(e.names_agency and not e.names_year for e in entries))


def _of_read(read: Read, counts: dict[str, Counts]) -> Counts:
    return Counts(*map(sum, zip(*(counts[file] for file in read.lists), strict=True))) if read.lists else Counts()


def _column(case: Case, column: str, counts: dict[str, Counts]) -> str:
    reads = [read for read in case.reads if read.row.column == column]
    if not reads:
        return f"<h3>{address(column)}</h3>{sentence('no-read')}"
    grounds = [read for read in reads if read.is_ground]
    complete = sum(read.is_complete for read in reads)
    naming = [read for read in reads if _of_read(read, counts).own]
    shown_in_full = [*grounds[-1:], *(read for read in naming[-1:] if read not in grounds[-1:])]
    heads = "".join(f"<th>{label(key)}</th>" for key in ("time", "outcome", "pages", "entries", "own-entries"))
    rows = "".join(_read_row(case, read, counts) for read in reads)
    parts = [
        f"<h3>{shown(reads[-1].portal)} {address(column)}</h3>",
        sentence("reads-all", count=len(reads), grounds=len(grounds)),
        sentence("complete", count=complete) if complete else "",
        *_absence(case, grounds[-1:], counts),
        sentence("own-listed", year=case.year, whens="、".join(beijing(r.row.at) for r in naming)) if naming else "",
        f'<table class="cards"><tr>{heads}</tr>{rows}</table>',
        *(_listing(case, read, number) for read in shown_in_full for number in range(len(read.lists))),
    ]
    return "".join(parts)


def _absence(case: Case, last: list[Read], counts: dict[str, Counts]) -> list[str]:
    """What the last read that the finding rests on showed."""
    said = []
    for read in last:
        all_of_it = _of_read(read, counts)
        said.append(
            sentence(
                "absence",
                when=beijing(read.row.at),
                count=all_of_it.entries,
                own=all_of_it.own,
                names="、".join(case.names),
                year=case.year,
            )
        )
        if all_of_it.earlier:
            said.append(sentence("absence-earlier", count=all_of_it.earlier))
    return said


def _read_row(case: Case, read: Read, counts: dict[str, Counts]) -> str:
    marks = [both(say(f"outcome-{read.row.outcome}"))]
    marks += [both(say(f"bundle-{key}")) for key, holds in _marks(read) if holds]
    all_of_it = _of_read(read, counts)
    cells = {
        "time": f"{beijing(read.row.at)}",
        "outcome": "<br>".join(marks),
        "pages": _pages(case, read),
        "entries": str(all_of_it.entries),
        "own-entries": str(all_of_it.own),
    }
    return (
        f"<tr{' class=own' if all_of_it.own else ''}>{''.join(cell(key, value) for key, value in cells.items())}</tr>"
    )


def _marks(read: Read) -> tuple[tuple[str, bool], ...]:
    return ("is-complete", read.is_complete), ("is-ground", read.is_ground)


def _pages(case: Case, read: Read) -> str:
    """The pages of a read with their visits, and plainly which of them have none."""
    pages = []
    for number, look in enumerate(read.looks, start=1):
        kept = case.documents.get(look.visit.sha256 or "")
        target = kept.file if kept and kept.file else look.file
        pages.append(f'<a href="{target}">{number}</a> <small>(<a href="{look.file}">{look.number}</a>)</small>')
    if read.is_linked:
        return "、".join(pages)
    pages += [f'<a href="{file}">{file.rpartition("/")[2]}</a>' for file in dict.fromkeys(read.lists)]
    return "、".join(pages) + sentence(_linking(read), asked=read.row.asked, found=read.found)


def _linking(read: Read) -> str:
    """What is to be said of a read whose pages the archive did not link to their visits."""
    if read.found >= read.row.asked:
        return "linked-by-time"
    return {0: "linked-none", 1: "linked-first"}.get(read.found, "linked-some")


def cell(key: str, value: str) -> str:
    """A cell that on a narrow screen carries its own heading."""
    zh, en = say(f"bundle-{key}")
    return f'<td data-label="{shown(zh)} {shown(en)}">{value}</td>'


def _listing(case: Case, read: Read, number: int) -> str:
    file = read.lists[number]
    entries = entries_of(case, case.lists[file])
    some = entries if len(entries) <= _MOST_SHOWN else [e for e in entries if e.names_year or e.names_agency]
    rows = "".join(
        f"<tr{' class=own' if e.names_agency else ''}>{cell('entry-title', shown(e.title))}"
        f"{cell('entry-date', shown(e.listed_on or ''))}{cell('address', address(e.url))}</tr>"
        for e in some
    )
    heads = "".join(f"<th>{label(key)}</th>" for key in ("entry-title", "entry-date", "address"))
    by_page = read.is_linked or len(read.lists) > 1
    when = beijing(read.row.at)
    summary = both(
        say("bundle-list-shown", when=when, page=number + 1) if by_page else say("bundle-list-whole", when=when)
    )
    rest = sentence("list-rest", year=case.year, count=len(entries), file=file) if some != entries else ""
    link = f'<p><a href="{file}">{file}</a></p>'
    table = f'<table class="cards listing"><tr>{heads}</tr>{rows}</table>'
    return f"<h4>{summary}</h4>{rest}{table}{link}"


def reads_data(case: Case) -> list[dict[str, Any]]:
    """The reads for data.json."""
    return [
        {
            "portal": read.row.portal,
            "portal_name": read.portal,
            "column": read.row.column,
            "at": read.row.at.isoformat(),
            "outcome": read.row.outcome,
            "is_complete": read.is_complete,
            "is_ground": read.is_ground,
            "is_linked": read.is_linked,
            "pages_asked": read.row.asked,
            "visits": [look.number for look in read.looks],
            "pages": [
                {
                    "list": file,
                    "links_sha256": page.links_hash,
                    "visit": look.number if look else None,
                    "entries": len(json.loads(page.links)),
                }
                for page, file, look in zip(
                    read.row.pages,
                    read.lists,
                    read.looks if read.is_linked else [None] * len(read.lists),
                    strict=True,
                )
            ],
        }
        for read in case.reads
    ]
