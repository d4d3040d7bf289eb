"""Putting reports on portals: what a plot of time has to work with."""

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from crawler.sandbox.sample import Printable
from tests.bench.judge.country import Body, Country, Site
from tests.bench.judge.days import beijing, deadline, working_day_after, working_day_from, works
from tests.bench.judge.drafts import MEDIA, Draft, Drafts, write_file, write_page
from tests.bench.judge.postings import Board, Content, Row
from tests.bench.judge.truth import Truth

ENDINGS = {"text": "txt", "docx": "docx", "pdf": "pdf", "xlsx": "xlsx"}


@dataclass(slots=True)
class Slot:
    """One agency's report for one year, and where and how it is to be published. watched: its portal was crawled before
    its deadline, and nothing was wrong with the portal around it. day: of publication, as listed."""

    body: Body
    year: int
    draft: Draft
    site: Site
    board: Board
    chance: random.Random
    watched: bool

    @property
    def key(self) -> tuple[str, int]:
        return self.body.agency.id, self.year

    @property
    def due(self) -> date | None:
        return deadline(self.body.agency.duty, self.year)

    @property
    def is_plain(self) -> bool:
        """Whether it has no relation to another body, so that what becomes of it is of no other's concern."""
        return not self.body.kinds

    def on(self, month: int, day: int, hour: int = 10) -> datetime:
        """A moment of the season."""
        return beijing(date(self.year + 1, month, day), hour)

    def day_in_time(self) -> date:
        """A working day on which such a report appears."""
        first, last = date(self.year + 1, 1, 8), date(self.year + 1, 1, 29)
        if self.body.agency.organ in ("government", "office"):
            first, last = date(self.year + 1, 3, 4), date(self.year + 1, 3, 29)
        elif self.due is None:
            last = date(self.year + 1, 4, 20)
        return working_day_from(first + timedelta(days=self.chance.randint(0, (last - first).days)), back=True)

    def first_late_day(self) -> date:
        """The first working day that is late by any count: where the deadline is a day off, the second one after it."""
        due = self.due or date(self.year + 1, 1, 31)
        return working_day_after(due, 1 if works(due) else 2)


@dataclass(slots=True)
class Posting:
    """A report as it was put on a portal, board. page: path of its page; file: of the file that carries it, if any."""

    slot: Slot
    board: Board
    row: Row
    page: str
    file: str | None
    up: datetime
    listed_on: str
    signed_on: str

    def written(
        self, *, figures: dict[str, Printable] | None = None, more: str = "", clean: bool = False
    ) -> Callable[[datetime], bytes]:
        """What serves the report; figures, more: as it says after or before a revision."""
        draft = self.slot.draft
        changed = replace(
            draft,
            figures=figures or draft.figures,
            more=more,
            variant=replace(draft.variant, word_paste=clean ^ draft.variant.word_paste),
        )
        sample = changed.sample(self.listed_on, self.signed_on)
        site = self.slot.site

        @cache
        def write(is_rebuilt: bool) -> bytes:
            if draft.media != "html":
                return write_file(sample, draft.media)
            name = f"{site.place.name}人民政府{'门户网站' if is_rebuilt else ''}"
            page = write_page(sample, changed.variant, name)
            return _without_a_cell(page) if draft.slipped else page

        return lambda now: write(site.rebuilt_at is not None and now >= site.rebuilt_at)

    def content(self, write: Callable[[datetime], bytes]) -> Content:
        return Content(write, MEDIA[self.slot.draft.media])

    def serve(self, since: datetime, state: Content | str | None) -> None:
        """What the report's own address (its file, if it has one) answers from a moment on."""
        self.board.serve(self.file or self.page, since, state)

    def take_down(self, since: datetime) -> None:
        """It is gone from the list, and so are its page and its file."""
        self.row.until = since
        for path in filter(None, (self.page, self.file)):
            self.board.serve(path, since, None)


@dataclass(slots=True)
class Stage:
    """The whole country while reports are put up. boards: by portal."""

    country: Country
    drafts: Drafts
    truth: Truth
    boards: dict[str, Board]
    edited: set[tuple[str, int]] = field(default_factory=set)  # reports with something in their figures
    unreadable: set[tuple[str, int]] = field(default_factory=set)  # reports that nobody can have read
    owner: dict[int, tuple[str, int]] = field(default_factory=dict)  # id of a row -> whose report of which year
    claimed: list[Slot] = field(default_factory=list)  # of whom a notice says that they have published

    def post(
        self,
        slot: Slot,
        day: date,
        *,
        hour: int | None = None,
        listed_on: date | None = None,
        shown_from: datetime | None = None,
        title: str | None = None,
        list_name: str | None = None,
        site: Site | None = None,
        number: int = 0,
    ) -> Posting:
        """Put a report up. listed_on: the date that the portal gives it; shown_from: when the list shows it, if that is
        later; site: another portal than its own. number: to tell two postings of one report apart."""
        site = site or slot.site
        board = self.boards[site.id]
        up = beijing(day, slot.chance.randint(9, 16) if hour is None else hour, slot.chance.randint(0, 59))
        listed = (listed_on or day).isoformat()
        name = f"{zlib.crc32(f'{slot.body.agency.id}:{number}'.encode()):08x}"
        page = f"{slot.year + 1}/{name}.html"
        file = None if slot.draft.media == "html" else f"{slot.year + 1}/files/{name}.{ENDINGS[slot.draft.media]}"
        list_name = list_name or site.list_for(slot.body, slot.year)
        row = Row(list_name, title or slot.draft.title, listed, shown_from or up, [(up, page)])
        if shown_from is not None and shown_from < up:
            raise ValueError("a list cannot show what is not there")
        board.rows.append(row)
        self.owner[id(row)] = slot.key
        signed = (listed_on or day) - timedelta(days=slot.chance.randint(0, 4))
        posting = Posting(slot, board, row, page, file, up, listed, signed.isoformat())
        posting.serve(up, posting.content(posting.written()))
        if file is not None:
            board.serve(page, up, Content(_cover(row.title, file), files=(file,)))
        return posting


def _cover(title: str, file: str) -> Callable[[datetime], bytes]:
    page = (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1><p>全文见附件。</p>'
        f'<p><a href="/{file}">{title}</a></p></body></html>'
    ).encode()
    return lambda now: page


_ROW_OF_RESULTS = "（七）总计".encode()
_EMPTY = b"&nbsp;"


def _without_a_cell(page: bytes) -> bytes:
    """The page with one empty cell of the row 总计 of the results left out."""
    at = page.index(_ROW_OF_RESULTS)
    empty = page.index(_EMPTY, at)
    begin = page.rindex(b"<td", 0, empty)
    end = page.find(b"<td", empty)
    return page[:begin] + page[end:]
