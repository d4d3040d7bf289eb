"""The list pages and small articles of a pretend portal, in three looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

PER_PAGE = 15
_TRUNCATED_AT = 22


@dataclass(frozen=True, slots=True)
class Look:
    """How a portal's lists are made.

    first: name of the first page; further: of the others, with {n}; counted_from: the number of the second page.
    pager: page links, or a script that counts (createPageHTML). rows: "list" (ul, date in span), "table" (date in
    brackets) or "short" (titles cut off, the full one in the attribute). encoding: of list pages. header_charset: of
    Content-Type, None where the server names none. etag: validators beside Last-Modified.
    """

    first: str
    further: str
    counted_from: int
    pager: Literal["links", "script"]
    rows: Literal["list", "table", "short"]
    encoding: str
    label: str
    header_charset: str | None
    etag: bool


LOOKS = (
    Look("index.html", "index_{n}.html", 1, "links", "list", "utf-8", "utf-8", "utf-8", True),
    Look("index.html", "index_{n}.html", 1, "script", "short", "gbk", "gb2312", None, False),
    Look("list.html", "list_{n}.html", 2, "links", "table", "gb18030", "gb2312", None, True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: relative address, title, ISO date."""

    href: str
    title: str
    date: str


def list_page(look: Look, rows: Sequence[Row], *, page: int, pages: int, site_name: str, column: str) -> bytes:
    """Page `page` (from 1) of `pages` of a column, in the portal's encoding."""
    if look.rows == "table":
        lines = "".join(
            f'<tr><td>{number}</td><td><a href="{escape(row.href)}">{escape(row.title)}</a></td>'
            f"<td>[{row.date}]</td></tr>\n"
            for number, row in enumerate(rows, start=1)
        )
        entries = f'<table class="gllist"><tbody>{lines}</tbody></table>'
    else:
        entries = '<ul class="list">' + "".join(_item(row, short=look.rows == "short") for row in rows) + "</ul>"
    if not rows:
        entries = '<div class="list"><p>暂无相关信息</p></div>'
    text = f"""<!DOCTYPE html>
<html><head><meta charset="{look.label}"><title>{escape(column)}_{escape(site_name)}</title>
<meta name="SiteName" content="{escape(site_name)}"><meta name="ColumnName" content="{escape(column)}">
<meta name="ColumnType" content="信息公开年报"></head>
<body><div class="position">当前位置：<a href="/">首页</a> &gt; <a href="./">{escape(column)}</a></div>
<div class="main">{entries}
<div class="pages">{_pager(look, page, pages)}</div></div>
<div class="footer"><a href="/about.html">关于我们</a> <a href="/map.html">网站地图</a></div></body></html>
"""
    return text.encode(look.encoding, errors="xmlcharrefreplace")


def page_name(look: Look, page: int) -> str:
    """The name of a list page, the first being 1."""
    return look.first if page == 1 else look.further.format(n=page - 2 + look.counted_from)


def robots_txt() -> bytes:
    """Everything may be read but the back office."""
    return b"User-agent: *\nDisallow: /admin/\n"


def message_page(text: str) -> bytes:
    """A page with one sentence, for the start page and for errors."""
    head = f'<html><head><meta charset="utf-8"><title>{escape(text)}</title></head>'
    return f"{head}<body><p>{escape(text)}</p></body></html>".encode()


def _item(row: Row, *, short: bool) -> str:
    text = row.title
    if short and len(text) > _TRUNCATED_AT:
        text = text[:_TRUNCATED_AT] + "…"
    attribute = f' title="{escape(row.title)}"' if short else ""
    return (
        f'<li><a href="{escape(row.href)}"{attribute} target="_blank">{escape(text)}</a><span>{row.date}</span></li>\n'
    )


def _pager(look: Look, page: int, pages: int) -> str:
    if look.pager == "script":
        stem, ending = look.first.rsplit(".", 1)
        return f'<script>createPageHTML({pages}, {page - 1}, "{stem}", "{ending}");</script>'
    if pages == 1:
        return ""
    numbers = [
        f"<span>{n}</span>" if n == page else f'<a href="{page_name(look, n)}">{n}</a>' for n in range(1, pages + 1)
    ]
    following = f'<a href="{page_name(look, page + 1)}">下一页</a>' if page < pages else ""
    return f'{" ".join(numbers)} {following} <a href="{page_name(look, pages)}">尾页</a> 第{page}页/共{pages}页'
