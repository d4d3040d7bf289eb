"""What a pretend portal has at a moment: its list pages, articles and attachments as bytes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from crawler.sandbox import pages, season
from crawler.sandbox.country import Country, PlannedReport
from crawler.sandbox.names import Place
from crawler.sandbox.pages import LOOKS, PER_PAGE, Look, Row
from crawler.sandbox.sample import SampleReport
from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from crawler.sandbox.writers.html_page import PageFrame, article_page

COLUMN_PATH = "/zwgk/zfxxgknb/"
COLUMN_NAME = "政府信息公开年报"
MEDIA_TYPES = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text": "text/plain",
}
_ENDINGS = {"text": "txt"}
_WRITERS: dict[str, Callable[[SampleReport], bytes]] = {
    "pdf": pdf.write,
    "docx": docx.write,
    "xlsx": xlsx.write,
    "text": text.write,
}
_BUILD_HOUR, _BUILD_MINUTE = 3, 12


class Answer(NamedTuple):
    """A resource: body, Content-Type, when it was last changed (UTC)."""

    body: bytes
    content_type: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the column.

    path: absolute path of its page. write: the page as of a day in Beijing. files: absolute path -> (how to make it,
    media). built_daily: the page is made anew every night.
    """

    title: str
    path: str
    published_at: datetime
    write: Callable[[date], bytes]
    files: dict[str, tuple[Callable[[], bytes], str]] = field(default_factory=dict)
    built_daily: bool = False


class Site:
    """A portal's content. Pure but for a cache: the same path at the same time gives the same bytes."""

    def __init__(self, id: str, name: str, place: str | None, look: Look, entries: Sequence[Entry]) -> None:
        self.id = id
        self.name = name
        self.place = place
        self.look = look
        self.entries = sorted(entries, key=lambda entry: (entry.published_at, entry.path), reverse=True)
        self._pages = {entry.path: entry for entry in self.entries}
        self._files = {path: (entry, *made) for entry in self.entries for path, made in entry.files.items()}
        self._cache: dict[tuple[str, date | None], bytes] = {}

    @property
    def column_path(self) -> str:
        return COLUMN_PATH + self.look.first

    def answer(self, path: str, now: datetime) -> Answer | None:
        """What stands at a path at a moment; None where nothing does (yet)."""
        if path == "/robots.txt":
            return Answer(pages.robots_txt(), "text/plain", self._beginning)
        if path in ("/", "/index.html"):
            return Answer(pages.message_page(self.name), "text/html; charset=utf-8", self._beginning)
        page = self._pages.get(path)
        if page and page.published_at <= now:
            built = max(_last_build(now), page.published_at) if page.built_daily else page.published_at
            day = season.beijing_date(built)
            return Answer(self._kept((path, day), partial(page.write, day)), self._html_type, built)
        if path in self._files:
            owner, make, media = self._files[path]
            if owner.published_at <= now:
                return Answer(self._kept((path, None), make), MEDIA_TYPES[media], owner.published_at)
        return self._list_page(path, now)

    def etag(self, body: bytes) -> str | None:
        """The validator of a body, None on portals that send none."""
        return f'"{hashlib.sha256(body).hexdigest()[:16]}"' if self.look.etag else None

    @property
    def _beginning(self) -> datetime:
        return self.entries[-1].published_at if self.entries else season.at_beijing(date(2020, 1, 1), 0)

    @property
    def _html_type(self) -> str:
        charset = self.look.header_charset
        return f"text/html; charset={charset}" if charset else "text/html"

    def _kept(self, key: tuple[str, date | None], make: Callable[[], bytes]) -> bytes:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def _list_page(self, path: str, now: datetime) -> Answer | None:
        shown = [entry for entry in self.entries if entry.published_at <= now]
        count = max(1, -(-len(shown) // PER_PAGE))
        names = {COLUMN_PATH: 1} | {COLUMN_PATH + pages.page_name(self.look, n): n for n in range(1, count + 1)}
        page = names.get(path)
        if page is None:
            return None
        rows = [
            Row(
                "./" + entry.path.removeprefix(COLUMN_PATH),
                entry.title,
                season.beijing_date(entry.published_at).isoformat(),
            )
            for entry in shown[(page - 1) * PER_PAGE : page * PER_PAGE]
        ]
        body = pages.list_page(self.look, rows, page=page, pages=count, site_name=self.name, column=COLUMN_NAME)
        # A new entry moves the others on, so every page changes with the newest one.
        return Answer(body, self._html_type, shown[0].published_at if shown else self._beginning)


def country_sites(country: Country, formats: Sequence[str] = ("html",), *, realistic: bool = False) -> list[Site]:
    """One site for each place of the country.

    formats: "html", and of "pdf", "docx", "xlsx", "text" those in which some departments publish, as an attachment
    of a page without text. realistic: article pages of about 98 KB. Raises ValueError for another format.
    """
    unknown = sorted(set(formats) - set(MEDIA_TYPES))
    if unknown:
        raise ValueError(f"unknown format {unknown[0]!r}; the sandbox serves {', '.join(MEDIA_TYPES)}")
    others = [media for media in formats if media != "html"]
    sites = []
    for number, place in enumerate(country.places):
        name = f"{place.name}人民政府"
        plans = [plan for plan in country.plans if plan.agency.region_code == place.code]
        entries = []
        for index, plan in enumerate(plans):
            attach = others and plan.agency.organ == "department" and not plan.build_date and index % 3 == 1
            media = others[index // 3 % len(others)] if attach else None
            entries.append(_report_entry(plan, index, name, media, realistic))
        entries += _neighbours(place, country.years, plans, name, LOOKS[number % len(LOOKS)])
        sites.append(Site(f"county_{place.code}", name, place.name, LOOKS[number % len(LOOKS)], entries))
    return sites


def folder_site(files: Sequence[tuple[str, bytes, str]], *, listed_on: date, id: str, name: str) -> Site:
    """Given files as entries of one column: HTML as the page itself, anything else attached to a short page."""
    published_at = season.at_beijing(listed_on, 9)
    entries = []
    for index, (title, data, media) in enumerate(files):
        if media not in MEDIA_TYPES:
            raise ValueError(f"{title}: unknown media {media!r}; known are {', '.join(MEDIA_TYPES)}")
        path, file_path = _paths(published_at, index, media)
        if media == "html":
            entries.append(Entry(title, path, published_at, partial(_given, data)))
        else:
            page = _attachment_page(title, name, published_at, file_path, LOOKS[0])
            entries.append(Entry(title, path, published_at, page, {file_path: (partial(_given, data), media)}))
    # The given pages speak for their own encoding, so the header names none.
    return Site(id, name, None, replace(LOOKS[0], header_charset=None), entries)


def _paths(published_at: datetime, index: int, media: str) -> tuple[str, str]:
    day = season.beijing_date(published_at)
    folder = f"{COLUMN_PATH}{day:%Y%m}/"
    file_name = f"P0{day:%Y%m%d}{index:06d}.{_ENDINGS.get(media, media)}"
    return f"{folder}t{day:%Y%m%d}_{1000 + index}.html", folder + file_name


def _given(data: bytes, day: date | None = None) -> bytes:
    """The same bytes on every day."""
    return data


def _last_build(now: datetime) -> datetime:
    built = season.at_beijing(season.beijing_date(now), _BUILD_HOUR, _BUILD_MINUTE)
    return built if built <= now else built - timedelta(days=1)


def _report_entry(plan: PlannedReport, index: int, site_name: str, media: str | None, realistic: bool) -> Entry:
    sample = plan.sample
    path, file_path = _paths(plan.published_at, index, media or "html")
    frame = PageFrame(
        site_name=site_name,
        column=COLUMN_NAME,
        index_number=f"{plan.agency.region_code}000/{sample.year + 1}-{index:05d}",
        labelled_date=not plan.build_date,
    )
    if media is None:

        def write(day: date) -> bytes:
            built = f"{day.isoformat()} {_BUILD_HOUR:02d}:{_BUILD_MINUTE:02d}" if plan.build_date else None
            variant = replace(plan.variant, frame=replace(frame, pub_date=built), realistic=realistic)
            return html.render(sample, variant)

        return Entry(sample.title, path, plan.published_at, write, built_daily=plan.build_date)
    page = _attachment_page(sample.title, site_name, plan.published_at, file_path, None, plan.variant.encoding)
    files: dict[str, tuple[Callable[[], bytes], str]] = {file_path: (partial(_WRITERS[media], sample), media)}
    return Entry(sample.title, path, plan.published_at, page, files)


def _attachment_page(
    title: str, site_name: str, published_at: datetime, file_path: str, look: Look | None, encoding: str = "utf-8"
) -> Callable[[date], bytes]:
    name = f"{title}.{file_path.rsplit('.', 1)[-1]}"
    frame = PageFrame(site_name=site_name, attachments=(("./" + file_path.rsplit("/", 1)[-1], name),))
    return _article(title, "<p>全文见附件。</p>", frame, published_at, look.encoding if look else encoding)


def _article(title: str, body: str, frame: PageFrame, published_at: datetime, encoding: str) -> Callable[[date], bytes]:
    day = season.beijing_date(published_at).isoformat()
    text = article_page(
        title=title, body=body, frame=frame, publisher=frame.site_name, published_on=day, charset=encoding
    )
    data = text.encode(encoding, errors="xmlcharrefreplace")
    return partial(_given, data)


def _neighbours(
    place: Place, years: Sequence[int], plans: Sequence[PlannedReport], site_name: str, look: Look
) -> list[Entry]:
    """What stands in the same column and is no annual report: website forms, an explainer, a guide."""
    said: list[tuple[str, str, datetime]] = []
    for year in years:
        form = f"{place.name}人民政府网站工作年度报表（{year}年度）"
        said.append(
            (form, "现将本网站年度运行数据公布如下，报表见网站首页。", season.at_beijing(date(year + 1, 1, 20), 9))
        )
        for plan in plans:
            if plan.agency.organ == "government" and plan.year == year:
                title = f"一图读懂：{place.name}{year}年政府信息公开工作年度报告"
                said.append((title, "以图片说明年度报告的主要内容。", plan.published_at + timedelta(days=1)))
    guide = season.at_beijing(date(years[0] + 1, 1, 4), 9)
    said.append((f"{place.name}政府信息公开指南", "本指南说明申请政府信息的方式和受理机构。", guide))
    entries = []
    for index, (title, sentence, moment) in enumerate(said):
        path, _ = _paths(moment, 5000 + index, "html")
        write = _article(title, f"<p>{sentence}</p>", PageFrame(site_name=site_name), moment, look.encoding)
        entries.append(Entry(title, path, moment, write))
    return entries
