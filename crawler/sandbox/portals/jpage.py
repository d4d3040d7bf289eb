"""Pretend portals of Hanweb JCMS (大汉) whose lists are drawn by the script jpage.

The first three pages of a list stand inside the column's page, where no selector sees them; the others are asked for in
groups of three pages, by POST with numbers of records or by GET with numbers of groups. Whoever asks without the marks
of the column's own script gets the empty group, as one past the end does.
"""

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from crawler.sandbox.portal_site import COLUMN_NAME, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import body_of, hex_name, index_number, moment
from crawler.sandbox.portals.hanweb import HanwebSite, article_number
from crawler.sandbox.portals.parts import built_at, by_script, comes_from, shortened, tags, whole_number

GROUP = 3  # pages
EMPTY_GROUP = b"<datastore>\r\n<recordset>\r\n</recordset>\r\n</datastore>\r\n"  # 54 bytes
_COLUMN, _LONE_COLUMN, _EMPTY_COLUMN = "8812", "8813", "8890"
_UNIT, _NEWS_UNIT, _PICTURE_UNIT = "30442", "30441", "30440"
_OPAQUE = {_COLUMN: "kZ3vQ0/w+Tq7bXhR1mYd5A==", _EMPTY_COLUMN: "kZ3vQ0/w+Tq7bXhR1mYe6B==", _UNIT: "uFq28Xw0LmA9"}
_WEB = "95"
_PROXY = {
    "get": "/module/jpage/dataproxy.jsp",
    "initdata": "/module/jslib/jquery/jpage/dataproxy.jsp",
}


class _Row(NamedTuple):
    path: str
    title: str
    day: date
    index_number: str


class JpageSite(HanwebSite):
    """variants: "post" asks for records by number, "get" follows `nextgroup`, its webname encoded twice; "initdata" is
    the old form with rows in an array and pages in GBK; "units" has several lists on a page, opaque codes and new names
    of articles; "single" a second column with one article, which is shown at the column's own address.

    empty_path: a column with nothing in it.
    """

    platform = "jpage"
    variants = ("post", "get", "initdata", "units", "single")
    empty_path = f"/col/col{_EMPTY_COLUMN}/index.html"
    marks = (
        '<meta name="author" content="hanweb">\n<script src="/script/0/1804251015.js"></script>\n'
        '<script src="/module/jslib/jquery/jquery.js"></script>\n'
        '<script src="/module/jslib/jquery/jpage/jquery.jpage.js"></script>\n'
    )

    @property
    def column_paths(self) -> tuple[str, ...]:
        first = f"/col/col{_COLUMN}/index.html"
        return (first, f"/col/col{_LONE_COLUMN}/index.html") if self.variant == "single" else (first,)

    def news_path(self, number: int) -> str:
        return f"/art/2024/1/{number + 8}/art_8801_{number}.html"

    def article_path(self, item: Publication) -> str:
        if self._lone() is item:
            return f"/col/col{_LONE_COLUMN}/index.html"
        if self.variant == "units":
            return f"/col/col{_COLUMN}/art/{item.day.year}/art_{hex_name(self, item.number)}.html"
        day = item.day
        return f"/art/{day.year}/{day.month}/{day.day}/art_{_COLUMN}_{article_number(item)}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        if self.variant == "units":
            return f"/attach/0/{self.file_key(item, file, index)}"
        return super().file_path(item, file, index)

    # Articles.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        text = f"{body_of(item, now)}\n{self.file_links(item)}"
        body = {
            "post": '<div id="zoom" class="bt-content"><!--ZJEG_RSS.content.begin-->\n'
            f"{text}\n<!--ZJEG_RSS.content.end--></div>",
            "get": f'<div class="article-content"><!--<$[信息内容]>begin-->{text}<!--<$[信息内容]>end--></div>',
            "initdata": f'<table width="100%"><tr><td class="bt_content" id="zoom">{text}</td></tr></table>',
            "units": f'<meta name="ContentStart"><div class="xxgk_content">{text}</div><meta name="ContentEnd">',
            "single": f'<div id="ivs_content">{text}</div>',
        }[self.variant]
        published = "" if item.built_daily else f"发布时间：{moment(item)}"
        column = _LONE_COLUMN if self._lone() is item else _COLUMN
        numbers = f"colid={column}&artid={article_number(item)}"
        content = (
            f'{self.disclosure_head(item)}\n<div class="line">{published} 字号：大 中 小 浏览次数：'
            f'<script src="/module/visitcount/articlehits.jsp?{numbers}"></script></div>\n{body}'
            f"{'' if self._lone() is item else self.older(item, self.article_path(item))}"
        )
        head = (
            f'{tags(item, self.name, now)}<meta name="Maketime" content="{built_at(item, now):%Y-%m-%d %H:%M:%S}">\n'
            f'<meta name="i_columnid" content="{column}"><meta name="i_articleid" content="{article_number(item)}">\n'
        )
        body = (
            '<div class="position">当前位置：<a href="/">首页</a> &gt; '
            f'<a href="/col/col{column}/index.html">{COLUMN_NAME}</a></div>\n{content}\n'
            '<div class="share">分享到：<a href="javascript:void(0)">微信</a> 打印</div>'
        )
        return self._page(self.frame(item.title, body, head=head), built_at(item, now))

    # Lists.

    def lists(self, request: Request, now: datetime) -> Answer | None:
        for column in (_COLUMN, _LONE_COLUMN, _EMPTY_COLUMN):
            if request.path in (f"/col/col{column}/index.html", f"/col/col{column}/", f"/col/col{column}"):
                return self._column(column, now)
        if request.path == self.proxy:
            return self._group(request, now)
        return None

    @property
    def proxy(self) -> str:
        """Where further rows are asked for."""
        return _PROXY.get(self.variant, "/module/web/jpage/dataproxy.jsp")

    def rows(self, unit: str, column: str, now: datetime) -> list[_Row]:
        """All rows of a list on a column's page."""
        if unit in (_NEWS_UNIT, _PICTURE_UNIT):
            return self._news(unit)
        if column != _COLUMN:
            return []
        return [
            _Row(self.article_path(item), item.title, item.day, index_number(item))
            for item in self.shown(now)
            if item is not self._lone()
        ]

    def _news(self, unit: str) -> list[_Row]:
        count = 20 if unit == _NEWS_UNIT else 4
        return [
            _Row(
                f"/art/2024/3/{n + 1}/art_8801_{n + 70}.html",
                f"{self.place or ''}召开第{n + 1}次会议",
                date(2024, 3, n + 1),
                "",
            )
            for n in reversed(range(count))
        ]

    def _lone(self) -> Publication | None:
        """The article that has a column of its own: the first report of all."""
        if self.variant != "single":
            return None
        return next((item for item in self.publications if item.kind == "report"), None)

    def _column(self, column: str, now: datetime) -> Answer:
        units = (_PICTURE_UNIT, _NEWS_UNIT, _UNIT) if self.variant == "units" else (_UNIT,)
        lists = "\n".join(self._unit(unit, column, self.rows(unit, column, now)) for unit in units)
        return self._page(self.list_frame(lists, column=f"/col/col{column}/index.html"), self.changed(now))

    def _unit(self, unit: str, column: str, rows: Sequence[_Row]) -> str:
        """A list inside the column's page: the first group of its rows, and the call of the script."""
        size = self.per_page * GROUP
        code = _OPAQUE.get(unit, unit) if self.variant == "units" else unit
        pieces = [self._row(row) for row in rows[:size]]
        if self.variant == "initdata":
            quoted = ",\n".join(
                "'" + piece.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'" for piece in pieces
            )
            inside, before = "", f"<script>var InitData{code}=[{quoted}];</script>\n"
        else:
            following = self._next(unit, column, 1, len(rows))
            records = "".join(f"<record><![CDATA[{piece}]]></record>\n" for piece in pieces)
            inside = (
                f'<script type="text/xml"><datastore>\n{following}<recordset>\n{records}</recordset></datastore>'
                "</script>"
            )
            before = ""
        q = '"' if self.variant == "get" else "'"
        start, end = ("<table>", "</table>") if self.variant == "initdata" else ("<ul class=list>", "</ul>")
        call = (
            f"$({q}#{code}{q}).jpage({{\n  itemParentTag:{q}{q}, totalRecord:{len(rows)}, perPage:{self.per_page}, "
            f"groupSize:{GROUP}, barPosition:{q}bottom{q}, proxyUrl:{q}{self.proxy}{q},\n"
            f"  dataBefore:{q}{start}{q}, dataAfter:{q}{end}{q}, openCookies:false,\n  ajaxParam:{{col:1,appid:{q}1{q},"
            f"webid:{q}{_WEB}{q},path:{q}/{q},columnid:{q}{self._column_code(column)}{q},"
            f"sourceContentType:{3 if self.variant == 'initdata' else 1},unitid:{q}{code}{q},"
            f"webname:{q}{self._web_name()}{q},permissiontype:0}}\n}});"
        )
        return (
            f'{before}<div id="{code}" class="default_pgContainer">{inside}</div>\n'
            f"<script>\n$(function(){{ {call} }});\n</script>"
        )

    def _row(self, row: _Row) -> str:
        short = shortened(row.title)
        if self.variant == "initdata":
            return (
                f"<tr><td><a href='{row.path}' title='{escape(row.title)}' target='_blank'>{escape(short)}</a></td>"
                f"<td>{row.index_number}</td><td class='bt_time'>{row.day}</td></tr>"
            )
        day = row.day.isoformat()
        # Some templates break the date in the midst of the month.
        shown = {"get": f"[{day}]", "units": f"{day[:6]}\n{day[6:]}"}.get(self.variant, day)
        number = f'<b class="syh">{row.index_number}</b>' if self.variant == "post" and row.index_number else ""
        return (
            f'<li><a href="{row.path}" title="{escape(row.title)}"\n target="_blank">{escape(short)}</a>{number}'
            f"<span>{shown}</span></li>"
        )

    # What scripts ask for.

    def _group(self, request: Request, now: datetime) -> Answer:
        asked = {**request.query, **request.form}
        unit, column = self._known(asked)
        allowed = by_script(request) and comes_from(request, f"/col/col{column}/index.html", f"/col/col{column}/")
        rows = self.rows(unit, column, now) if unit and column and asked.get("webid") == _WEB else []
        size = self.per_page * GROUP
        if "page" in asked:
            group = whole_number(asked["page"], 0)
            first, last = (group - 1) * size + 1, group * size
        else:
            group = 0
            first, last = whole_number(asked.get("startrecord"), 0), whole_number(asked.get("endrecord"), 0)
            last = min(last, first + size - 1)
        chosen = rows[first - 1 : last] if first > 0 else []
        if not allowed or not chosen:
            return self.text(EMPTY_GROUP, "text/xml;charset=UTF-8", self.changed(now))
        following = self._next(unit, column, group, len(rows)) if group else ""
        records = "".join(f"<record><![CDATA[{self._row(row)}]]></record>\n" for row in chosen)
        pages = -(-len(rows) // self.per_page)
        body = (
            f"<datastore><totalrecord>{len(rows)}</totalrecord><totalpage>{pages}</totalpage>\n{following}"
            f"<recordset>{records}</recordset></datastore>"
        )
        media = "text/html;charset=UTF-8" if self.variant in ("get", "initdata") else "text/xml;charset=UTF-8"
        return self.text(body.encode(), media, self.changed(now))

    def _next(self, unit: str, column: str, group: int, count: int) -> str:
        """The link to the group after this one, as the answers of the GET style have it."""
        if self.variant != "get" or group * self.per_page * GROUP >= count:
            return ""
        href = (
            f"./dataproxy.jsp?page={group + 1}&appid=1&webid={_WEB}&path=/&columnid={column}&unitid={unit}"
            f"&webname={self._web_name()}&permissiontype=0"
        )
        return f'<nextgroup><![CDATA[<a href="{href}"></a>]]></nextgroup>\n'

    def _known(self, asked: dict[str, str]) -> tuple[str, str]:
        """The unit and the column that a request names, "" for one that is not there."""
        units = (_UNIT, _NEWS_UNIT, _PICTURE_UNIT) if self.variant == "units" else (_UNIT,)
        opaque = _OPAQUE if self.variant == "units" else {}
        unit = next((unit for unit in units if opaque.get(unit, unit) == asked.get("unitid")), "")
        columns = (_COLUMN, _EMPTY_COLUMN)
        return unit, next((column for column in columns if self._column_code(column) == asked.get("columnid")), "")

    def _column_code(self, column: str) -> str:
        return _OPAQUE.get(column, column) if self.variant == "units" else column

    def _web_name(self) -> str:
        return quote(quote(self.name)) if self.variant == "get" else self.name

    def _page(self, text: str, modified: datetime) -> Answer:
        if self.variant == "initdata":
            gbk = text.replace(
                '<meta charset="utf-8">', '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
            )
            return self.page(gbk, modified, encoding="gb18030", label=None)
        return self.page(text, modified)
