"""How a look ended, in one sentence: what was found; else what is wrong, and what to do next. Pure."""

import re
from urllib.parse import urlsplit

from crawler.asking.network import host_of
from crawler.probing.guarded import is_busy, what_to_do
from crawler.probing.order import ProbeOrder
from crawler.probing.places import Place
from crawler.probing.reading import ReadColumn
from crawler.probing.recognise import GENERIC
from crawler.probing.result import Probe
from crawler.probing.search import Way

_FILES = {
    "pdf": "a PDF file", "zip": "a file (docx, xlsx or zip)", "ole": "a file (doc, xls or wps)", "rar": "an archive",
    "rtf": "a text file", "image": "an image", "other": "a file of an unknown kind",
}  # fmt: skip
_SENT_ON = re.compile(r"(?:sends on|redirected) to (\S+)")
_FIND = (
    "open the site in a browser, go to 政府信息公开年报 (mostly under 政务公开 or 政府信息公开), and give the address "
    "of that list"
)


def is_for_browser(way: Way, reads: list[ReadColumn]) -> bool:
    """Whether what was found is certainly a list, made by a script or held by a frame in a way that no platform knows.
    reads: the columns that were read."""
    if way.columns:
        is_unseen = all(read.result.outcome == "unknown" and not read.result.reports for read in reads)
        return is_unseen and not any(read.stopped for read in reads) and way.columns[0].recognition.platform == GENERIC
    return way.unread is not None and not way.unread[0].known


def sentence_of(order: ProbeOrder, way: Way, reads: list[ReadColumn], probe: Probe, no_browser: str = "") -> str:
    """The sentence. reads: the columns that were read. no_browser: why a list that only a browser shows was not shown
    by it, "" if it was or need not be."""
    if way.first is None:
        return _stopped(order, way)
    if (wrong := _wrong_start(order, way.first)) is not None:
        return wrong
    if probe.found:
        return _found(probe)
    if reads:
        said = "; ".join(f"{read.result.column.url}: {read.stopped or read.result.why}" for read in reads)
        found = f"a column of annual reports was found, and not one report on it ({said})"
        if probe.platform == GENERIC and all(read.result.outcome == "unknown" for read in reads):
            return (
                f'{found}; if a browser shows them, try the draft, which says fetch = "browser"{_because(no_browser)}'
            )
        refused = next((read.result.why for read in reads if read.result.outcome == "blocked"), None)
        return f"{found}; {'compare it with the browser' if refused is None else what_to_do(refused)}"
    return _no_column(order, way, no_browser)


def _because(no_browser: str) -> str:
    return f" ({no_browser})" if no_browser else ""


def of_this_look(order: ProbeOrder, most: int, why: str) -> str:
    """Why a list was not read to its end, where that is only since this look is short: in words that help here. most:
    requests that were allowed."""
    if "the budget of" in why:
        return f"all {most} requests of this look were sent; --most {2 * order.most} looks further"
    if "more than max_pages" in why:
        return f"only its first pages were read in this look; --most {2 * order.most} looks further"
    return why


def _found(probe: Probe) -> str:
    whole = all(column.outcome in ("ok", "unchanged", "empty") for column in probe.columns)
    columns = "1 column" if len(probe.columns) == 1 else f"{len(probe.columns)} columns"
    reports = "1 report" if len(probe.reports) == 1 else f"{len(probe.reports)} reports"
    return f"{columns} with {reports}{', read to the end' if whole else '; not all was read, see below'}"


def _stopped(order: ProbeOrder, way: Way) -> str:
    if "the budget of" in way.stopped:
        return f"{order.most} requests were sent, and no page has come; allow more with --most"
    return f"{order.url} was not asked: {way.stopped}"


def _wrong_start(order: ProbeOrder, first: Place) -> str | None:
    """What is wrong with the given address itself."""
    looked, url = first.looked, order.url
    outcome, why = looked.verdict.outcome, looked.verdict.evidence or ""
    host = urlsplit(url).netloc
    if "host name not found" in why:
        return f"there is no host {host}: the name is not known; check the address for a typing error"
    if "is not among allowed_hosts" in why:
        return _moved(why)
    if "TLS certificate" in why:
        return (
            f"{url}: {why.partition('; verify_tls')[0]}; look at the certificate in a browser, and if the site is "
            "genuine give --no-verify-tls"
        )
    if outcome == "blocked":
        refused = "" if is_busy(why) else "the site refuses us "
        return f"{url}: {refused}({why}); {what_to_do(why)}"
    if outcome == "gone" and (to := _SENT_ON.search(why)) and urlsplit(to[1]).netloc not in ("", host):
        return f"the site sends on to {to[1]}; give that address, or allow its host with --allow {host_of(to[1])}"
    if outcome == "gone":
        return f"{url}: there is no such page ({why}); {_FIND}"
    if outcome == "failed":
        return f"{url}: no answer that could be used ({why}); try again later, and compare it with the browser"
    if looked.kind in _FILES and looked.body:
        return f"{url} is {_FILES[looked.kind]}, not a page; give the address of the list that links to it"
    if outcome not in ("ok", "unchanged"):
        return f"{url}: {why or outcome}; compare it with the browser"
    return None


def _moved(why: str) -> str:
    to = why.partition("(redirected to ")[2].rstrip(")")
    if not to:
        return f"{why}; name it with --allow"
    return f"the site sends on to {to}; give that address, or allow its host with --allow {host_of(to)}"


def _no_column(order: ProbeOrder, way: Way, no_browser: str) -> str:
    """Pages came, and none of them is a list of annual reports."""
    seen = "1 page was" if len(way.pages) == 1 else f"{len(way.pages)} pages were"
    if way.elsewhere:
        one = way.elsewhere[0]
        said = f"“{one.title}” leads to another host, {one.url}" if one.title else f"the site sends on to {one.url}"
        return f"{said}; if it is the portal's own, look again with --allow {host_of(one.url)}"
    if way.unread is not None:
        place, shown = way.unread
        said = f"{place.candidate.url} looks like a column of annual reports, and its list is not in the page ({shown})"
        if place.known:
            todo = "complete the draft (`nianbao portal check` says what is missing), then `nianbao portal test`"
            return f"{said}; the software is {place.recognition.platform}: {todo}"
        todo = f'try the draft, which says fetch = "browser", with `nianbao portal test`{_because(no_browser)}'
        return f"{said}; {todo}"
    if way.refused is not None:
        link, verdict = way.refused
        said = f"“{link.title}” leads to {link.url}" if link.title else f"the list seems to be {link.url}"
        todo = what_to_do(verdict.evidence or "") if verdict.outcome == "blocked" else "compare it with the browser"
        return f"{said}, and no page came from there: {verdict.outcome} ({verdict.evidence}); {todo}"
    if way.stopped:
        return f"no list of annual reports was found within {order.most} requests ({seen} looked at); {_FIND}"
    software = f"; the software is {way.best.recognition.platform}" if way.best is not None else ""
    return f"no list of annual reports was found here ({seen} looked at{software}); {_FIND}"
