"""TRS as it is used in Fujian (`fjdzapp`): list pages without rows, an interface behind them."""

import json
import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from crawler.sandbox import season
from crawler.sandbox.portal_site import Answer, Publication, Request
from crawler.sandbox.portals.furniture import (
    cut_pages,
    index_number,
)

if TYPE_CHECKING:
    from crawler.sandbox.portals.trs import TrsSite

CHANNEL = "229105"
COLUMN_ID = "1207"
_MIRROR = "/zwgk/xxgknb/"
_SCRIPT = "/images/gllist.js"  # names the codes that the page does not
_MOST_ROWS = 100
_TAG = re.compile(r"<[^<>]*>|\s+")


def shell(site: "TrsSite", now: datetime) -> str:
    """The column's page: how many records there are, and a template for them."""
    count = len(site.shown(now))
    body = f"""<div class="gl" ms-controller="gllist"><ul class="gl-ul" id="gllist">
<li ms-for="el in @data"><a ms-attr="{{href:@el.docpuburl,title:@el.doctitle}}">{{{{@el.doctitle}}}}</a>
<span>{{{{@el.pubdate}}}}</span></li></ul><div class="gl-page"></div></div>
<script src="/images/avalon.js"></script><script src="{_SCRIPT}"></script>
<script>
var listConfig = {{
  url: '/fjdzapp/search',
  recordCount: '{count}',
  page: '1',
  prepage: '{site.per_page}'
}};
</script>"""
    return site.list_frame(body, column="./")


def answer(site: "TrsSite", request: Request, now: datetime) -> Answer | None:
    """The interface, the copies in another column, and what stands where a document was withdrawn."""
    if request.path in ("/fjdzapp/search", "/fjdzapp/data"):
        data = _search(site, request, now)
        return Answer(
            json.dumps(data, ensure_ascii=False).encode(), "application/json;charset=UTF-8", site.changed(now)
        )
    if request.path == _SCRIPT:
        return Answer(_script().encode(), "application/javascript", site.beginning())
    if request.path.startswith(_MIRROR):
        item = site._articles.get(site.column + request.path.removeprefix(_MIRROR))
        if item is not None and item.published_at <= now:
            return site.article(item, request, now)
    if re.fullmatch(rf"(?:{site.column}|{_MIRROR})\d{{6}}/t\d{{8}}_\d+\.htm", request.path):
        return withdrawn(site)
    return None


def _script() -> str:
    """What asks for the rows: the codes of the column stand here alone."""
    return f"""avalon.ready(function () {{
  var asked = {{channelid: "{CHANNEL}", classsql: "chnlid={COLUMN_ID}", sortfield: "-docorderpri,-docreltime",
    classcol: "publishyear", classnum: 100, classsort: 0, cache: true, page: 1, prepage: listConfig.prepage}};
  $.getJSON(listConfig.url, asked, function (answer) {{ avalon.vmodels.gllist.data = answer.data; }});
}});
"""


def withdrawn(site: "TrsSite") -> Answer:
    """What a withdrawn document's address answers, with status 200: a step to the folder above."""
    page = '<html><head><meta http-equiv="refresh" content="0;url=../"></head><body></body></html>\n'
    return site.page(page, site.beginning())


def _search(site: "TrsSite", request: Request, now: datetime) -> dict[str, Any]:
    asked = request.query | request.form
    is_ours = asked.get("channelid") == CHANNEL and asked.get("classsql") == f"chnlid={COLUMN_ID}"
    items = site.shown(now) if is_ours else []
    rows = min(max(_number(asked.get("prepage"), site.per_page), 1), _MOST_ROWS)
    page = max(_number(asked.get("page"), 1), 1)
    pages = cut_pages(items, rows)
    shown = pages[page - 1] if page <= len(pages) else []
    key = "docs" if asked.get("templet") == "docs.jsp" else "data"
    return {
        "error": False,
        "page": page,
        "prepage": rows,
        "pageCount": len(pages) if items else 0,
        "recordCount": len(items),
        key: [_record(site, item, request.origin, now) for item in shown],
    }


def _record(site: "TrsSite", item: Publication, origin: str, now: datetime) -> dict[str, Any]:
    path = site.article_path(item)
    at = item.published_at.astimezone(season.BEIJING)
    text = _TAG.sub("", item.body(item.day))
    files = [
        {"appdesc": file.name, "appfile": site.file_path(item, file, index).rsplit("/", 1)[-1], "fileext": file.ending}
        for index, file in enumerate(item.files)
    ]
    return {
        "docid2": str(1833000 + item.number),
        "doctitle": item.title,
        "docpuburl": origin + path,
        "chnldocurl": origin + _MIRROR + path.removeprefix(site.column),
        "docreltime": f"{at:%Y.%m.%d %H:%M:%S}",
        "pubdate": item.day.isoformat(),
        "puborg": item.publisher,
        "fileno": "",
        "idxid": index_number(item),
        "content": escape(text[:100]),
        "files": files,
        "pics": [],
        "rels": [],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
