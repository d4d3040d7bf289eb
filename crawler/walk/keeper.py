"""Keeping what a crawl sees: each look with all that follows from it in one transaction, several looks in one commit
where several connections are asked at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from crawler.asking.fetch import Fetched
from crawler.asking.network import host_of
from db.archive import Archive
from db.collected.looks import Body
from db.records import Address, Crawl, Neighbour, Sighting, Visit

MOST_TOGETHER = 64  # looks in one commit
LONGEST_WAIT_S = 0.2  # of a look for its commit


class Keeper:
    """Writes for one crawl. visits: to lists, pages and files, by outcome; robots: those to a robots.txt; refusing:
    hosts that refused or failed. new_documents: of reports and neighbours, of which the archive had no row; sightings:
    documents handed on to be read; pages: good answers to what the portal is asked for; lost: documents that were asked
    for in vain; first_lost: the first of them.

    together: looks in one commit; 1 where each is to be kept before the next is asked for.
    """

    def __init__(self, archive: Archive, crawl: Crawl, *, together: int) -> None:
        self.archive = archive
        self.crawl = crawl
        self.visits: Counter[str] = Counter()
        self.robots: Counter[str] = Counter()
        self.refusing: set[str] = set()
        self.new_documents = 0
        self.sightings = 0
        self.pages = 0
        self.lost = 0
        self.first_lost = ""
        self._absent: Counter[str] = Counter()  # listed reports, by why they did not come
        self._first_absent = ""
        self._together = together
        self._waiting: list[Callable[[], None]] = []
        self._is_committing = False

    def keep(self, change: Callable[[], None]) -> None:
        """Make a change in one transaction: now, or together with others. Raises ArchiveError."""
        self._waiting.append(change)
        if len(self._waiting) >= self._together or not self._is_committing:
            self.flush()

    def flush(self) -> None:
        """Commit what waits. To be called before anything is read that rests on it."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            with self.archive.write():
                for change in waiting:
                    change()

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[None]:
        """Within it, changes may wait for others, but not for long; nothing waits at its end."""
        regularly = asyncio.create_task(self._commit_regularly())
        self._is_committing = True
        try:
            yield
        finally:
            self._is_committing = False
            if not regularly.cancel():
                regularly.result()  # the error that ended it
            self.flush()

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(LONGEST_WAIT_S)
            self.flush()

    def record(
        self,
        looks: Sequence[tuple[Visit, Fetched]],
        *,
        shows: Sighting | Neighbour | None = None,
        visited: Address | None = None,
        attached: Sequence[Address] = (),
    ) -> int:
        """Write down visits with what came and all that follows (see db.collected.looks), within a change; gives the
        number of the last one."""
        rows = []
        for visit, fetched in looks:
            visit.crawl_id = self.crawl.id
            came = visit.sha256 is not None and visit.sha256 == fetched.sha256 and fetched.answer.body
            body = Body(visit.sha256 or "", fetched.answer.body, fetched.media, fetched.at) if came else None
            rows.append((visit, body))
            wanted = visit.kind == "list" or visited is not None
            self.pages += wanted and visit.outcome in ("ok", "unchanged", "empty")
            (self.robots if visit.kind == "robots" else self.visits)[visit.outcome] += 1
            if visit.outcome in ("blocked", "failed"):
                self.refusing.update((host_of(visit.url), host_of(fetched.answer.final)))
        if shows is not None and rows[1:]:  # of several looks only the last one shows the document
            self.archive.looks.keep(rows[:-1])
            del rows[:-1]
        numbers, new = self.archive.looks.keep(rows, shows=shows, visited=visited, attached=attached)
        self.new_documents += new if shows is not None else 0
        self.sightings += isinstance(shows, Sighting)
        return numbers[-1]

    def keep_visit(self, visit: Visit, fetched: Fetched) -> None:
        """Keep a visit from which nothing else follows."""

        def change() -> None:
            self.record([(visit, fetched)])

        self.keep(change)

    def lose(self, visit: Visit) -> None:
        """Count a document that was asked for in vain."""
        self.lost += 1
        self.first_lost = self.first_lost or f"{visit.url}: {visit.outcome}: {visit.evidence}"

    def miss(self, visit: Visit, why: str) -> None:
        """Count a listed report that did not come, though its crawl did what it could."""
        self._absent[why] += 1
        self._first_absent = self._first_absent or f"{visit.url}: {visit.outcome}: {visit.evidence}"

    def absent_sentence(self) -> str | None:
        """How many listed reports did not come, why, and the first of them; None where all came."""
        number = self._absent.total()
        if not number:
            return None
        reasons = ", ".join(f"{count} {why}" for why, count in self._absent.most_common())
        reports = "1 listed report" if number == 1 else f"{number} listed reports"
        return f"{reports} did not come ({reasons}), the first: {self._first_absent}"
