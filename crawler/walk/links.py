"""What the crawler makes of one link of a list: is it a report, whose, of which year; and may it be believed here?

Titles are read by parsers.titles, names are completed by parsers.names. Added here: what the portal's file knows, and
the rule about hosts. See docs/titles.md.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.portal import Portal, host_allowed, is_web_address
from parsers.names import Names
from parsers.titles import Title, read_title, simplified

KEPT_KINDS = ("publication_notice", "website_form", "enforcement_statistics")
"""Kinds of neighbours of the reports that are fetched and kept: registers, claims, and material for later rules."""

_GOVERNMENT_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*gov\.cn")
_REPORT_WORDS = re.compile(r"信息公开.*(?:年报|报告)|政务公开.*(?:年报|报告)|(?:年报|年度报告).*信息公开")
_WORDS_CUT = re.compile(r"信息|政务公?$|公开|年报|年度|20\d\d")
_CUT_SHORT = re.compile(r"(?:…|\.{2,}|⋯)$")
_COLLECTION = re.compile(r"汇总|合集|汇编|集中公开|各(?:部门|单位|乡镇|乡|镇|街道|县|市|区|局)")
_WITH_INTERPRETATION = re.compile(r"[(（][含附及].{0,6}解读")
_ISO_YEAR_MONTH = re.compile(r"(20\d\d)-(\d\d)")


class LinkVerdict(NamedTuple):
    """What a link is. why: the reason where it is no report, else "". agency: the canonical name where it can be told,
    else as printed, None where there is none. year: the reporting year, None where nothing says it. kind: as
    parsers.titles gives it; a report or a kept kind on a foreign host is "other"."""

    is_report: bool
    why: str
    agency: str | None
    year: int | None
    kind: str


def judge_link(
    title: str,
    url: str | None,
    portal: Portal | None,
    *,
    column_year: int | None = None,
    column_agency: str | None = None,
    listed_on: str | None = None,
    names: Names | None = None,
) -> LinkVerdict:
    """Judge one link. Never raises.

    url: absolute; None where only the title is to be judged. portal: names its hosts, its place and its agency; None:
    only hosts of gov.cn are believed. column_year, column_agency: what the whole list belongs to. listed_on: the ISO
    date printed beside the link. names: those of a register; else the packaged region list alone.
    """
    # In traditional characters stand copies, and on hosts that are believed the big5 gateway's version of a report.
    read = read_title(title if url is None else simplified(title))
    is_report, why, kind = read.is_report, read.why, read.kind
    if is_report and not (read.agency or read.year or listed_on):
        is_report, why, kind = False, "the name of a column: neither an agency, a year nor a date", "other"
    if (kind in KEPT_KINDS or kind == "report") and url is not None and (fault := _host_fault(url, portal)):
        is_report, why, kind = False, fault, "other"
    agency = _agency(read, kind, portal, column_agency, names or _packaged_names())
    year = read.year or (column_year or _year_before(listed_on) if kind in ("report", *KEPT_KINDS) else None)
    return LinkVerdict(is_report, why, agency, year, kind)


def stays_listed(title: str, verdict: LinkVerdict) -> bool:
    """Whether an entry that is no report still says that one may be there, so that the read of its column keeps it:
    a title cut short that may be a report's, a collection of a year (2023年各部门…), a report on a foreign host.

    Such an entry is not asked for; it holds an absence back. See docs/titles.md for what is no report at all.
    """
    if verdict.is_report:
        return False
    if _COLLECTION.search(title) and verdict.year is not None and _REPORT_WORDS.search(simplified(title)):
        return True
    if verdict.kind in KEPT_KINDS:
        return False
    if _CUT_SHORT.search(title.strip()):
        return bool(_WORDS_CUT.search(title)) and (verdict.year is not None or "公开" in title)
    may_be = verdict.kind == "other" or _WITH_INTERPRETATION.search(title) is not None
    return may_be and verdict.year is not None and _REPORT_WORDS.search(simplified(title)) is not None


def _agency(read: Title, kind: str, portal: Portal | None, column_agency: str | None, names: Names) -> str | None:
    default = None
    if kind in ("report", *KEPT_KINDS):
        default = column_agency or (portal.default_agency if portal else None)
    return names.canonical_name(read.agency, place=portal.place if portal else None, default=default)


def _host_fault(url: str, portal: Portal | None) -> str | None:
    """Why a link to this address is not believed: copies of whole government sites stand on foreign hosts."""
    if not is_web_address(url):
        return "no complete web address; copy it with its http:// or https://"
    host = (urlsplit(url).hostname or "").rstrip(".")
    if _GOVERNMENT_HOST.fullmatch(host) or (portal is not None and host_allowed(url, portal.allowed_hosts)):
        return None
    return f"host {host} is outside gov.cn: a copy, unless the portal's allowed_hosts names it"


def _year_before(listed_on: str | None) -> int | None:
    """The year before that of publication; in December the report may be that year's own, so that nothing is known."""
    match = _ISO_YEAR_MONTH.match(listed_on or "")
    return int(match[1]) - 1 if match and match[2] != "12" else None


@lru_cache(maxsize=1)
def _packaged_names() -> Names:
    return Names()
