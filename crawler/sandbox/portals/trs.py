"""Pretend portals of TRS WCM (拓尔思): a tree of static pages, pagers that scripts draw, files beside the article."""

import json
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from crawler.sandbox.portal_site import COLUMN_NAME, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals import fujian
from crawler.sandbox.portals.furniture import (
    FurnishedSite,
    body_of,
    cut_pages,
    hex_name,
    index_number,
    moment,
    relative,
    ymd,
)
from crawler.sandbox.portals.parts import metadata, shortened, tags

_COLUMN = "/zwgk/zfxxgkzl/zfxxgknb/"
_COLUMNS = {"shanghai": "/nw12344/", "fjdzapp": "/lx/zfxxgkndbg/"}
_ENDINGS = {"wuhan": "shtml", "fjdzapp": "htm"}
_WAS = "/was5/web/search"
_WAS_CHANNEL = "229105"
_COUNTED_FROM_ONE = ("hunan", "shanghai")
# What stands, with status 200, where a list page is missing.
_STUB = (
    '<!DOCTYPE html>\n<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1.0">\n<title></title>\n'
    '<link rel="stylesheet" type="text/css" href="/images/error.css">\n</head>\n<body>\n'
    '<div class="error-box"><div class="error-img"></div></div>\n</body>\n</html>\n'
)


class TrsSite(FurnishedSite):
    """variants: "plain" counts pages from 0; "createpage" (重庆) has another function and each article as _wap too;
    "variables" keeps the numbers in variables; "hunan" counts from 1; "shanghai" gives a plugin the number of pages;
    "beijing" ships all rows at once; "wuhan" has rows in scripts; "was" is the old search with pages by script alone;
    "fjdzapp" (B2, 福建) an empty list with an interface behind it.
    """

    platform = "trs"
    variants = ("plain", "createpage", "variables", "hunan", "shanghai", "beijing", "wuhan", "was", "fjdzapp")

    @property
    def column(self) -> str:
        """The folder of the column."""
        return _COLUMNS.get(self.variant, _COLUMN)

    @property
    def column_paths(self) -> tuple[str, ...]:
        if self.variant == "was":
            return (f"{_WAS}?channelid={_WAS_CHANNEL}&templet=nblist.jsp",)
        return (self.column,)

    def portal_file(self, origin: str) -> dict[str, Any]:
        file = super().portal_file(origin)
        if self.variant == "was":
            # `javascript:next(2)` leads nowhere.
            pattern = f"search?channelid={_WAS_CHANNEL}&templet=nblist.jsp&page={{n}}"
            file["pages"] = {"pattern": pattern, "first": 2}
        if self.variant == "fjdzapp":
            file["options"] = {"endpoint": "/fjdzapp/search", "channelid": fujian.CHANNEL, "chnlid": fujian.COLUMN_ID}
        return file

    def news_path(self, number: int) -> str:
        day = date(2024, 1, 10 + number)
        return f"/xwzx/bdyw/{day:%Y%m}/t{ymd(day)}_{1700000 + number}.html"

    # Addresses.

    def article_path(self, item: Publication) -> str:
        day = entered_on(item)
        if self.variant == "shanghai":
            return f"{self.column}{ymd(day)}/{hex_name(self, item.number)}.html"
        ending = _ENDINGS.get(self.variant, "html")
        folder = f"{self.column}{day:%Y%m}/"
        if self.variant == "plain" and item.number % 7 == 5:
            return f"{folder}t1569{item.number:04d}.{ending}"  # a name without a date, as in 广西
        return f"{folder}t{ymd(day)}_{1833000 + item.number}.{ending}"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        folder = self.article_path(item).rsplit("/", 1)[0]
        return f"{folder}/P0{ymd(entered_on(item))}{35000000 + item.number:08d}{index:04d}.{file.ending}"

    # Pages.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        path = self.article_path(item)
        if request.path.endswith("_wap.html"):
            body = f'<div class="wap"><h2>{escape(item.title)}</h2><div class="view">{body_of(item, now)}</div></div>'
            return self.page(self.frame(item.title, body, head=tags(item, self.name, now)), item.published_at)
        files = "".join(
            f'<p><a appendix="true" data-appendix="true" needdownload="true" href="{link}" title="{escape(file.name)}" '
            f'download="{escape(file.name)}">附件：{escape(file.name)}</a></p>'
            for index, file in enumerate(item.files)
            for link in [escape(relative(self.file_path(item, file, index), path))]
        )
        picture = f"W0{ymd(entered_on(item))}{item.number:012d}.jpg"
        image = f'<p><img oldsrc="{picture}" appendix="true" src="./{picture}"></p>' if item.number % 5 == 0 else ""
        # The editor's element stands inside itself where a text was pasted twice.
        editor = f'<div class="TRS_Editor"><div class="TRS_Editor">{body_of(item, now)}</div>{files}{image}</div>'
        line = f"作者：　来源：{escape(item.publisher)}　时间：{moment(item)}" if moment(item) else "作者："
        content = (
            f'{metadata(item, index_number(item))}\n<h1 class="tit">{escape(item.title)}</h1>\n'
            f'<p class="line">{line}</p>'
            f'<div class="view TRS_UEDITOR trs_paper_default trs_web">{editor}</div>\n{self.older(item, path)}'
        )
        if self.variant == "createpage":
            wap = path.rsplit("/", 1)[-1].replace(".html", "_wap.html")
            content += f'<p class="mobile"><a href="./{wap}">手机版</a></p>'
        return self.article_answer(item, now, content, column=self.column)

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if self.variant == "was":
            return self._search(request, now) if request.path == _WAS else None
        if self.variant == "fjdzapp" and (answer := fujian.answer(self, request, now)) is not None:
            return answer
        if self.variant == "createpage" and request.path.endswith("_wap.html"):
            item = self._articles.get(request.path.replace("_wap.html", ".html"))
            return self.article(item, request, now) if item is not None and item.published_at <= now else None
        folder, _, name = request.path.rpartition("/")
        if folder + "/" != self.column or (name and not name.startswith("index")):
            return None
        if self.variant == "fjdzapp":
            return self.page(fujian.shell(self, now), self.changed(now)) if name in ("", "index.htm") else None
        items = self.shown(now)
        pages = [items] if self.variant == "beijing" else cut_pages(items, self.per_page)
        names = {"": 0} | {self._page_name(place): place for place in range(len(pages))}
        if name not in names:
            return self.page(_STUB, self.beginning())
        place = names[name]
        rows = "".join(self._row(item) for item in pages[place])
        entries = f'<ul class="list">\n{rows}</ul>' if rows else '<div class="list"><p>暂无相关信息</p></div>'
        text = self.list_frame(entries + self._pager(place, len(pages), len(items)), column="./")
        return self.page(text, self.changed(now))

    def _page_name(self, place: int) -> str:
        """The name of a list page; place: from 0."""
        if place == 0:
            return "index.html"
        return f"index_{place + 1 if self.variant in _COUNTED_FROM_ONE else place}.html"

    def _row(self, item: Publication) -> str:
        link, title = relative(self.article_path(item), self.column), escape(item.title)
        if self.variant == "wuhan":
            written = "'<a href=\"'+url+'\" title=\"'+title+'\">'+title+'</a><span>'+time+'</span>'"
            return (
                f'<li><script>var url="{link}"; var title={json.dumps(item.title, ensure_ascii=False)}; '
                f'var time="{item.day}"; document.writeln({written});</script></li>\n'
            )
        text = escape(shortened(item.title)) if self.variant == "plain" else title
        row = f'<li><a href="{link}" title="{title}">{text}</a><span>{item.day}</span></li>\n'
        if self.variant == "createpage" and item.number % 4 == 0:
            # The page for telephones got into the list as well.
            row += row.replace(link, link.replace(".html", "_wap.html"))
        return row

    def _pager(self, place: int, pages: int, records: int) -> str:
        scripts = {
            "createpage": f'createPage({pages},{place},"index","html")',
            "variables": (
                f"var currentPage = {place};//所在页从0开始\nvar prevPage = currentPage-1//上一页\n"
                f"var nextPage = currentPage+1//下一页\nvar countPage = {pages}//共多少页\n"
                'if(countPage>1&&currentPage<(countPage-1))\n document.write("<a href=\\"index"+"_" + nextPage + "."+'
                '"html\\">下一页</a>");'
            ),
            "hunan": f"createPageHTML('paging',{pages},{place + 1},'index','html',{records});",
            "shanghai": f'$(".pagination").pagination({{totalPage:{pages}}})',
            "beijing": f'createPageHTML({records}, {-(-records // self.per_page)}, 0, "index", "html");',
        }
        script = scripts.get(self.variant, f'createPageHTML({pages}, {place}, "index", "html");')
        box = '<div id="paging"></div>' if self.variant == "hunan" else '<div class="pagination"></div>'
        return f'\n<div class="page">{box}<script type="text/javascript">\n{script}\n</script></div>'

    def _search(self, request: Request, now: datetime) -> Answer | None:
        """A page of the old search; one past the end says that nothing was found."""
        page = request.query.get("page", "1")
        if request.query.get("channelid") != _WAS_CHANNEL or not page.isdecimal():
            return None
        items = self.shown(now)
        pages = cut_pages(items, self.per_page)
        number = int(page)
        if not items or not 1 <= number <= len(pages):
            entries = '<div class="list"><p>没有检索到相关信息</p></div>'
        else:
            rows = "".join(
                f'<tr><td><a href="{self.article_path(item)}" target="_blank">{escape(item.title)}</a></td>'
                f"<td>{item.day:%Y.%m.%d}</td></tr>\n"
                for item in pages[number - 1]
            )
            links = "".join(f'<a href="javascript:next({n})">[{n}]</a> ' for n in range(1, len(pages) + 1))
            entries = (
                f'<table class="result"><tbody>\n{rows}</tbody></table>\n<div class="page">共{len(items)}条 '
                f'第{number}页/共{len(pages)}页 {links}<a href="javascript:next({number + 1})">下一页</a></div>'
            )
        text = self.list_frame(entries, column=self.column_paths[0], title=COLUMN_NAME)
        return self.page(text, self.changed(now))


def entered_on(item: Publication) -> date:
    """The day in an article's name, which is that of its entry in the system: often some weeks before publication."""
    return item.day - timedelta(days=23 if item.number % 4 == 3 else 0)
