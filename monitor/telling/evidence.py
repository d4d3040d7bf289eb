"""Where what a finding rests on was seen, and when: documents with their archived copies, reads of lists, addresses
that said that they are gone. Times are Beijing time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from db.archive import Archive
from db.records import Finding
from monitor.evidence.words import without_folders
from monitor.judging.time_words import LAST_READS
from monitor.telling.quoted import Document
from monitor.telling.wording import Both, joined, labelled, minute, one_line, words

SHORT_HASH = 16  # digits of a SHA-256 that a message shows
MOST_ENTRIES = 3  # documents or lists that a text names

_SOME_READS = ("late", "backdated")  # of which only the first and last reads of a list are among the places
_COMPLETE = ("missing", "late", "backdated", "withdrawn", "inaccessible")
_TWO = {"revised": ("label-before", "label-after"), "versions-differ": ("label-first", "label-second")}


def withheld(archive: Archive, finding: Finding) -> frozenset[str]:
    """The documents among a finding's places that are on the takedown list."""
    named = [(place["sha256"], place.get("source")) for place in finding.places if place.get("sha256")]
    held = archive.takedowns.held() if named else None
    return frozenset(sha256 for sha256, source in named if held.holds(sha256, (source,))) if held else frozenset()


def document_entries(
    archive: Archive, finding: Finding, documents: Iterable[Document], without: frozenset[str]
) -> list[Both]:
    """For each document its address, the beginning of its hash, and when it was seen there. without: documents whose
    address is not said."""
    notices = {place["sha256"] for place in finding.places if "unit" in (place.get("place") or {})}
    entries = []
    of_rule = _TWO.get(finding.rule, ())
    for number, document in enumerate(documents):
        label = "label-notice" if document.sha256 in notices else "label-source"
        if number < len(of_rule):
            label = of_rule[number]
        address: Both | str = one_line(without_folders(document.url))
        if document.sha256 in without:
            address = Both(*words("withheld"))
        lines = [labelled(label, address, year=document.year)]
        copy = labelled("label-copy", document.sha256[:SHORT_HASH])
        seen = _seen(archive, document)
        # Together in one line, which a phone may break: the copy says little without its times.
        lines.append(_behind(copy, seen) if seen else copy)
        entries.append(joined([one for one in lines if one.zh]))
    return entries


def _seen(archive: Archive, document: Document) -> Both | None:
    looks = archive.quoting.looks(document.url, document.sha256)
    if looks is not None and looks.is_added:
        return _times("times-added", [looks.first], 1)
    if looks is not None:
        return _times("times-seen", [looks.first, looks.last], looks.times)
    if document.report is None:
        return None
    return _times("times-known", [document.report.first_seen_at, document.report.last_seen_at], 0)


def read_entries(archive: Archive, finding: Finding) -> list[Both]:
    """For each list that was read: its address, how often it was read completely from when to when, and the archived
    copy of what was read last."""
    entries = []
    reads = reads_of(finding)
    last = [(column, moments[-1]) for column, moments in reads.items()]
    copies = archive.quoting.copies_of_reads(finding.agency_id, last) if last else {}
    for column, moments in reads.items():
        lines = [labelled("label-list", one_line(column))]
        # Where the rule does not say that they were complete, nor does the alert.
        is_likely_late = finding.rule == "late" and finding.certainty != "certain"
        key = "times-read" if finding.rule in _COMPLETE and not is_likely_late else "times-looked"
        if finding.rule in _SOME_READS and len(moments) > LAST_READS:
            key = f"{key}-at-least"
        lines.append(_times(key, moments, len(moments)))
        if column in copies:
            lines.append(labelled("label-list-copy", copies[column][:SHORT_HASH]))
        entries.append(joined(lines))
    return entries


def reads_of(finding: Finding) -> dict[str, list[datetime]]:
    """The moments at which each list was read, oldest first."""
    reads: dict[str, list[datetime]] = defaultdict(list)
    for place in _given(finding):
        if "read_at" in place:
            reads[place["column"]].append(datetime.fromisoformat(place["read_at"]))
    return {column: sorted(moments) for column, moments in reads.items()}


def last_read(finding: Finding) -> datetime | None:
    """When any of the lists was read last."""
    return max((moments[-1] for moments in reads_of(finding).values()), default=None)


def gone_entries(finding: Finding) -> list[Both]:
    """For each address that said that it is not there: how often, and from when to when."""
    looks: dict[str, list[datetime]] = defaultdict(list)
    for place in _given(finding):
        if "looked_at" in place:
            looks[place["address"]].append(datetime.fromisoformat(place["looked_at"]))
    return [
        joined([
            labelled("label-gone", one_line(without_folders(address))),
            _times("times-seen", sorted(moments), len(moments)),
        ])
        for address, moments in looks.items()
    ]  # fmt: skip


def some_of(entries: list[Both]) -> Both:
    """The first of many entries, and how many more there are."""
    zh, en = words("rest-entries", count=len(entries) - 1)
    return joined([entries[0], Both(zh, en, f"{zh} / {en}")])


def place_lines(finding: Finding, without: frozenset[str]) -> list[str]:
    """Every place that a finding rests on, one a line, with whole hashes and each time: for a document. without:
    documents whose address is not said."""
    lines = []
    for place in finding.places:
        at = place.get("place") or {}
        if "read_at" in at:
            lines.append(f"{minute(datetime.fromisoformat(at['read_at']))} {one_line(at['column'])}")
        elif "looked_at" in at:
            when, address = minute(datetime.fromisoformat(at["looked_at"])), one_line(without_folders(at["address"]))
            lines.append(f"{when} {address} {one_line(at.get('outcome', ''))}".rstrip())
        elif place.get("sha256"):
            address = "" if place["sha256"] in without else one_line(without_folders(place.get("source") or ""))
            lines.append(" ".join(filter(None, (str(place["year"]), address, f"sha256:{place['sha256']}"))))
    return list(dict.fromkeys(lines))


def _given(finding: Finding) -> Iterable[dict[str, Any]]:
    return (place["place"] for place in finding.places if place.get("place"))


def _times(key: str, moments: list[datetime], count: int) -> Both:
    """From the first to the last of these moments; count: how many there were, 0 where that is not known."""
    first, last = minute(moments[0]), minute(moments[-1])
    if count == 1 or (not count and first == last):
        key = f"{key}-once"
    zh, en = words(key, first=first, last=last, count=count)
    return Both(zh, en, words(f"{key}-both", first=first, last=last, count=count)[0])


def _behind(first: Both, second: Both) -> Both:
    return Both(f"{first.zh}，{second.zh}", f"{first.en}, {second.en}", f"{first.both}，{second.both}")
