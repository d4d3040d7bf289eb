"""Pretend portals of Hanweb jpaas (大汉, the new JCMS): empty columns, filled from one endpoint with HTML inside JSON.

The endpoint takes the page from `paramJson` alone and shows page 1 to whoever asks otherwise; without Referer and
User-Agent it answers 403.
"""

import json
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

from crawler.sandbox.portal_site import Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import body_of, cut_pages, hex_name, moment
from crawler.sandbox.portals.hanweb import HanwebSite
from crawler.sandbox.portals.parts import shortened, whole_number

ENDPOINT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
FORBIDDEN = b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>\n"
_REPORTS = "JD16-JD1602"
_LARGEST_PAGE = 100


class _Shape(NamedTuple):
    """What the variants differ in: codes of the site, the column and the template, the place of the list, and how the
    kind of answer is spelled (one of them is a slip of the software's makers that stayed)."""

    path: str
    web: str
    page: str
    empty_page: str
    template: str
    tag: str
    parse_type: str


_SHAPES = {
    "column": _Shape(
        "/col/col1229/index.html", "149", "1229", "1290", "5fQ8sXh2MnUyVvJ1kLwe3b", "信息列表", "bulidstatic"
    ),
    "number": _Shape(
        "/col/col1545/index.html", "2755", "1545", "1590", "T4mZ0gWc7rKq9NsHdYxE2p", "当前栏目_list", "bulidstatic"
    ),
    "miit": _Shape(
        "/gdnps/xxgknb/index.html",
        "8d828e408d90447786ddbe128d495e9e",
        "4f6c2b7d9e0a4c53b1d8e7f6a5c4b3a2",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "209741b2109044b5b7695700b2bec37e",
        "分页列表",
        "buildstatic",
    ),
}


class JpaasSite(HanwebSite):
    """variants: "column" asks with the column's pageId; "number" (浙江) has one column for the whole directory, in
    which a number in the address chooses; "miit" has codes of 32 digits and spells an argument right.

    empty_path: a column with nothing in it.
    """

    platform = "jpaas"
    variants = ("column", "number", "miit")
    marks = '<link rel="stylesheet" href="/cms_files/jcms1/web149/site/css/style.css">\n'

    @property
    def shape(self) -> _Shape:
        """The codes of this variant."""
        return _SHAPES[self.variant]

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (self.shape.path + (f"?number={_REPORTS}" if self.variant == "number" else ""),)

    @property
    def empty_path(self) -> str:
        return self.shape.path.replace("/index.html", "_empty/index.html")

    def news_path(self, number: int) -> str:
        return f"/art/2024/art_{hex_name(self, 50_000 + number)}.html"

    def article_path(self, item: Publication) -> str:
        return f"/art/{item.day.year}/art_{hex_name(self, item.number)}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        key = self.file_key(item, file, index)
        return f"/cms_files/filemanager/{self.shape.web}/attach/{item.day:%Y%m}/{key}"

    def home(self, request: Request) -> str:
        unit = f'<div id="要闻"></div>\n{self._script("homepage", self.shape.page, "要闻")}'
        return super().home(request).replace('<ul class="news">', f'{unit}<ul class="news">', 1)

    # Articles.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        text = f"{body_of(item, now)}\n{self.file_links(item)}"
        body = {
            "column": '<div class="art-con" id="zoom"><!--ZJEG_RSS.content.begin-->'
            f"{text}<!--ZJEG_RSS.content.end--></div>",
            "number": f'<div class="zc_article_con">{text}</div>',
            "miit": f'<div id="con_con" class="art-con">{text}</div>',
        }[self.variant]
        published = "" if item.built_daily else f"发布时间：{moment(item, '%Y-%m-%d %H:%M')} "
        content = (
            f"{self.disclosure_head(item)}\n"
            f'<p class="info">{published}来源：{escape(item.publisher)} 浏览：<i class="hits"></i> 字号：[大 中 小]'
            "</p>\n"
            f"{body}\n{self.older(item, self.article_path(item))}"
        )
        return self.article_answer(item, now, content, column=self.column_paths[0])

    # Lists.

    def lists(self, request: Request, now: datetime) -> Answer | None:
        for path, page in ((self.shape.path, self.shape.page), (self.empty_path, self.shape.empty_page)):
            if request.path in (path, path.removesuffix("index.html")):
                entries = f'{self._script("column", page, self.shape.tag)}\n<div id="{self.shape.tag}"></div>'
                return self.page(self.list_frame(entries, column=self.column_paths[0]), self.beginning())
        if request.path == ENDPOINT:
            return self._unit(request, now)
        return None

    def entries(self, page: str, number: str | None, now: datetime) -> list[tuple[str, str, str]]:
        """The rows of a column as (path, title, day), in the order in which the portal's keepers left them."""
        if page != self.shape.page:
            return []
        if self.variant == "number" and number != _REPORTS:
            # The whole directory shows what is newest in it, and that is never a report.
            return [
                (
                    f"/art/2025/art_{hex_name(self, 60_000 + n)}.html",
                    f"{self.place or ''}规范性文件第{n}号",
                    "2025-05-08",
                )
                for n in range(1, 13)
            ]
        # By year, but within it as the articles were dragged about.
        shown = sorted(self.shown(now), key=lambda item: (-item.day.year, item.number * 7 % 11, item.number))
        return [(self.article_path(item), item.title, item.day.isoformat()) for item in shown]

    def _query_data(self, page_type: str, page: str, tag: str) -> dict[str, str]:
        return {
            "webId": self.shape.web,
            "pageId": page,
            "parseType": self.shape.parse_type,
            "pageType": page_type,
            "tagId": tag,
            "tplSetId": self.shape.template,
            "editType": "null",
        }

    def _script(self, page_type: str, page: str, tag: str) -> str:
        """The script that fills the place named `tag`: its arguments are JSON with single quotes."""
        data = "{" + ",".join(f"'{k}':'{v}'" for k, v in self._query_data(page_type, page, tag).items()) + "}"
        return (
            f'<script id="{hex_name(self, 70_000)}" src="/cms_files/jcms1/web149/site/script/unitbuild.js?v=2.3" '
            f'url="{ENDPOINT}" queryData="{data}"></script>'
        )

    def _unit(self, request: Request, now: datetime) -> Answer:
        if not request.headers.get("referer") or not request.headers.get("user-agent"):
            return self.text(FORBIDDEN, "text/html", self.beginning(), status=403)
        asked = request.query
        page = asked.get("pageId", "")
        right = self._query_data("column", page, self.shape.tag)
        known = page in (self.shape.page, self.shape.empty_page)
        if not known or any(asked.get(name) != value for name, value in right.items() if name != "editType"):
            return self._json("", self.beginning())
        chosen = _read_json(asked.get("paramJson", ""))
        search = _read_json(str(chosen.get("search", "")))
        size = min(whole_number(str(chosen.get("pageSize")), self.per_page), _LARGEST_PAGE) or self.per_page
        number = whole_number(str(chosen.get("pageNo")), 1) or 1
        rows = self.entries(page, str(search.get("xxgkId", "")), now)
        pages = cut_pages(rows, size)
        lines = "\n".join(
            self._row(path if index % 2 else request.origin + path, title, day)
            for index, (path, title, day) in enumerate(pages[number - 1] if number <= len(pages) else [])
        )
        data = escape(json.dumps({name: value for name, value in right.items() if name != "editType"}))
        html = (
            f'<div id="{self.shape.tag}"><div class="page-content"><ul>\n{lines}</ul></div>\n'
            f'<div class="pagination" rows="{size}" count="{len(rows)}" pageNo="{number}" unitid="{self.shape.tag}" '
            f'unitUrl="{ENDPOINT}" queryData="{data}"></div></div>'
        )
        return self._json(html, self.changed(now))

    def _row(self, href: str, title: str, day: str) -> str:
        shown = {"column": f'<span class="fr">[{day}]</span>', "number": f"<b>{day}</b>"}.get(
            self.variant, f"<span>{day}</span>"
        )
        return (
            f'<li class="cf"><a class="fl" href="{escape(href)}" title="{escape(title)}" target="_blank">'
            f"{escape(shortened(title))}</a>{shown}</li>"
        )

    def _json(self, html: str, modified: datetime) -> Answer:
        answer = {
            "roles": None,
            "permissions": None,
            "success": True,
            "message": "",
            "code": "200",
            "traceId": hex_name(self, 80_000),
            "data": {"html": html},
        }
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        return self.text(body, "application/json; charset=UTF-8", modified)


def _read_json(text: str) -> dict[str, Any]:
    """The object that a text holds; an empty one for any other text."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
