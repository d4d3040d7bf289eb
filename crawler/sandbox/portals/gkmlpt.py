"""Pretend portals of Guangdong's gkmlpt (政府信息公开目录平台): one page for all columns, filled from an interface.

The page's settings are JavaScript and no JSON; which column is shown stands behind the #, which no server ever sees.
Page 0 of a list is page 1. Among the articles stand one that lives on another host and one that is there twice.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from crawler.sandbox import season
from crawler.sandbox.portal_site import COLUMN_NAME, MEDIA_TYPES, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import FurnishedSite, body_of, index_number, moment
from crawler.sandbox.portals.parts import built_at, tags, whole_number

_SID = "700041"
_REPORTS, _LAW, _EMPTY, _ALL = 2712, 2811, 2999, 0
_FIRST_POST = {"tree": 963_149, "fragment": 8_766_914, "department": 999_990}
_FIRST_FILE = 51_234
_OUTSIDE = "https://mp.weixin.qq.com/s/2f0QpLq7mXw1"
_MAPPED_EVERY = 9
Json = dict[str, Any]


class GkmlptSite(FurnishedSite):
    """variants: "tree" has its column in the tree of the page's settings; "fragment" names it behind the #, where a
    second column of the tree is called 年度报告 too; "department" lies under the prefix of a department.

    per_page is the platform's own number, which no page says. empty_path: a column with nothing in it.
    """

    platform = "gkmlpt"
    variants = ("tree", "fragment", "department")
    per_page = 100
    marks = (
        '<link rel="stylesheet" href="/gkmlpt/css/app.css">\n<script src="/gkmlpt/js/manifest.js" defer></script>\n'
        '<script src="/gkmlpt/js/app.js" defer></script>\n'
    )

    @property
    def root(self) -> str:
        """Where the platform lies on the host."""
        return "/lxxczj/gkmlpt" if self.variant == "department" else "/gkmlpt"

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (f"{self.root}/index#{_REPORTS}" if self.variant == "fragment" else f"{self.root}/index",)

    @property
    def empty_path(self) -> str:
        return f"{self.root}/index#{_EMPTY}"

    def news_path(self, number: int) -> str:
        return f"/xxgk/zwdt/content/post_{700_000 + number}.html"

    def home(self, request: Request) -> str:
        way = f'<a href="{self.root}/index">政府信息公开目录</a> <a href="{self.root}/policy">政策文件</a>'
        return super().home(request).replace('<a href="/hd/">', f'{way} <a href="/hd/">', 1)

    def post_id(self, item: Publication) -> int:
        """The number of an article's post."""
        return _FIRST_POST[self.variant] + item.number

    def article_path(self, item: Publication) -> str:
        post = self.post_id(item)
        mapped = "m" if item.number % _MAPPED_EVERY == 4 else ""
        return f"{self.root}/content/{post // 1_000_000}/{post // 1000}/{mapped}post_{post}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        number = self._file_number(item, index)
        name = f"{self.post_id(item)}.{file.ending}"
        return f"/attachment/{number // 1_000_000}/{number // 1000}/{number}/{name}"

    @staticmethod
    def _file_number(item: Publication, index: int) -> int:
        return _FIRST_FILE + item.number * 10 + index

    # Articles.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        links = "".join(
            f'<p><a class="nfw-cms-attachment" href="{self.file_path(item, file, index)}" alt="{escape(file.name)}" '
            f'target="_blank">{escape(file.name)}</a></p>'
            for index, file in enumerate(item.files)
        )
        text = body_of(item, now) + links
        dates = [("成文日期", item.day.isoformat()), ("发布日期", item.day.isoformat())] if not item.built_daily else []
        rows = [
            ("索 引 号", index_number(item)),
            ("分　　类", COLUMN_NAME),
            ("发布机构", item.publisher),
            *dates,
            ("名　　称", item.title),
            ("文　　号", ""),
            ("主 题 词", ""),
        ]
        cells = "".join(
            f'<tr><td class="label">{label}：</td><td><span>{escape(value)}</span></td></tr>' for label, value in rows
        )
        settings = self._settings(now) | {"DETAIL": self._entry(item, request.origin) | {"content": text}}
        published = f"发布日期：{moment(item, '%Y-%m-%d')} " if not item.built_daily else ""
        body = (
            f'<div class="introduce"><table>{cells}</table></div>\n<h1 class="title">{escape(item.title)}</h1>\n'
            f'<div class="date">{published}浏览次数：<span>-</span> 【字体：大 中 小】</div>\n'
            f'<div class="content" id="content">{text}</div>\n'
            f'<div class="share">分享到：<a href="#">微信</a> 打印</div>{self.older(item, self.article_path(item))}'
        )
        head = f"{tags(item, self.name, now)}<script>window._CONFIG = {javascript(settings)};</script>\n"
        return self.page(self.frame(item.title, body, head=head), built_at(item, now))

    # The shell and its interface.

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if request.path in (f"{self.root}/index", f"{self.root}/policy"):
            head = f"<script>window._CONFIG = {javascript(self._settings(now))};</script>\n"
            return self.page(self.frame("政府信息公开目录", '<div id="app"></div>', head=head), self.changed(now))
        if found := re.fullmatch(rf"{self.root}/api/all/(\d{{1,6}})", request.path):
            return self._listing(int(found[1]), request, now)
        return None

    def _listing(self, column: int, request: Request, now: datetime) -> Answer | None:
        name = {_REPORTS: COLUMN_NAME, _LAW: "法治政府建设年度报告", _EMPTY: "历年归档", _ALL: "全部"}.get(column)
        if request.query.get("sid") != _SID or name is None:
            body = b'{"message":"404 Not Found","status_code":404}'
            return self.text(body, "application/json", self.beginning(), status=404)
        entries = self._entries(column, request.origin, now)
        page = max(1, whole_number(request.query.get("page")))
        answer = {
            "classify": {"id": column, "name": name, "post_count": len(entries)},
            "total": len(entries),
            "articles": entries[(page - 1) * self.per_page : page * self.per_page],
        }
        body = json.dumps(answer, separators=(",", ":")).encode()
        return self.text(body, "application/json", self.changed(now))

    def _entries(self, column: int, origin: str, now: datetime) -> Sequence[Json]:
        """The articles of a column as the interface gives them."""
        shown = self.shown(now)
        reports = [self._entry(item, origin) for item in shown]
        if shown:
            twice = next((item for item in shown if item.kind == "report"), shown[0])
            double = self._entry(twice, origin)
            reports.insert(min(5, len(reports)), double | {"url": f"{double['url']}?jump=true"})
            title = f"一图读懂{self.place or ''}{shown[0].day.year - 1}年政府信息公开工作年度报告"
            outside = {"id": 400_001, "title": title, "url": _OUTSIDE, "post_url": _OUTSIDE, "attachment": []}
            reports.insert(min(2, len(reports)), self._entry(shown[0], origin) | outside)
        law = [self._law(year, origin) for year in (2023, 2022, 2021)]
        return {_REPORTS: reports, _LAW: law, _EMPTY: [], _ALL: reports + law}[column]

    def _entry(self, item: Publication, origin: str) -> Json:
        seconds = int(item.published_at.timestamp())
        return {
            "id": self.post_id(item),
            "title": item.title,
            "document_number": "",
            "identifier": index_number(item),
            "publisher": item.publisher,
            "keywords": "",
            "date": seconds,
            "created_at": f"{item.published_at.astimezone(season.BEIJING):%Y-%m-%d %H:%M:%S}",
            "first_publish_time": seconds,
            "display_publish_time": seconds,
            "abstract": "",
            "classify_main": _REPORTS,
            "classify_main_name": COLUMN_NAME,
            "url": origin + self.article_path(item),
            "post_url": "",
            "is_expired": 0,
            "is_abolished": 0,
            "attachment": [
                {
                    "id": self._file_number(item, index),
                    "name": file.name,
                    "mime": MEDIA_TYPES[file.media],
                    "size": 20480,
                    "url": self.file_path(item, file, index),
                }
                for index, file in enumerate(item.files)
            ],
            "relation": "[]",
        }

    def _law(self, year: int, origin: str) -> Json:
        post = 600_000 + year
        url = f"{origin}{self.root}/content/0/{post // 1000}/post_{post}.html"
        title = f"{self.place or ''}{year}年度法治政府建设年度报告"
        return {"id": post, "title": title, "publisher": self.name, "date": 1_700_000_000, "url": url, "attachment": []}

    def _settings(self, now: datetime) -> Json:
        count = len(self._entries(_REPORTS, "", now))
        guide = self._node(2701, 2700, "政府信息公开指南", 1, jump_url="/zwgk/zn/")
        reports = self._node(_REPORTS, 2700, COLUMN_NAME, count)
        archive = self._node(_EMPTY, 2700, "历年归档", 0)
        second = [self._node(_LAW, 2800, "年度报告", 3)] if self.variant == "fragment" else []
        tree = [
            self._node(2700, 0, "政府信息公开", count, children=[guide, reports, archive]),
            self._node(2800, 0, "法治政府建设", 3, children=second),
        ]
        # In the fragment variant the wrong column comes first.
        tree = tree[::-1] if self.variant == "fragment" else tree
        return {
            "SID": _SID,
            "SERVICE_AREA_ID": 755,
            "SITE_NAME": self.name,
            "NOTICE": "<p>依申请公开：'在线'申请\n见指南</p>",
            "TREE": tree,
        }

    @staticmethod
    def _node(
        id: int, parent: int, name: str, count: int, *, jump_url: str = "", children: Sequence[Json] = ()
    ) -> Json:
        return {
            "id": id,
            "name": name,
            "parent": parent,
            "post_count": count,
            "jump_url": jump_url,
            "children": list(children),
        }


def javascript(value: object) -> str:
    """A value as a JavaScript literal: names without quotes, text in single ones, marks of HTML escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{javascript(item)}" for name, item in value.items()) + ",}"
    if isinstance(value, list):
        return "[" + ",".join(javascript(item) for item in value) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'").replace("/", "\\/")
        return "'" + text.replace("<", "\\u003C").replace(">", "\\u003E") + "'"
    return json.dumps(value)
