"""A pretend portal whose lists are made in the browser: rows out of JSON, a list in a frame, a button that loads more,
and a guard that a browser would pass.
"""

import json
from datetime import datetime
from html import escape
from typing import Any

from crawler.sandbox import season
from crawler.sandbox.portal_site import (
    COLUMN_NAME,
    Answer,
    Listed,
    PortalSite,
    Publication,
    PublishedFile,
    Request,
    standard_tags,
)

_COLUMN = "/zwgk/zfxxgknb/list.html"
_FRAME = "/zwgk/wz/nb/tree.html"
_ARTICLES = "/zwgk/zfxxgknb/art/"
_DATA = "/zwgk/api/manuscripts"
_SCRIPT = "/zwgk/js/list.js"
_COOKIE = "visitor_checked"
# Loads one page of rows and appends them. What each variant does with it stands in its page.
_MAKE_ROWS = """
function load(page, size, root, after) {
  var asked = new XMLHttpRequest();
  asked.open('GET', '%(data)s?page=' + page + '&rows=' + size);
  asked.onload = function () {
    var answer = JSON.parse(asked.responseText), list = document.getElementById('list');
    answer.results.forEach(function (row) {
      var item = document.createElement('li'), link = document.createElement('a');
      var date = document.createElement('span');
      link.href = root + row.url; link.title = row.title;
      link.textContent = row.title.length > 24 ? row.title.slice(0, 24) + '…' : row.title;
      date.textContent = '[' + row.publishedTimeStr + ']';
      item.appendChild(link); item.appendChild(date); list.appendChild(item);
    });
    if (!answer.total) list.innerHTML = '<p>暂无相关信息</p>';
    after(answer);
    list.className += ' ready';
  };
  asked.send();
}
"""
_PAGED = """
var page = Number((/[?&]page=(\\d+)/.exec(location.search) || [0, 1])[1]);
load(page, %(rows)d, 'art/', function (answer) {
  var pages = Math.ceil(answer.total / %(rows)d), pager = '';
  for (var number = 1; pages > 1 && number <= pages; number++)
    pager += number === page ? '<b>' + number + '</b>'
      : '<a href="list.html' + (number > 1 ? '?page=' + number : '') + '">' + number + '</a>';
  document.getElementById('pager').innerHTML = pager;
});
"""
_ALL = "load(1, 1000, '../../zfxxgknb/art/', function () {});"
_MORE = """
var next = 1, button = document.getElementById('more');
button.onclick = function () {
  load(next, %(rows)d, 'art/', function (answer) {
    if (next++ * %(rows)d >= answer.total) button.style.display = 'none';
  });
};
button.onclick();
"""


class ScriptedSite(PortalSite):
    """variants: "rendered" has rows out of JSON, and pages; "frame" has its whole list in a frame of another folder,
    with links relative to that; "more" has a button 加载更多; "challenge" lets in only who runs a script that sets a
    cookie, so that of it nothing can be collected.
    """

    platform = "static_list"
    variants = ("rendered", "frame", "more", "challenge")

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (_COLUMN,)

    def portal_file(self, origin: str) -> dict[str, Any]:
        browser: dict[str, Any] = {"wait_for": "#list.ready"}
        if self.variant == "more":
            browser["more"] = "#more"
        return super().portal_file(origin) | {"fetch": "browser", "browser": browser}

    def truth(self, now: datetime) -> list[Listed]:
        return [] if self.variant == "challenge" else super().truth(now)

    def article_path(self, item: Publication) -> str:
        return f"{_ARTICLES}{_name(item)}"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        return f"{_ARTICLES}files/{item.number:04d}_{index}.{file.ending}"

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        files = "".join(
            f'<p class="file">附件：<a href="{self.file_path(item, file, index)}">{escape(file.name)}</a></p>'
            for index, file in enumerate(item.files)
        )
        body = (
            f"<h1>{escape(item.title)}</h1><p>发布日期：{item.day} 发布机构：{escape(item.publisher)}</p>"
            f'<div class="article-content">{item.body(season.beijing_date(now))}{files}</div>'
        )
        modified = now if item.built_daily else item.published_at
        return self.page(self.frame(item.title, body, head=standard_tags(item, self.name)), modified)

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if request.path == _SCRIPT:
            script = _MAKE_ROWS % {"data": _DATA}
            return self.text(script.encode(), "application/javascript; charset=utf-8", self.beginning())
        if self.variant == "challenge" and f"{_COOKIE}=" not in request.headers.get("cookie", ""):
            return self._guard(now) if request.path == _COLUMN else None
        if request.path == _DATA:
            return self._data(request, now)
        if request.path == _COLUMN:
            return self.page(self._column(), self.beginning())
        if request.path == _FRAME and self.variant == "frame":
            body = f'<ul id="list" class="list"></ul>{_scripts(_ALL)}'
            return self.page(f"<html><body>{body}</body></html>", self.beginning())
        return None

    def _column(self) -> str:
        """The page as the server gives it: the same on every day."""
        if self.variant == "frame":
            inside = f'<iframe src="../wz/nb/tree.html" width="100%" height="800"></iframe><p>{COLUMN_NAME}</p>'
        elif self.variant == "more":
            script = _scripts(_MORE % {"rows": self.per_page})
            inside = f'<ul id="list" class="list"></ul><button id="more">加载更多</button>{script}'
        else:
            script = _scripts(_PAGED % {"rows": self.per_page})
            inside = f'<ul id="list" class="list"></ul><div id="pager"></div>{script}'
        return self.frame(COLUMN_NAME, f'<div class="main"><h2>{COLUMN_NAME}</h2>{inside}</div>')

    def _data(self, request: Request, now: datetime) -> Answer:
        shown = self.shown(now)
        page, rows = (int(request.query.get(name, "1")) for name in ("page", "rows"))
        results = [
            {"title": item.title, "url": _name(item), "publishedTimeStr": str(item.day)}
            for item in shown[(page - 1) * rows : page * rows]
        ]
        answer = {"total": len(shown), "page": page, "rows": rows, "results": results}
        return self.text(json.dumps(answer, ensure_ascii=False).encode(), "application/json; charset=utf-8", now)

    def _guard(self, now: datetime) -> Answer:
        script = f"document.cookie='{_COOKIE}='+Date.now()+'; path=/';location.reload();"
        return self.page(f"<html><head><script>{script}</script></head><body></body></html>", now)


def _name(item: Publication) -> str:
    return f"{item.day:%Y%m}_{item.number:04d}.html"


def _scripts(text: str) -> str:
    return f'<script src="{_SCRIPT}"></script><script>{text}</script>'
