"""Pretend portals of UCAP (开普): pages named .shtml, lists with a pager that a script draws, or from a search as JSON.

In the lists that come as JSON every fourth article is given with an old address, which a real portal has under http
and moves to https; here, where there is no https, it is an old path of the same host that answers 301.
"""

import json
import re
from datetime import datetime
from html import escape
from typing import Any

from crawler.sandbox import season
from crawler.sandbox.portal_site import COLUMN_NAME, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import (
    FurnishedSite,
    body_of,
    cut_pages,
    hex_name,
    index_number,
    moment,
    uuid_name,
)
from crawler.sandbox.portals.parts import built_at, metadata, shortened, whole_number

FIXED_SIZE = 18
_FOLDER, _EMPTY_FOLDER = "c108463", "c108499"
_ROOT = "/lxx/zfxxgknb/redirect_firstChannel.shtml"
_FIRST_ARTICLE = 961_750
_MOVED_EVERY = 4
_LARGEST_PAGE = 100
_PAGERS = {"pager": "list", "redirect": "zfxxgklby_nb"}
_ENDPOINTS = {"json": "/common/search/", "json_fixed": "/common/search/", "searchlist": "/searchList/"}


class UcapSite(FurnishedSite):
    """variants: "pager" has static pages; "json" asks /common/search/; "json_fixed" the same with 18 rows on a page,
    whatever was asked for; "searchlist" asks /searchList/; "redirect" has a root that sends on to static pages, whose
    server names no encoding.

    empty_path: a column with nothing in it.
    """

    platform = "ucap"
    variants = ("pager", "json", "json_fixed", "searchlist", "redirect")
    marks = (
        '<script src="/ucap/common/js/jquery.min.js"></script>\n<meta name="SiteDomain" content="www.example.gov.cn">\n'
    )

    @property
    def is_static(self) -> bool:
        """Whether the lists are pages."""
        return self.variant in _PAGERS

    @property
    def stem(self) -> str:
        """The name of the list's first page, without its ending."""
        return _PAGERS.get(self.variant, "newxxgk_list")

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (_ROOT if self.variant == "redirect" else self._list_path(_FOLDER),)

    @property
    def empty_path(self) -> str:
        return self._list_path(_EMPTY_FOLDER)

    def channel(self, folder: str) -> str:
        """The id of a column in the search."""
        return hex_name(self, 90_000 + int(folder[1:]))

    def news_path(self, number: int) -> str:
        return f"/lxx/c111790/202401/c01_{900_000 + number}.shtml"

    def article_path(self, item: Publication) -> str:
        if self._is_moved(item):
            return f"/old{self._place(item)}.shtml"
        return f"{self._place(item)}.shtml"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        folder, _, name = self._place(item).rpartition("/")
        return f"{folder}/{name.removeprefix('c01_')}/files/{uuid_name(self, item.number * 10 + index)}.{file.ending}"

    def _is_moved(self, item: Publication) -> bool:
        return not self.is_static and item.number % _MOVED_EVERY == 1

    def _place(self, item: Publication) -> str:
        """Where an article's page really stands, without its ending."""
        if self.variant == "searchlist":
            return f"/cols/{item.day.year}/{item.day.month}/{item.day.day}/{hex_name(self, item.number)}"
        return f"/lxx/{_FOLDER}/{item.day:%Y%m}/c01_{_FIRST_ARTICLE + item.number}"

    def _list_path(self, folder: str, page: int = 1) -> str:
        return f"/lxx/{folder}/{self.stem}{'' if page == 1 else f'_{page}'}.shtml"

    # Articles.

    def answer(self, request: Request, now: datetime) -> Answer | None:
        if not self.is_static:
            for item in self.shown(now):
                if self._is_moved(item) and request.path == f"{self._place(item)}.shtml":
                    return self._article(item, now)
        return super().answer(request, now)

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        if self._is_moved(item):
            location = f"{request.origin}{self._place(item)}.shtml"
            return Answer(b"", "text/html", item.published_at, 301, (("Location", location),))
        return self._article(item, now)

    def _article(self, item: Publication, now: datetime) -> Answer:
        path = f"{self._place(item)}.shtml"
        files = "".join(
            f'<p class="fj"><a href="{self._linked(item, file, index)}" target="_blank" title="{escape(file.name)}">'
            f"{escape(file.name)}</a></p>"
            for index, file in enumerate(item.files)
        )
        text = f"{body_of(item, now)}{files}"
        body = {
            "pager": f'<div id="UCAP-CONTENT"><UCAPCONTENT>{text}</UCAPCONTENT></div>',
            "json": f'<div id="zoomcon"><ucapcontent>{text}</ucapcontent></div>',
            "searchlist": f'<div class="article_content">{text}</div>',
        }.get(self.variant, f'<div class="article_content" id="UCAP-CONTENT">{text}</div>')
        published = "" if item.built_daily else f"日期：<PUBLISHTIME>{moment(item, '%Y-%m-%d %H:%M')}</PUBLISHTIME> "
        content = (
            f"{metadata(item, index_number(item))}\n<h1><UCAPTITLE>{escape(item.title)}</UCAPTITLE></h1>\n"
            f'<div class="info">{published}来源：{escape(item.publisher)} '
            f'访问量：<span id="pv"></span> 字号：【大 中 小】</div>\n{body}\n{self.older(item, path)}'
        )
        page = self.article_frame(item, now, content, column=self.column_paths[0])
        return self._labelled(page, built_at(item, now))

    def _linked(self, item: Publication, file: PublishedFile, index: int) -> str:
        """A file as the article links it: from its own folder, or from the root."""
        path = self.file_path(item, file, index)
        return path if index % 2 else path.removeprefix(self._place(item).rpartition("/")[0] + "/")

    # Lists.

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if self.variant == "redirect" and request.path == _ROOT:
            target = self._list_path(_FOLDER)
            page = f'<html><head><script>window.location.href="{target}";</script></head><body></body></html>'
            return self._labelled(page, self.beginning())
        for folder in (_FOLDER, _EMPTY_FOLDER):
            items = self.shown(now) if folder == _FOLDER else []
            if not self.is_static and request.path == self._list_path(folder):
                return self.page(self._shell(folder), self.beginning())
            if not self.is_static and request.path == _ENDPOINTS[self.variant] + self.channel(folder):
                return self._search(items, folder, request, now)
            found = re.fullmatch(rf"/lxx/{folder}/{self.stem}(?:_(\d{{1,6}}))?\.shtml", request.path)
            if self.is_static and found:
                return self._static(items, folder, int(found[1] or 1), now)
        return None

    def _static(self, items: list[Publication], folder: str, number: int, now: datetime) -> Answer | None:
        pages = cut_pages(items, self.per_page)
        if not 1 <= number <= len(pages):
            return None
        rows = "".join(
            f'<li><a href="{self.article_path(item)}" title="{escape(item.title)}" target="_blank">'
            f'{escape(shortened(item.title))}</a><span class="date">{item.day}</span></li>\n'
            for item in pages[number - 1]
        )
        entries = f'<ul class="list">{rows or "<li>暂无相关信息</li>"}</ul>\n'
        pager = f"createPageHTML('page_div',{len(pages)}, {number},'{self.stem}','shtml',{len(items)});"
        entries += f'<div id="page_div"></div>\n<script>{pager}</script>'
        return self._labelled(self.list_frame(entries, column=self._list_path(folder)), self.changed(now))

    def _shell(self, folder: str) -> str:
        """A column whose rows a script asks for. Of the search with its own size, no word stands here."""
        ask = ""
        if self.variant != "json_fixed":
            ask = (
                "var channelId=$('meta[name=channelid]').attr('content');\n"
                f"function getList(page){{ $.get('{_ENDPOINTS[self.variant]}'+channelId,{{page:page,"
                f"_pageSize:{self.per_page},_isAgg:true,_isJson:true,_template:'index',_rangeTimeGte:'',"
                "_channelName:''},showList,'json'); }\ngetList(1);"
            )
        entries = (
            f'<ul class="list" id="list"></ul><div id="page_div"></div>\n<script src="/ucap/js/list.js"></script>'
            f"<script>{ask}</script>"
        )
        page = self.list_frame(entries, column=self._list_path(folder))
        return page.replace("</head>", f'<meta name="channelid" content="{self.channel(folder)}">\n</head>', 1)

    def _search(self, items: list[Publication], folder: str, request: Request, now: datetime) -> Answer:
        asked = request.query
        size = min(whole_number(asked.get("_pageSize"), self.per_page), _LARGEST_PAGE) or self.per_page
        if self.variant == "json_fixed":
            size = FIXED_SIZE
        number = whole_number(asked.get("page")) or 1
        pages = cut_pages(items, size)
        chosen = pages[number - 1] if number <= len(pages) else []
        if asked.get("_isJson") != "true":
            rows = "".join(f"<li>{escape(shortened(item.title))}</li>" for item in chosen)
            return self.page(f"<ul>{rows}</ul>", self.changed(now))
        answer = {
            "locationUrl": "",
            "channelName": COLUMN_NAME,
            "data": {
                "channelId": self.channel(folder),
                "total": len(items),
                "page": number,
                "rows": size,
                "results": [self._result(item, request) for item in chosen],
            },
        }
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        return self.text(body, "application/json;charset=utf-8", self.changed(now))

    def _result(self, item: Publication, request: Request) -> dict[str, Any]:
        """A row of the search. Its address is root-relative, without scheme or with http."""
        path = self.article_path(item)
        url = (path, request.origin + path, request.origin.removeprefix("http:") + path)[item.number % 3]
        local = item.published_at.astimezone(season.BEIJING)
        facts = {"indexnumber": index_number(item), "pubdate": item.day.isoformat(), "source": item.publisher}
        return {
            "manuscriptId": str(_FIRST_ARTICLE + item.number),
            "title": item.title,
            "subTitle": "",
            "url": url,
            "content": "本报告由…",
            "contentHtml": "<p>本报告由…</p>",
            "publishedTime": int(item.published_at.timestamp() * 1000),
            "publishedTimeStr": f"{local:%Y-%m-%d %H:%M:%S}",
            "channelCodeName": _FOLDER,
            "domainMetaList": [{"resultList": [{"key": key, "value": value} for key, value in facts.items()]}],
        }

    def _labelled(self, text: str, modified: datetime) -> Answer:
        """A page; its server names no encoding in one variant, and the page begins with a byte order mark there."""
        if self.variant == "redirect":
            return self.page(text, modified, encoding="utf-8-sig", label=None)
        return self.page(text, modified)
