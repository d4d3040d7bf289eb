"""What an absence rests on: the reads of the lists, what each page listed, and that the agency was not among it."""

import json
from typing import Any, NamedTuple

from monitor.catalogue import say
from monitor.evidence.case import Case, Read
from monitor.evidence.words import address, beijing, both, label, sentence, shown

_COMPLETE = ("ok", "unchanged")
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


def reads_section(case: Case) -> str:
    """All reads of each column, and in full what the last one of each listed. "" where the case rests on none."""
    columns: dict[str, list[Read]] = {}
    for read in case.reads:
        columns.setdefault(read.row.column, []).append(read)
    return "".join(_column(case, reads) for reads in columns.values())


def _column(case: Case, reads: list[Read]) -> str:
    last = reads[-1]
    entries = [e for file in last.lists for e in entries_of(case, case.lists[file])]
    own = sum(e.names_agency and e.names_year for e in entries)
    earlier = sum(e.names_agency and not e.names_year for e in entries)
    heads = "".join(f"<th>{label(key)}</th>" for key in ("time", "outcome", "pages", "entries"))
    rows = "".join(_read_row(case, read) for read in reads)
    parts = [
        f"<h3>{shown(last.portal)} {address(last.row.column)}</h3>",
        sentence("complete") if all(read.row.outcome in _COMPLETE for read in reads) else "",
        sentence(
            "absence",
            when=beijing(last.row.at),
            count=len(entries),
            own=own,
            names="、".join(case.names),
            year=case.year,
        ),
        sentence("absence-earlier", count=earlier) if earlier else "",
        f'<table class="cards"><tr>{heads}</tr>{rows}</table>',
        sentence("no-page-visits") if any(look is None for read in reads for look in read.looks) else "",
        *(_listing(case, last, number) for number in range(len(last.lists))),
    ]
    return "".join(parts)


def _read_row(case: Case, read: Read) -> str:
    pages = []
    for number, look in enumerate(read.looks, start=1):
        if look is None:
            pages.append(f'<a href="{read.lists[number - 1]}">{number}</a>')
            continue
        kept = case.documents.get(look.visit.sha256 or "")
        target = kept.file if kept and kept.file else look.file
        pages.append(f'<a href="{target}">{number}</a> <small>(<a href="{look.file}">{look.number}</a>)</small>')
    count = sum(len(json.loads(case.lists[file])) for file in read.lists)
    cells = {
        "time": f"{beijing(read.row.at)}",
        "outcome": both(say(f"outcome-{read.row.outcome}")),
        "pages": "、".join(pages),
        "entries": str(count),
    }
    return f"<tr>{''.join(cell(key, value) for key, value in cells.items())}</tr>"


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
    summary = both(say("bundle-list-shown", when=beijing(read.row.at), page=number + 1))
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
            "pages": [
                {
                    "list": file,
                    "links_sha256": page.links_hash,
                    "visit": look.number if look else None,
                    "entries": len(json.loads(page.links)),
                }
                for page, file, look in zip(read.row.pages, read.lists, read.looks, strict=True)
            ],
        }
        for read in case.reads
    ]
