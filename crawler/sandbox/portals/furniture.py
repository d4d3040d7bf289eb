"""What several pretend portals print around their lists and articles: menus, position, metadata, noise, neighbours."""

import posixpath
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import ClassVar, TypeVar

from crawler.sandbox import season
from crawler.sandbox.portal_site import (
    COLUMN_NAME,
    SECTION_NAME,
    Answer,
    PortalSite,
    Publication,
    Request,
)
from crawler.sandbox.portals.parts import built_at, column_tags, hex_id, tags

EMPTY_WORDS = "暂无相关信息"
_NEWS = (
    "召开防汛工作会议",
    "开展安全生产检查",
    "举办就业招聘会",
    "部署春耕备耕工作",
    "推进乡村道路养护",
    "慰问困难群众",
)

Item = TypeVar("Item")


def cut_pages(items: Sequence[Item], per_page: int) -> list[Sequence[Item]]:
    """The pages of a list; an empty list has one page with nothing on it."""
    return [items[start : start + per_page] for start in range(0, len(items), per_page)] or [items]


def relative(path: str, base: str) -> str:
    """A path as a link from the page at `base`: ./a.html, ../a.html; paths may have queries."""
    target, mark, query = path.partition("?")
    link = posixpath.relpath(target, posixpath.dirname(base.partition("?")[0]) or "/")
    if target.endswith("/") and not link.endswith("/"):
        link += "/"
    return (link if link.startswith(".") else f"./{link}") + mark + query


def hex_name(site: PortalSite, number: int, digits: int = 32) -> str:
    """A hexadecimal name that carries no order and no date."""
    return hex_id(site.id, site.variant, number)[:digits]


def uuid_name(site: PortalSite, number: int) -> str:
    """A name in the shape of a UUID."""
    text = hex_name(site, number)
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "a" + text[17:20], text[20:]))


def body_of(item: Publication, now: datetime) -> str:
    """An article's text at a moment."""
    return item.body(season.beijing_date(built_at(item, now)))


def moment(item: Publication, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    """The time of publication as articles print it; nothing where the page shows only when it was built."""
    return "" if item.built_daily else f"{item.published_at.astimezone(season.BEIJING):{pattern}}"


class FurnishedSite(PortalSite):
    """A portal with the usual furniture. marks: what its software writes into the head of every page."""

    marks: ClassVar[str] = ""

    def news_path(self, number: int) -> str:
        """Where this platform puts a news article."""
        return f"/news/{number}.html"

    def home(self, request: Request) -> str:
        news = "".join(
            f'<li><a href="{escape(self.news_path(number))}">{escape(self.place or "我市")}{text}</a></li>'
            for number, text in enumerate(_NEWS, start=1)
        )
        menu = f'<a href="/">首页</a> <a href="/zwgk/">{SECTION_NAME}</a> <a href="/hd/">互动交流</a>'
        return self.frame(self.name, f'<div class="nav">{menu}</div><ul class="news">{news}</ul>', home=True)

    def frame(self, title: str, body: str, *, home: bool = False, head: str = "") -> str:
        return super().frame(title, body, home=home, head=self.marks + head)

    def list_frame(self, entries: str, *, column: str, title: str = COLUMN_NAME) -> str:
        """A list page around the entries and their pager. column: link to the column."""
        menu = "".join(
            f'<li><a href="{href}">{text}</a></li>'
            for href, text in (
                ("/zwgk/zn/", "政府信息公开指南"),
                ("/zwgk/zd/", "政府信息公开制度"),
                (escape(column), COLUMN_NAME),
                ("/zwgk/ysq/", "依申请公开"),
            )
        )
        old = f"{escape(self.place or '')}2012年政府信息公开年度报告"
        body = (
            f'<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">{SECTION_NAME}</a> &gt; '
            f'<a href="{escape(column)}">{COLUMN_NAME}</a></div>\n'
            f'<div class="left"><ul class="menu">{menu}</ul></div>\n'
            f'<!-- <ul><li><a href="./old/201303.html">{old}</a><span>2013-03-20</span></li></ul> -->\n'
            f'<div class="right">{entries}</div>'
        )
        return self.frame(title, body, head=column_tags(self.name))

    def article_frame(self, item: Publication, now: datetime, content: str, *, column: str) -> str:
        """An article's page around what the platform writes for it, with the noise of real ones."""
        body = (
            f'<div class="position">您的位置：<a href="/">首页</a> &gt; '
            f'<a href="{escape(column)}">{COLUMN_NAME}</a> &gt; 正文</div>\n{content}\n'
            '<div class="share">分享到：<a href="javascript:void(0)">微信</a> '
            '<a href="javascript:window.print()">打印</a> 扫一扫在手机打开当前页</div>'
        )
        return self.frame(item.title, body, head=tags(item, self.name, now))

    def article_answer(self, item: Publication, now: datetime, content: str, *, column: str) -> Answer:
        """The same as an answer."""
        return self.page(self.article_frame(item, now, content, column=column), built_at(item, now))

    def older(self, item: Publication, path: str) -> str:
        """上一篇 and 下一篇 as they stand below an article; path: of its page."""
        place = self.publications.index(item)
        if place == 0:
            return '<div class="near"><p>上一篇：没有了</p><p>下一篇：没有了</p></div>'
        before = self.publications[place - 1]
        link = escape(relative(self.article_path(before), path))
        return (
            f'<div class="near"><p>上一篇：<a href="{link}">{escape(before.title)}</a></p><p>下一篇：没有了</p></div>'
        )

    def changed(self, now: datetime) -> datetime:
        """When lists last changed: with the newest entry, since it moves the others on."""
        shown = self.shown(now)
        return shown[0].published_at if shown else self.beginning()


def index_number(item: Publication) -> str:
    """An index number in one of the shapes of real ones."""
    year = item.day.year
    shapes = (
        f"11370400MB28{item.number:04d}6R/{year}-{item.number:05d}",
        f"/{year}-{item.number:05d}",
        f"LX{item.number % 100:02d}100-0200-{year}-{item.number:05d}",
        f"{year}-02-{item.number:05d}",
    )
    return shapes[item.number % len(shapes)]


def ymd(day: date) -> str:
    """20240130."""
    return f"{day:%Y%m%d}"
