"""Asking for pages within one look: no page twice, not more requests than allowed, each page judged."""

from dataclasses import dataclass, replace
from typing import Any

from crawler.address import bare, question
from crawler.asking.fetch import Fetched, Fetcher
from crawler.outcomes.verdict import FileKind, Signs, Verdict, judge, shell_target, sniff
from crawler.pages.html import absolute
from crawler.probing.page import PageFacts, page_facts
from crawler.walk.keeper import Keeper
from crawler.walk.reach import Reach
from db.records import Look


class RememberingFetcher(Fetcher):
    """A fetcher that gives a page that it has fetched a second time without asking: one look lasts a minute."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._seen: dict[object, Fetched] = {}

    def go_on_from(self, earlier: "RememberingFetcher") -> None:
        """Take over what an earlier fetcher of the same look was told by robots.txt, and what it has spent."""
        earlier.close()
        for where, robots in earlier._robots.items():
            self._take_robots(where, robots)

    async def get(self, url: str, **how: Any) -> Fetched:
        """See Fetcher.get. An address that differs only in a fragment of the page's own is the same page."""
        asked = question(url)
        key = (asked.url, asked.method, asked.body, tuple(asked.headers.items()))
        if key not in self._seen:
            # Never conditionally: what is known is in the same look, and is given from here.
            self._seen[key] = await super().get(url, **(how | {"known": Look("")}))
            return self._seen[key]
        seen = self._seen[key]
        final = url if seen.answer.final == seen.answer.asked else seen.answer.final
        answer = replace(seen.answer, asked=url, final=final)
        at = self.archive.free_moment(url, self.clock())
        return replace(seen, answer=answer, at=at, requests=0, is_new=False)


@dataclass(slots=True)
class LookedAt:
    """A page that was asked for, whatever it is. url: where it was found, with the fragment that it was asked with.
    kind: of its bytes. sent_on: where it sends its reader on to, if it has no text of its own."""

    url: str
    body: bytes
    charset: str | None
    verdict: Verdict
    kind: FileKind
    facts: PageFacts
    sent_on: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether there is anything to be read on it."""
        return self.verdict.outcome in ("ok", "unchanged") and self.kind in ("html", "text")


class Asking:
    """Looks at pages, and keeps a record of each in the archive of this look."""

    def __init__(self, fetcher: Fetcher, keeper: Keeper, reach: Reach) -> None:
        self._fetcher = fetcher
        self._keeper = keeper
        self._reach = reach

    @property
    def requests(self) -> int:
        """Sent so far."""
        return self._fetcher.requests

    async def look(self, url: str, referer: str | None) -> LookedAt:
        """Ask for a page and judge it as one of which nothing is known. Raises CrawlStopped."""
        fetched = await self._fetcher.get(url, referer=referer)
        verdict = fetched.refusal or judge(fetched.answer, "detail", Signs(bool(fetched.body)))
        verdict = await self._reach.settle(fetched, verdict)
        self._keeper.keep_visit(self._fetcher.visit(fetched, "detail", verdict), fetched)
        answer = fetched.answer
        kind = sniff(fetched.body)
        is_page = verdict.outcome in ("ok", "unchanged") and kind in ("html", "text")
        target = shell_target(fetched.body, answer.charset) if is_page else None
        final = answer.final if "#" in answer.final else answer.final + url[len(bare(url)) :]
        return LookedAt(
            final,
            fetched.body,
            answer.charset,
            verdict,
            kind,
            page_facts(fetched.body, answer.charset, answer.final) if is_page else PageFacts(),
            absolute(answer.final, target) if target is not None else None,
        )
