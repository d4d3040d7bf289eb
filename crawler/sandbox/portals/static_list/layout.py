"""What static sites have in common: folders of list pages, articles with a metadata block, ways to link files."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, ClassVar
from urllib.parse import quote

from crawler.sandbox.portal_site import Answer, Listed, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import (
    EMPTY_WORDS,
    FurnishedSite,
    body_of,
    cut_pages,
    index_number,
    moment,
    relative,
    uuid_name,
)
from crawler.sandbox.portals.parts import metadata, shortened


class Layout:
    """How one site is laid out; this one is the plainest.

    column: folder of the list, or address of its first page. first, further: names of its pages, {n} counted from
    counted_from for the second one. encoding: of pages; meta: what they say it is; header: what Content-Type says, None
    where the server names none. has_etag: validators beside Last-Modified. files: how an article links its files:
    "plain", "down3" (onclick), "data-url", "viewer" (pdf.js) or "embed".
    """

    column: ClassVar[str] = "/zwgk/zfxxgknb/"
    first: ClassVar[str] = "index.html"
    further: ClassVar[str] = "index_{n}.html"
    counted_from: ClassVar[int] = 1
    encoding: ClassVar[str] = "utf-8"
    meta: ClassVar[str] = "utf-8"
    header: ClassVar[str | None] = "utf-8"
    has_etag: ClassVar[bool] = False
    files: ClassVar[str] = "plain"

    def __init__(self, site: FurnishedSite) -> None:
        self.site = site

    # Addresses.

    @property
    def column_path(self) -> str:
        """The column as a maintainer copies it."""
        return self.column

    def article_path(self, item: Publication) -> str:
        return f"{self.column}{item.day:%Y}/{item.day:%m-%d}/{1000 + item.number}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        name = uuid_name(self.site, 100 * item.number + index)
        if self.files == "down3":
            return f"{self.article_path(item).rpartition('/')[0]}/{name}.{file.ending.upper()}"
        return f"/uploadfile/{item.day:%Y%m}/{name}.{file.ending}"

    def portal_file(self) -> dict[str, Any]:
        """What the portal file needs beside platform and columns."""
        return {}

    def truth(self, now: datetime) -> list[Listed] | None:
        """Where it is not that of all sites."""
        return None

    # Articles.

    def article(self, item: Publication, now: datetime) -> str:
        """What stands in the article's page."""
        path = self.article_path(item)
        when = moment(item, "%Y-%m-%d %H:%M")
        return (
            f'{metadata(item, index_number(item))}\n<h1 class="title">{escape(item.title)}</h1>\n'
            f'<p class="info">{f"发布时间：{when}" if when else ""}　来源：{escape(item.publisher)}　'
            "字号：<span>大</span> <span>中</span> <span>小</span></p>\n"
            f'<div id="zoom" class="article-content">\n{body_of(item, now)}\n{self.file_links(item)}</div>\n'
            f"{self.site.older(item, path)}"
        )

    def file_links(self, item: Publication) -> str:
        """The files of an article, linked as this site links them."""
        return "".join(self._file_link(item, file, index) for index, file in enumerate(item.files))

    def _file_link(self, item: Publication, file: PublishedFile, index: int) -> str:
        path, name = self.file_path(item, file, index), escape(file.name)
        if self.files == "down3":
            only_name = path.rpartition("/")[2]
            return f'<p>附件：<a href="javascript:void(0)" onclick="down3(\'{only_name}\')">{name}</a></p>\n'
        if self.files == "data-url":
            return f'<p>附件：<a href="javascript:;" class="fj" data-url="{path}">{name}</a></p>\n'
        if self.files == "viewer" and file.ending == "pdf":
            viewer = f"/pdfjs/web/viewer.html?file={quote(path, safe='')}"
            return f'<iframe src="{viewer}" width="100%" height="800" title="{name}"></iframe>\n'
        if self.files == "embed" and file.ending == "pdf":
            return f'<embed src="{path}" type="application/pdf" width="100%" height="800">\n'
        link = escape(relative(path, self.article_path(item)))
        return f'<p class="fj">附件：<a href="{link}" title="{name}">{name}</a></p>\n'

    # Lists.

    def lists(self, request: Request, now: datetime) -> str | None:
        """The list page at an address."""
        return self.folder_page(self.column, self.site.shown(now), request.path, now)

    def folder_page(self, folder: str, items: Sequence[Publication], path: str, now: datetime) -> str | None:
        """A page of a list that fills a folder; None where the folder has no page of that name."""
        pages = cut_pages(items, self.site.per_page)
        names = [folder + self.page_name(place) for place in range(len(pages))]
        if path == folder:
            path = names[0]
        if path not in names:
            return None
        place = names.index(path)
        return self.frame(self.entries(pages[place], path), self.pager(place, names, len(items)), path)

    def frame(self, entries: str, pager: str, path: str) -> str:
        """A list page at a path."""
        return self.site.list_frame(f"{entries}\n{pager}", column=self.column_path)

    def page_name(self, place: int) -> str:
        """The name of a list page; place: from 0."""
        return self.first if place == 0 else self.further.format(n=place - 1 + self.counted_from)

    def entries(self, items: Sequence[Publication], base: str) -> str:
        """The list itself, on the page at `base`."""
        if not items:
            return f'<div class="list"><p>{EMPTY_WORDS}</p></div>'
        return '<ul class="list">\n' + "".join(self.row(item, base) for item in items) + "</ul>"

    def row(self, item: Publication, base: str) -> str:
        link = escape(relative(self.article_path(item), base))
        return f'<li><a href="{link}" target="_blank">{escape(item.title)}</a><span>{item.day}</span></li>\n'

    def short_row(self, item: Publication, base: str) -> str:
        """A row whose title is cut short."""
        link, title = escape(relative(self.article_path(item), base)), escape(item.title)
        text = escape(shortened(item.title))
        return f'<li><a href="{link}" title="{title}" target="_blank">{text}</a><span>{item.day}</span></li>\n'

    def pager(self, place: int, names: Sequence[str], records: int) -> str:
        """Links to the pages of a list, whose addresses are `names`."""
        if len(names) == 1:
            return ""
        base = names[place]
        numbers = " ".join(
            f"<span>{n + 1}</span>" if n == place else f'<a href="{relative(name, base)}">{n + 1}</a>'
            for n, name in enumerate(names)
        )
        following = f'<a href="{relative(names[place + 1], base)}">下一页</a>' if place + 1 < len(names) else ""
        return (
            f'<div class="pages">{numbers} {following} <a href="{relative(names[-1], base)}">尾页</a> '
            f"第{place + 1}页/共{len(names)}页</div>"
        )

    def special(self, request: Request, now: datetime) -> Answer | None:
        """An answer that is no ordinary page of the site; None for all else."""
        return None
