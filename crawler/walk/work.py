"""What is due in the frontier: report pages, their files, and the neighbours that are kept too."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crawler.asking.fetch import Fetched, Fetcher
from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.outcomes.verdict import Signs, Verdict, judge, shell_target, sniff
from crawler.pages.html import absolute
from crawler.pages.showing import detail_signs
from crawler.platforms import Attachment, DetailPage, Platform
from crawler.portal import Portal
from crawler.walk.column import is_document
from crawler.walk.keeper import Keeper
from crawler.walk.reach import Reach
from crawler.walk.revisits import RevisitPace, next_visit
from db.archive import Archive
from db.records import Address, Look, Neighbour, Sighting, Visit
from parsers.titles import read_title

REPORT = "report"
MOST_FILES = 20  # of one page
_HERE = ("ok", "unchanged")
_NOT_SHOWN = ("blocked", "failed", "gone")
_MOST_SHELLS = 3
_AT_ONCE_DUE = 256  # addresses that are taken out of the frontier together
_NO_LOOK = Look("")
_SLACK = timedelta(hours=1)  # a daily crawl that begins some minutes earlier than yesterday's is a daily one still
_AFTER = timedelta(seconds=1)  # what was visited is not due in the same crawl, whatever the pace


class Work:
    """Fetches what was due when the crawl began, until nothing is left of it; most_pages: only so many reports, with
    their files, and nothing is due any more then."""

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        clock: Clock,
        fetcher: Fetcher,
        keeper: Keeper,
        platform: Platform,
        reach: Reach,
        pace: RevisitPace,
        most_pages: int | None = None,
    ) -> None:
        self._portal = portal
        self._archive = archive
        self._clock = clock
        self._fetcher = fetcher
        self._keeper = keeper
        self._platform = platform
        self._reach = reach
        self._pace = pace
        self._most_pages = most_pages
        self._by = keeper.crawl.started_at
        self._halted = False

    async def run(self) -> None:
        """Do all of it. Raises CrawlStopped; what was under way is then kept, the rest stays due."""
        if self._most_pages is not None:
            self._archive.frontier.keep_sample(self._portal.id, self._by, self._most_pages)
        while due := self._archive.frontier.due(self._portal.id, self._by, _AT_ONCE_DUE):
            addresses = iter(due)
            workers = [self._worker(addresses) for _ in range(self._portal.connections)]
            async with self._keeper.committing():
                ends = await asyncio.gather(*workers, return_exceptions=True)
            if errors := [end for end in ends if isinstance(end, BaseException)]:
                # A fault comes before a mere stop.
                raise next((error for error in errors if not isinstance(error, CrawlStopped)), errors[0])

    async def _worker(self, addresses: Iterator[Address]) -> None:
        try:
            for address in addresses:
                if self._halted:
                    return
                await (self._file(address) if address.part == "attachment" else self._page(address))
        except BaseException:
            self._halted = True
            raise

    async def _page(self, address: Address) -> None:
        """Fetch a page, and the one that it sends its reader on to."""
        url, referer = address.url, address.column_url
        passed: list[tuple[Visit, Fetched]] = []  # pages that only send their reader on
        asked = {url}
        try:
            for _ in range(_MOST_SHELLS):
                known = self._known(url, address)
                fetched = await self._fetcher.get(url, referer=referer, known=known, kind="detail")
                detail, verdict = await self._judge_page(fetched, address)
                verdict = _unless_same(verdict, fetched, known)
                target = _sent_on(fetched, verdict)
                if target is None or target in asked:
                    break
                passed.append((self._fetcher.visit(fetched, "detail", verdict), fetched))
                asked.add(target)
                if is_document(target) or self._archive.frontier.knows(self._portal.id, target):
                    files = [Attachment(target, None)] if is_document(target) else []
                    self._keep(address, passed, verdict, self._attached(address, files))
                    return
                url, referer = target, url
        except CrawlStopped:
            self._keep_passed(passed)
            raise
        if target is not None:
            verdict = Verdict("unknown", f"pages that send their reader on, in a circle or more than {_MOST_SHELLS}")
        files = detail.attachments if verdict.outcome in _HERE else []
        if len(files) > MOST_FILES:
            # An index of the whole site would use up the day's budget.
            verdict = Verdict(verdict.outcome, f"links {len(files)} files, of which the first {MOST_FILES} are fetched")
            files = files[:MOST_FILES]
        visit = self._fetcher.visit(fetched, "detail", verdict)
        self._keep(address, [*passed, (visit, fetched)], verdict, self._attached(address, files), document=True)

    def _known(self, url: str, address: Address) -> Look:
        """The last good look at a URL; at a new address there is none, and the archive need not be asked."""
        is_new = url == address.url and not address.visits
        return (None if is_new else self._archive.last_look(url)) or _NO_LOOK

    async def _judge_page(self, fetched: Fetched, address: Address) -> tuple[DetailPage, Verdict]:
        detail, answer = DetailPage(), fetched.answer
        is_page = fetched.refusal is None and bool(fetched.body) and sniff(fetched.body) in ("html", "text")
        if is_page:
            detail = self._platform.read_detail(fetched.body, answer.charset, answer.final, self._portal)
            signs = detail_signs(fetched.body, answer.charset, address.title, detail)
        else:
            signs = Signs(bool(fetched.body), certain=bool(fetched.body))  # a file in the place of a page
        verdict = fetched.refusal or fetched.judged or judge(answer, "detail", signs)
        return detail, await self._reach.settle(fetched, verdict)

    async def _file(self, address: Address) -> None:
        known = self._known(address.url, address)
        fetched = await self._fetcher.get(address.url, referer=address.page_url, known=known)
        verdict = fetched.refusal or judge(fetched.answer, "attachment", Signs(True, certain=True))
        verdict = _unless_same(await self._reach.settle(fetched, verdict), fetched, known)
        visit = self._fetcher.visit(fetched, "attachment", verdict)
        self._keep(address, [(visit, fetched)], verdict, [], document=True)

    def _attached(self, address: Address, files: list[Attachment]) -> list[Address]:
        """The files of a page as addresses that are due now."""
        return [
            dataclasses.replace(
                address,
                url=file.url,
                part="attachment",
                page_url=address.url,
                title=file.name if file.name and read_title(file.name).is_report else address.title,
                found_at=self._by,
                due_at=self._by,
                visits=0,
                failures=0,
                outcome=None,
                visited_at=None,
            )
            for file in files
            if file.url != address.url
        ]

    def _keep(
        self,
        address: Address,
        looks: list[tuple[Visit, Fetched]],
        verdict: Verdict,
        attached: list[Address],
        *,
        document: bool = False,
    ) -> None:
        """Keep the visits to an address and all that follows from them. document: the last one brought what the
        address is about."""
        last, fetched = looks[-1]
        visited = self._after(address, verdict, fetched)
        is_here = document and last.sha256 is not None and verdict.outcome in _HERE
        shows = _shown(address, last) if is_here else None

        def change() -> None:
            self._keeper.record(looks, shows=shows, visited=visited, attached=attached)
            if fetched.refusal is None and verdict.outcome in ("blocked", "failed"):
                self._keeper.lose(last)
            elif _is_missed(address, verdict):
                self._keeper.miss(last, _why_missed(verdict, fetched))

        self._keeper.keep(change)

    def _keep_passed(self, looks: list[tuple[Visit, Fetched]]) -> None:
        def change() -> None:
            self._keeper.record(looks)

        if looks:
            self._keeper.keep(change)

    def _after(self, address: Address, verdict: Verdict, fetched: Fetched) -> Address:
        """The address as it stands after a visit, with the time of the next one."""
        failures = address.failures + 1 if verdict.outcome in _NOT_SHOWN else 0
        due_at = next_visit(
            year=address.year,
            found_at=address.found_at,
            outcome=verdict.outcome,
            failures=failures,
            now=self._by,
            pace=self._pace,
        )
        return dataclasses.replace(
            address,
            visits=address.visits + 1,
            failures=failures,
            outcome=verdict.outcome,
            visited_at=fetched.at,
            due_at=max(due_at - _SLACK, self._by + _AFTER),
        )


def _is_missed(address: Address, verdict: Verdict) -> bool:
    """Whether a report is listed and does not come. One that is gone is so the first time only: later it is withdrawn,
    which the rules tell."""
    if address.kind != REPORT or verdict.outcome in _HERE:
        return False
    return verdict.outcome != "gone" or not address.visits


def _why_missed(verdict: Verdict, fetched: Fetched) -> str:
    if verdict.outcome == "unknown":
        return "redirected to another host" if fetched.refusal else "not recognised as a report"
    return {"blocked": "forbidden by robots.txt", "gone": "gone"}.get(verdict.outcome, "not reached")


def _shown(address: Address, visit: Visit) -> Sighting | Neighbour:
    """What a document is to the archive: one that may be a report, or a neighbour."""
    about: dict[str, Any] = {
        "portal": address.portal,
        "page_url": address.page_url,
        "url": address.url,
        "title": address.title,
        "listed_on": address.listed_on,
        "sha256": visit.sha256 or "",
        "seen_at": visit.at,
    }
    if address.kind != REPORT:
        return Neighbour(**about, kind=address.kind)
    return Sighting(**about, part=address.part, agency_hint=address.agency_hint)


def _sent_on(fetched: Fetched, verdict: Verdict) -> str | None:
    """Where a page that is there sends its reader on to."""
    # What is plainly ok is no such page: `judge` has looked.
    if verdict.outcome not in _HERE or (verdict.outcome == "ok" and verdict.evidence is None):
        return None
    return absolute(fetched.answer.final, shell_target(fetched.body, fetched.answer.charset))


def _unless_same(verdict: Verdict, fetched: Fetched, known: Look) -> Verdict:
    """A whole answer with the bytes of the last one is unchanged."""
    same = verdict.outcome == "ok" and known.sha256 == fetched.sha256
    return Verdict("unchanged", "same bytes") if same else verdict
