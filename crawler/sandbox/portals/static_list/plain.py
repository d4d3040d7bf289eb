"""Lists on one page after the other, in several looks."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Any

from crawler.sandbox.portal_site import Publication
from crawler.sandbox.portals.furniture import (
    EMPTY_WORDS,
    body_of,
    relative,
)
from crawler.sandbox.portals.static_list.layout import Layout


class Links(Layout):
    """UTF-8, page links, validators."""

    has_etag = True


class Script(Layout):
    """GBK of which the header says nothing, a pager that a script draws, titles cut short."""

    encoding, meta, header = "gbk", "gb2312", None
    files = "down3"

    def article_path(self, item: Publication) -> str:
        return f"{self.column}{item.day:%Y-%m/%d}/content_{1000 + item.number}.html"

    def row(self, item: Publication, base: str) -> str:
        return self.short_row(item, base)

    def pager(self, place: int, names: Sequence[str], records: int) -> str:
        return f'<div class="pages"><script>createPageHTML({len(names)}, {place}, "index", "html");</script></div>'


class Table(Layout):
    """GB18030 that calls itself gb2312, rows of a table with dates in brackets."""

    first, further, counted_from = "list.html", "list_{n}.html", 2
    encoding, meta, header = "gb18030", "gb2312", None
    has_etag = True
    files = "data-url"

    @property
    def column_path(self) -> str:
        return self.column + self.first

    def article_path(self, item: Publication) -> str:
        return f"{self.column}content/post_{1000 + item.number}.html"

    def entries(self, items: Sequence[Publication], base: str) -> str:
        if not items:
            return super().entries(items, base)
        rows = "".join(
            f'<tr><td>{number}</td><td><a href="{relative(self.article_path(item), base)}">'
            f"{escape(item.title)}</a></td>"
            f"<td>[{item.day}]</td></tr>\n"
            for number, item in enumerate(items, start=1)
        )
        return f'<table class="gllist"><tbody>{rows}</tbody></table>'


class Headings(Layout):
    """Rows without dates under headings of years; UTF-8 with a mark at the beginning."""

    column = "/xxgk/xxgknb/"
    further, counted_from = "index{n}.html", 2
    encoding = "utf-8-sig"
    files = "embed"

    def article_path(self, item: Publication) -> str:
        return f"/xxgk/xxgknb/pnidpv{700000 + item.number}.html"

    def folder_page(self, folder: str, items: Sequence[Publication], path: str, now: datetime) -> str | None:
        by_year = sorted(items, key=year_of, reverse=True)
        return super().folder_page(folder, by_year, path, now)

    def entries(self, items: Sequence[Publication], base: str) -> str:
        if not items:
            return super().entries(items, base)
        parts = []
        for year, group in groupby(items, key=year_of):
            rows = "".join(
                f'<li><a href="{relative(self.article_path(item), base)}">{escape(item.title)}</a></li>\n'
                for item in group
            )
            parts.append(f'<h3 class="year">{year}年</h3>\n<ul class="list">\n{rows}</ul>')
        return "\n".join(parts)


class OddMarkup(Layout):
    """Markup that needs selectors: titles outside of links, links that say nothing, page links as signs."""

    column = "/dtxx/nb/"
    first, further, counted_from = "index.html", "p{n}.html", 2

    def portal_file(self) -> dict[str, Any]:
        selectors = {
            "row": "div.rec",
            "link": "a.go",
            "title": "p.t",
            "date": "em",
            "next": "span.nx a",
            "body": "section.ctt",
        }
        return {"selectors": selectors}

    def article_path(self, item: Publication) -> str:
        return f"/dtxx/nb/{520000 + item.number}/index.html"

    def entries(self, items: Sequence[Publication], base: str) -> str:
        if not items:
            return f'<div class="list"><p>{EMPTY_WORDS}</p></div>'
        return "".join(
            f'<div class="rec"><p class="t">{escape(item.title)}</p><div class="b"><em>{item.day:%Y.%m.%d}</em>'
            f'<a class="go" href="{relative(self.article_path(item), base)}"><img src="/images/go.gif"></a>'
            "</div></div>\n"
            for item in items
        )

    def pager(self, place: int, names: Sequence[str], records: int) -> str:
        following = f'<a href="{relative(names[place + 1], names[place])}">▶</a>' if place + 1 < len(names) else ""
        return f'<div class="turn"><span class="nx">{following}</span></div>'

    def article(self, item: Publication, now: datetime) -> str:
        return (
            f'<div class="hd"><b>{escape(item.title)}</b><i>{"" if item.built_daily else item.day}</i></div>'
            f'<section class="ctt">{body_of(item, now)}\n{self.file_links(item)}</section>'
        )


class RowsTwice(Layout):
    """Each report is linked twice: by its title, and as 全文下载, which is its file where it has one."""

    column = "/zwgk/gknb/"

    def article_path(self, item: Publication) -> str:
        return f"/zwgk/gknb/{item.day:%Y%m}/{250000 + item.number}.html"

    def row(self, item: Publication, base: str) -> str:
        link = relative(self.article_path(item), base)
        whole = relative(self.file_path(item, item.files[0], 0), base) if item.files else link
        return (
            f'<li><a href="{link}">{escape(item.title)}</a> <a class="down" href="{whole}">全文下载</a>'
            f"<span>{item.day}</span></li>\n"
        )


def year_of(item: Publication) -> int:
    """The reporting year under which an entry is filed."""
    return item.year if item.year is not None else item.day.year - 1
