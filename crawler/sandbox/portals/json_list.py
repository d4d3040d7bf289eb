"""Pretend portals whose lists come from an interface of their own, as JSON: 苏州, Epoint, the tax authorities, 泉州."""

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from crawler.sandbox import season
from crawler.sandbox.portal_site import Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import (
    FurnishedSite,
    body_of,
    cut_pages,
    hex_name,
    index_number,
    moment,
    relative,
    uuid_name,
)
from crawler.sandbox.portals.parts import metadata, whole_number

_CHANNEL = "f0d2c3a1b5e84c6f9a7d1e2b3c4d5e6f"  # 苏州, and codeId's channel of the tax authorities
_CODE = "c102416"
_SITE_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
_CATEGORY = "003001005"
_CHNLID = "120"
_COLUMNS = {
    "suzhou": f"/lxx/zfxxgknb/xxgknb.shtml?channel_id={_CHANNEL}",
    "epoint": "/xxgk/003/003001/003001005/secondPage.html",
    "chinatax": f"/lxtax/n810341/{_CODE}/list_guilei_fgk.html",
    "quanzhou": "/zwgk/zfxxgk/zfxxgknb/",
}
_ENDPOINTS = {
    "suzhou": "/szinf/xxgk/interfacesWebZcwj/loadData",
    "epoint": "/EpointWebBuilder/rest/secaction/getSecInfoListYzm",
    "chinatax": "/getFileListByCodeId",
    "quanzhou": "/smartSearch/interface/search.do",
}
_BODIES = {
    "suzhou": '<div class="article-content" id="zoomcon">{}</div>',
    "epoint": '<div class="ewb-article-info" id="infocontent">{}</div>',
    "chinatax": '<div class="info-cont" id="fontzoom">{}</div>',
    "quanzhou": '<div class="TRS_Editor">{}</div>',
}
_SIZE = 15
_MOST_ROWS = 100


class JsonListSite(FurnishedSite):
    """variants: "suzhou" posts a form; "epoint" counts pages from 0 and answers JSON inside a JSON string; "chinatax"
    posts a form, with rows three levels deep; "quanzhou" is asked by GET and refuses who does not name the column's
    page as Referer. The last two also fit the readers of ucap and of trs, which is what their pages look like."""

    platform = "json_list"
    variants = ("suzhou", "epoint", "chinatax", "quanzhou")

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (_COLUMNS[self.variant],)

    def portal_file(self, origin: str) -> dict[str, Any]:
        endpoint = _ENDPOINTS[self.variant]
        options: dict[str, dict[str, Any]] = {
            "suzhou": {
                "endpoint": f"{endpoint}?pageSize={{size}}",
                "send": "form",
                "fields": {"pageIndex": "{page}", "channel_id": _CHANNEL},
                "rows": "data.list",
                "title": "TITLE",
                "url": "URL",
                "date": "PUBLISHED_TIME_FORMAT",
                "total": "data.allRow",
                "pages": "data.totalPage",
            },
            "epoint": {
                "endpoint": endpoint,
                "send": "form",
                "fields": {
                    "siteGuid": _SITE_GUID,
                    "categoryNum": _CATEGORY,
                    "pageIndex": "{page}",
                    "pageSize": "{size}",
                },
                "first": 0,
                "rows": "custom.infodata",
                "title": "title",
                "url": "infourl",
                "date": "infodate",
                "total": "custom.count",
            },
            "chinatax": {
                "endpoint": endpoint,
                "send": "form",
                "fields": {"codeId": _CODE, "channelId": _CHANNEL, "page": "{page}", "size": "{size}"},
                "rows": "results.data.results",
                "title": "title",
                "url": "url",
                "date": "publishedTimeStr",
                "total": "results.data.total",
            },
            "quanzhou": {
                "endpoint": f"{endpoint}?express=(chnlid={_CHNLID})&siteId=&order=-docrelTime&pagesize={{size}}"
                "&currentpage={page}",
                "rows": "data.docs",
                "title": "doctitle",
                "url": "docpuburl",
                "date": "docrelTime",
                "total": "data.recordCount",
            },
        }
        file = super().portal_file(origin) | {"options": {"size": _SIZE} | options[self.variant]}
        bodies = {"epoint": "#infocontent", "chinatax": "#fontzoom"}
        return file | ({"selectors": {"body": bodies[self.variant]}} if self.variant in bodies else {})

    # Addresses.

    def article_path(self, item: Publication) -> str:
        number = item.number
        return {
            "suzhou": f"/lxx/zfxxgknb/{item.day:%Y%m}/{hex_name(self, number)}.shtml",
            "epoint": f"/xxgk/003/003001/003001005/{item.day:%Y%m%d}/{uuid_name(self, number)}.html",
            "chinatax": f"/lxtax/n810341/{_CODE}/c{5170000 + number}/content.html",
            "quanzhou": f"/zwgk/zfxxgk/zfxxgknb/{item.day:%Y%m}/t{item.day:%Y%m%d}_{2500000 + number}.htm",
        }[self.variant]

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        if self.variant == "quanzhou":
            folder = self.article_path(item).rpartition("/")[0]
            return f"{folder}/P0{item.day:%Y%m%d}{item.number:08d}{index:04d}.{file.ending}"
        if self.variant == "chinatax":
            folder = self.article_path(item).rpartition("/")[0]
            return f"{folder}/files/{uuid_name(self, 100 * item.number + index)}.{file.ending}"
        return f"/uploadfiles/{item.day:%Y%m/%d}/{hex_name(self, 100 * item.number + index, 20)}.{file.ending}"

    # Pages.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        path = self.article_path(item)
        files = "".join(
            f'<p class="fj">附件：<a href="{relative(self.file_path(item, file, index), path)}" '
            f'title="{escape(file.name)}">{escape(file.name)}</a></p>\n'
            for index, file in enumerate(item.files)
        )
        when = moment(item, "%Y-%m-%d %H:%M")
        content = (
            f'{metadata(item, index_number(item))}\n<h1 class="title">{escape(item.title)}</h1>\n'
            f'<p class="info">{f"发布日期：{when}" if when else ""}　来源：{escape(item.publisher)}　浏览次数：</p>\n'
            f"{_BODIES[self.variant].format(body_of(item, now) + files)}\n{self.older(item, path)}"
        )
        return self.article_answer(item, now, content, column=self.column_paths[0])

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if request.path == self.column_paths[0].partition("?")[0]:
            text = self.list_frame(self._shell(), column=self.column_paths[0])
            return self.page(text, self.beginning())
        if request.path != _ENDPOINTS[self.variant]:
            return None
        if (request.method == "POST") == (self.variant == "quanzhou"):
            return self.text(b'{"status":405,"error":"Method Not Allowed"}', "application/json", now, status=405)
        if self.variant == "quanzhou" and self.column_paths[0] not in request.headers.get("referer", ""):
            return self.text(b"Forbidden", "text/plain", now, status=403)
        data = {"suzhou": self._suzhou, "epoint": self._epoint, "chinatax": self._chinatax, "quanzhou": self._quanzhou}
        answer = json.dumps(data[self.variant](request, now), ensure_ascii=False)
        return Answer(answer.encode(), "application/json;charset=UTF-8", self.changed(now))

    def _shell(self) -> str:
        """The column's page: a place for rows, and the script that fetches them."""
        said = {
            "suzhou": f'channel_id: "{_CHANNEL}"',
            "epoint": f'siteGuid: "{_SITE_GUID}", categoryNum: "{_CATEGORY}"',
            "chinatax": f'codeId: "{_CODE}", channelId: "{_CHANNEL}"',
            "quanzhou": f'express: "(chnlid={_CHNLID})", siteId: "", order: "-docrelTime"',
        }[self.variant]
        return (
            '<div class="list-box"><ul class="list" id="xxgkList"></ul><div id="page"></div></div>\n'
            f'<script src="/js/vue.min.js"></script>\n<script>\nvar listParams = {{{said}}};\n'
            f'function loadList(page) {{\n  $.ajax({{url: "{_ENDPOINTS[self.variant]}", dataType: "json", '
            "data: paramsOf(listParams, page), success: render});\n}\nloadList(firstPage);\n</script>"
        )

    def _page(self, number: int, size: int, now: datetime, *, is_ours: bool) -> tuple[Sequence[Publication], int]:
        """(what is on a page, counted from 1; how many there are in all); nothing past the end or of another column."""
        items = self.shown(now) if is_ours else []
        pages = cut_pages(items, size)
        return (pages[number - 1] if 1 <= number <= len(pages) else []), len(items)

    def _suzhou(self, request: Request, now: datetime) -> dict[str, Any]:
        size = _size(request.query.get("pageSize"))
        number = whole_number(request.form.get("pageIndex"))
        shown, total = self._page(number, size, now, is_ours=request.form.get("channel_id") == _CHANNEL)
        rows = [
            {
                "MANUSCRIPT_ID": f"{hex_name(self, item.number)}",
                "TITLE": item.title,
                "URL": self.article_path(item),
                "C_WJBH": "",
                "C_SYH": index_number(item),
                "PUBLISHED_TIME_FORMAT": item.day.isoformat(),
            }
            for item in shown
        ]
        data = {"allRow": total, "totalPage": -(-total // size), "currentPage": number, "pageSize": size, "list": rows}
        return {"code": 200, "msg": "success", "data": data}

    def _epoint(self, request: Request, now: datetime) -> dict[str, Any]:
        form = request.form
        is_ours = form.get("siteGuid") == _SITE_GUID and form.get("categoryNum") == _CATEGORY
        number = whole_number(form.get("pageIndex"), 0) + 1
        shown, total = self._page(number, _size(form.get("pageSize")), now, is_ours=is_ours)
        rows = [
            {
                "infoid": uuid_name(self, item.number),
                "title": item.title,
                "infourl": self.article_path(item),
                "infodate": item.day.isoformat(),
                "categorynum": _CATEGORY,
            }
            for item in shown
        ]
        # What stands in `custom` is JSON once more, as a string.
        custom = json.dumps({"count": total, "infodata": rows}, ensure_ascii=False)
        return {"controls": [], "custom": custom, "status": {"code": 200, "text": "", "url": ""}}

    def _chinatax(self, request: Request, now: datetime) -> dict[str, Any]:
        form = request.form
        is_ours = form.get("codeId") == _CODE and form.get("channelId") == _CHANNEL
        size, number = _size(form.get("size")), whole_number(form.get("page"))
        shown, total = self._page(number, size, now, is_ours=is_ours)
        rows = [
            {
                "manuscriptId": str(5170000 + item.number),
                "title": item.title,
                "subTitle": "",
                "url": f"//{request.headers.get('host', 'localhost')}{self.article_path(item)}",
                "publishedTime": int(item.published_at.timestamp() * 1000),
                "publishedTimeStr": f"{item.published_at.astimezone(season.BEIJING):%Y-%m-%d %H:%M:%S}",
                "channelCodeName": _CODE,
            }
            for item in shown
        ]
        data = {"channelId": _CHANNEL, "total": total, "page": number, "rows": size, "results": rows}
        return {"code": 200, "message": "OK", "results": {"resultType": "list", "data": data}}

    def _quanzhou(self, request: Request, now: datetime) -> dict[str, Any]:
        query = request.query
        size, number = _size(query.get("pagesize")), whole_number(query.get("currentpage"))
        shown, total = self._page(number, size, now, is_ours=query.get("express") == f"(chnlid={_CHNLID})")
        rows = [
            {
                "docid": str(2500000 + item.number),
                "doctitle": item.title,
                "docpuburl": request.origin + self.article_path(item),
                "docrelTime": f"{item.published_at.astimezone(season.BEIJING):%Y.%m.%d %H:%M:%S}",
                "puborg": item.publisher,
            }
            for item in shown
        ]
        data = {"recordCount": total, "pageCount": -(-total // size), "currentPage": number, "docs": rows}
        return {"success": True, "data": data}


def _size(text: str | None) -> int:
    """How many rows a page has, as it was asked for."""
    return min(max(whole_number(text, _SIZE), 1), _MOST_ROWS)
