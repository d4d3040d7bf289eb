"""Whether a host answers us at all, or only shows its home page to where we ask from."""

import asyncio
from urllib.parse import urlsplit

from crawler.asking.fetch import Fetched, Fetcher
from crawler.errors import CrawlStopped
from crawler.outcomes.place_block import blocked_by_place
from crawler.outcomes.verdict import GONE_STATUSES, Answer, Signs, Verdict, judge
from crawler.portal import Portal
from crawler.walk.keeper import Keeper
from db.archive import Archive

_MOST_KNOWN_GOOD = 3


class Reach:
    """For one crawl: which hosts have given a page below their home page, and what a page that is gone means."""

    def __init__(self, portal: Portal, archive: Archive, fetcher: Fetcher, keeper: Keeper) -> None:
        self._portal = portal
        self._archive = archive
        self._fetcher = fetcher
        self._keeper = keeper
        self._deep: set[str] = set()
        self._blocked: dict[str, str | None] = {}
        self._one_at_a_time = asyncio.Lock()

    async def settle(self, fetched: Fetched, verdict: Verdict) -> Verdict:
        """The verdict on a visit, once it is clear that its host shows deep pages: else a missing page is blocked, and
        not gone."""
        url = fetched.answer.final
        host = urlsplit(url).netloc
        if verdict.outcome in ("ok", "unchanged", "empty"):
            if urlsplit(url).path.strip("/"):
                self._deep.add(host)
            return verdict
        if fetched.answer.status not in GONE_STATUSES or verdict.outcome != "gone" or host in self._deep:
            return verdict
        async with self._one_at_a_time:
            if host not in self._blocked:
                try:
                    self._blocked[host] = await self._probe(url)
                except CrawlStopped:
                    return Verdict("unknown", f"{verdict.evidence}; whether {host} shows any page was not asked")
        sentence = self._blocked[host]
        return Verdict("blocked", sentence) if sentence is not None else verdict

    async def _probe(self, url: str) -> str | None:
        """Ask other pages of a host; a sentence if it shows us none of them. The probes are written down once it is
        clear what they mean: a known report is not gone where the whole host is hidden from us."""
        probes: list[tuple[Fetched, Verdict]] = []

        async def ask(page: str) -> Answer:
            fetched = await self._fetcher.get(page)
            verdict = fetched.refusal or judge(fetched.answer, "detail", Signs(bool(fetched.body)))
            probes.append((fetched, verdict))
            return fetched.answer

        sentence = None
        try:
            known = self._archive.frontier.known_good(self._portal.id, url, _MOST_KNOWN_GOOD)
            sentence = await blocked_by_place(url, ask, known)
        finally:
            for fetched, verdict in probes:
                if sentence is not None and verdict.outcome == "gone":
                    verdict = Verdict("blocked", sentence)
                self._keeper.keep_visit(self._fetcher.visit(fetched, "detail", verdict), fetched)
        return sentence
