"""What every pretend portal has in common, whatever software it plays: publications, a home page, files, its truth.

One module of crawler/sandbox/portals/ for each platform derives its sites from `PortalSite`. They are written from what
is known of real portals, and share nothing with the readers in crawler/platforms/ but the vocabulary.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any, ClassVar, Literal, NamedTuple

from crawler.sandbox import season

COLUMN_NAME = "政府信息公开年报"
SECTION_NAME = "政府信息公开"
MEDIA_TYPES = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text": "text/plain",
}
ENDINGS = {"pdf": "pdf", "docx": "docx", "xlsx": "xlsx", "text": "txt"}


class Request(NamedTuple):
    """What a server was asked. path: decoded, without query. query, form: decoded, the last value of each name; form
    is that of a POST. body: of a POST, as it came. headers: names in lower case; `host` is among them."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def origin(self) -> str:
        """http://host:port, for absolute links."""
        return f"http://{self.headers.get('host', 'localhost')}"


class Answer(NamedTuple):
    """A resource: body, Content-Type, when it was last changed (UTC), status, further headers."""

    body: bytes
    content_type: str
    modified: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a publication. name: real name with its ending. media: of MEDIA_TYPES. make: its bytes."""

    name: str
    media: str
    make: Callable[[], bytes]

    @property
    def ending(self) -> str:
        return ENDINGS[self.media]


@dataclass(frozen=True, slots=True)
class Publication:
    """Something that stands in the column, whatever platform shows it.

    number: of its own in its portal, from 0 in order of publication. kind: "report", or what stands beside reports
    ("website_form", "interpretation", "guide", "publication_notice", "enforcement_statistics", "other"). publisher:
    named as 发布机构. body: the article's text as an HTML fragment, as of a day in Beijing. files: what is attached.
    agency_id, year: of a report, None otherwise. built_daily: its page is made anew every night, so that PubDate is
    that of the build.
    """

    number: int
    title: str
    kind: str
    publisher: str
    published_at: datetime
    body: Callable[[date], str]
    files: tuple[PublishedFile, ...] = ()
    agency_id: str | None = None
    year: int | None = None
    built_daily: bool = False

    @property
    def day(self) -> date:
        """The day of publication in Beijing."""
        return season.beijing_date(self.published_at)


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the truth: a report that a read of the portal's columns must list, once.

    path: of its address on the portal, with query. title: in full, as the portal prints it.
    """

    path: str
    title: str
    agency_id: str
    year: int


class PortalSite(ABC):
    """A pretend portal. Pure but for a cache: the same request at the same time gives the same bytes.

    platform: as portal files call it. variants: the shapes in which it is served, the ordinary one first. publications:
    in order of publication; those later than the time of a request are not there yet.
    """

    platform: ClassVar[str]
    variants: ClassVar[tuple[str, ...]] = ("",)
    per_page: ClassVar[int] = 15

    def __init__(
        self, id: str, name: str, place: str | None, publications: Sequence[Publication], *, variant: str = ""
    ) -> None:
        self.id = id
        self.name = name
        self.place = place
        self.variant = variant or self.variants[0]
        if self.variant not in self.variants:
            raise ValueError(f"{self.platform} has no variant {variant!r}; there are {', '.join(self.variants)}")
        self.publications = sorted(publications, key=lambda item: (item.published_at, item.number))
        self._articles = {self.article_path(item): item for item in self.publications}
        self._files = {
            self.file_path(item, file, index): (item, file)
            for item in self.publications
            for index, file in enumerate(item.files)
        }
        self._cache: dict[object, bytes] = {}

    # What a platform says of itself.

    @property
    @abstractmethod
    def column_paths(self) -> tuple[str, ...]:
        """The addresses of the columns as a maintainer copies them from the browser: path, query, fragment."""

    @abstractmethod
    def article_path(self, item: Publication) -> str:
        """Where a publication's page stands: path, with query where the platform's articles need one."""

    @abstractmethod
    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        """Where a file stands: path, with query where the platform's downloads need one."""

    @abstractmethod
    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        """The page of a publication, with its files linked as the platform links them."""

    @abstractmethod
    def lists(self, request: Request, now: datetime) -> Answer | None:
        """List pages, and the endpoints from which scripts fetch lists; None for anything else."""

    def portal_file(self, origin: str) -> dict[str, Any]:
        """What the right portal file says beside name, allowed_hosts, delay_s and place. origin: http://host:port."""
        return {
            "platform": self.platform,
            "columns": [{"url": origin + path} for path in self.column_paths],
        }

    # What is the same for all.

    def shown(self, now: datetime) -> list[Publication]:
        """What is there at a moment, newest first, as lists print it."""
        return [item for item in reversed(self.publications) if item.published_at <= now]

    def truth(self, now: datetime) -> list[Listed]:
        """The reports that a read of the columns at a moment must list: all, no other, none twice."""
        return [
            Listed(self.article_path(item), item.title, item.agency_id or "", item.year or 0)
            for item in self.shown(now)
            if item.kind == "report"
        ]

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """What stands at an address at a moment; None where nothing does (yet)."""
        if request.path == "/robots.txt":
            return self.text(b"User-agent: *\nDisallow: /admin/\n", "text/plain", now)
        if request.path in ("/", "/index.html"):
            return self.page(self.home(request), now)
        if request.path == "/zwgk/":
            return self.page(self.section(request), now)
        key = request.path + (f"?{self._query(request)}" if request.query else "")
        for address in (key, request.path):
            if (item := self._articles.get(address)) is not None and item.published_at <= now:
                return self.article(item, request, now)
            if (found := self._files.get(address)) is not None and found[0].published_at <= now:
                owner, file = found
                return Answer(self.kept(("file", address), file.make), MEDIA_TYPES[file.media], owner.published_at)
        return self.lists(request, now)

    def home(self, request: Request) -> str:
        """The home page: the way to the column leads over the section 政府信息公开."""
        links = "".join(
            f'<li><a href="/news/{n}.html">{escape(self.place or "")}要闻之{n}</a></li>' for n in range(1, 9)
        )
        nav = f'<a href="/">首页</a> <a href="/zwgk/">{SECTION_NAME}</a> <a href="/hd/">互动交流</a>'
        return self.frame(self.name, f'<div class="nav">{nav}</div><ul class="news">{links}</ul>', home=True)

    def section(self, request: Request) -> str:
        """The page of the section, with a link to each column."""
        columns = "".join(f'<li><a href="{escape(path)}">{COLUMN_NAME}</a></li>' for path in self.column_paths[:1])
        body = (
            '<ul class="xxgk"><li><a href="/zwgk/zn/">政府信息公开指南</a></li>'
            f'<li><a href="/zwgk/zd/">政府信息公开制度</a></li>{columns}'
            '<li><a href="/zwgk/ysq/">依申请公开</a></li></ul>'
        )
        return self.frame(SECTION_NAME, body)

    def frame(self, title: str, body: str, *, home: bool = False, head: str = "") -> str:
        """A page of the site around some HTML; platforms print more of their own in `head`."""
        name = escape(self.name)
        heading = name if home else f"{escape(title)}_{name}"
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{heading}</title>\n'
            f'<meta name="SiteName" content="{name}">\n{head}</head>\n<body>\n{body}\n'
            f'<div class="footer">主办：{name}办公室</div></body></html>\n'
        )

    def page(self, text: str, modified: datetime, *, encoding: str = "utf-8", label: str | None = "utf-8") -> Answer:
        """An HTML page as an answer. label: the charset in Content-Type, None where the server names none."""
        media = f"text/html; charset={label}" if label else "text/html"
        return Answer(text.encode(encoding, "xmlcharrefreplace"), media, modified)

    def text(self, body: bytes, media: str, modified: datetime, *, status: int = 200) -> Answer:
        """Bytes as an answer."""
        return Answer(body, media, modified, status)

    def kept(self, key: object, make: Callable[[], bytes]) -> bytes:
        """Bytes that are made once."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def beginning(self) -> datetime:
        """Before anything was published."""
        return self.publications[0].published_at if self.publications else season.at_beijing(date(2020, 1, 1), 0)

    @staticmethod
    def _query(request: Request) -> str:
        return "&".join(f"{name}={value}" for name, value in request.query.items())


def standard_tags(item: Publication, site_name: str, *, pub_date: str | None = None) -> str:
    """The page tags of a content page that the standard for government sites prescribes (国办发〔2017〕47号)."""
    tags = {
        "ColumnName": COLUMN_NAME,
        "ColumnType": "信息公开年报",
        "ArticleTitle": item.title,
        "PubDate": pub_date or f"{item.published_at.astimezone(season.BEIJING):%Y-%m-%d %H:%M}",
        "ContentSource": item.publisher,
    }
    return "".join(f'<meta name="{name}" content="{escape(value)}">\n' for name, value in tags.items())


Failure = Literal["412", "429", "503", "drop", "slow", "truncated", "changed", "withdrawn", "redesigned"]
