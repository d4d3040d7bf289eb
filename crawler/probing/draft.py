"""The draft of a portal file: what a look found, in the words of docs/portals.md, with what is doubtful beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import tomlkit
from tomlkit.items import AoT, Item, Table

from crawler.portal import PortalFile
from crawler.probing.needed import is_to_be_filled
from crawler.probing.result import ProbedColumn
from parsers.strict_toml import parse_strict

SCHEMA_NAME = "portal.schema.json"
SCHEMA_LINE = f"#:schema ./{SCHEMA_NAME}\n"
"""The first line of a portal file: by it editors find the schema that lies beside it."""
DELAY_S = 3.0
_LEFT_AROUND = 10  # a tenth fewer is no alarm
_LONGEST_COMMENT, _LONGEST_NOTE = 160, 300


@dataclass(slots=True)
class Draft:
    """What is to stand in a portal file. day: ISO, of the look. counted: reports on all columns, None where one of them
    was not read to its end. is_whole: nothing says that there may be more. doubts: sentences for the head of the file.
    browser: the table of that name. options: some
    may be left to be filled in (crawler.probing.needed). is_shown: the browser was tried, and shows the list."""

    name: str
    platform: str
    allowed_hosts: Sequence[str]
    columns: Sequence[ProbedColumn]
    day: str
    evidence: str = ""
    place: str | None = None
    default_agency: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    counted: int | None = None
    is_whole: bool = True
    on_loopback: bool = False
    fetch: str = "plain"
    browser: Mapping[str, object] = field(default_factory=dict)
    is_shown: bool = False
    verify_tls: bool = True
    doubts: Sequence[str] = ()
    is_certain: bool = True


def draft_toml(draft: Draft) -> str:
    """The text of the file. Raises ConfigError if it would be none that the crawler takes, once it is filled in."""
    known = {key: value for key, value in draft.options.items() if not is_to_be_filled(value)}
    parse_strict(tomlkit.dumps(_document(replace(draft, options=known))), PortalFile, "the draft")
    return SCHEMA_LINE + tomlkit.dumps(_document(draft))


def _document(draft: Draft) -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Drafted by `nianbao portal probe` on {draft.day}; read it before it is used."))
    for sentence in draft.doubts:
        document.add(tomlkit.comment(_one_line(f"Look at: {sentence}", _LONGEST_NOTE)))
    document.add(tomlkit.nl())
    document.add("name", _said(draft.name, "" if draft.name not in draft.allowed_hosts else "the site's name"))
    document.add("platform", _said(draft.platform, "" if draft.is_certain else "likely, not certain"))
    document.add("allowed_hosts", tomlkit.item(list(draft.allowed_hosts)))
    if not draft.on_loopback:
        document.add("delay_s", tomlkit.item(DELAY_S))
    if draft.fetch != "plain":
        shows = "a browser shows it" if draft.is_shown else "a browser may show it"
        document.add("fetch", _said(draft.fetch, f"the list is not in the page; {shows}"))
    if not draft.verify_tls:
        document.add("verify_tls", _said(False, "the site's certificate is broken"))
    _add_names(document, draft)
    _add_expect(document, draft)
    document.add("notes", _notes(draft))
    document.add("columns", _columns(draft.columns))
    if draft.browser:
        document.add("browser", _table(draft.browser))
    if draft.options:
        document.add("options", _table(draft.options))
    return document


def _table(values: Mapping[str, object]) -> Table:
    table: Table = tomlkit.table()
    for key, value in values.items():
        table.add(key, _said(_plain(value), "to be filled in" if is_to_be_filled(value) else ""))
    return table


def _add_names(document: tomlkit.TOMLDocument, draft: Draft) -> None:
    if draft.place:
        document.add("place", _said(draft.place, "guessed from the site's name: 财政局 is completed by it"))
    else:
        document.add(tomlkit.comment('place = "…"  # the place in front of short agency names, as in 柳溪县'))
    if draft.default_agency:
        document.add("default_agency", _said(draft.default_agency, "guessed: the site looks like that of one agency"))


def _add_expect(document: tomlkit.TOMLDocument, draft: Draft) -> None:
    least, most = _least(draft.counted or 0), _most(draft.counted or 0)
    if draft.counted and draft.is_whole:
        table = tomlkit.inline_table()
        table.update({"min": least, "max": most})
        document.add("expect", table.comment(f"{_counted(draft.counted, 'report')} listed on {draft.day}"))
    elif draft.counted:
        seen = f"{_counted(draft.counted, 'report')} seen, maybe not all: count in the browser, then take the # away"
        document.add(tomlkit.comment(f"expect = {{ min = {least}, max = {most} }}  # {seen}"))
    else:
        why = "not every list was read to its end" if draft.counted is None else "nothing was listed"
        document.add(tomlkit.comment(f"expect = {{ min = …, max = … }}  # {why}: count in the browser"))


def _least(counted: int) -> int:
    return max(1, counted - max(1, counted // _LEFT_AROUND))


def _most(counted: int) -> int:
    """Next year's reports come beside those of this year."""
    return counted + max(10, counted // 2)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _notes(draft: Draft) -> Item:
    seen = f"{draft.day}: probed; {draft.platform}" + (f" by {draft.evidence}" if draft.evidence else "")
    counts = [
        f"{_counted(one.reports, 'report')} on {_counted(one.pages, 'page')} of {one.url}: {one.outcome}"
        for one in draft.columns
        if one.outcome != "unread"
    ]
    notes = tomlkit.array()
    notes.multiline(True)
    for sentence in (seen, *(f"{draft.day}: {sentence}" for sentence in counts)):
        notes.append(_one_line(sentence, _LONGEST_NOTE))
    return notes


def _columns(columns: Sequence[ProbedColumn]) -> AoT:
    tables = tomlkit.aot()
    for column in columns:
        table: Table = tomlkit.table()
        table.add("url", tomlkit.item(column.url))
        if column.year is not None:
            table.add("year", tomlkit.item(column.year))
        remarks = [column.title] if column.title else []
        if column.outcome == "unread":
            remarks.append("not looked at, its link says that it is one")
        elif column.outcome not in ("ok", "unchanged"):
            remarks.append(f"{column.outcome}: {column.why}")
        if remarks:
            table["url"].comment(_one_line("; ".join(remarks)))
        tables.append(table)
    return tables


def _said(value: Any, comment: str) -> Item:
    item = tomlkit.item(value)
    return item.comment(comment) if comment else item


def _plain(value: object) -> Any:
    """Options as TOML has them: mappings and sequences of others become its own."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value


def _one_line(text: str, longest: int = _LONGEST_COMMENT) -> str:
    """Text of others as a comment or a note: on one line, printable, not endless."""
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
