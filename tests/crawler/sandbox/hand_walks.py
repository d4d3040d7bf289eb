"""How a browser walks the lists of Hanweb's, gkmlpt's and UCAP's pretend portals: by hand, without any reader."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

import chompjs
import pytest

from crawler.sandbox.portal_site import Answer, PortalSite, Request
from crawler.sandbox.portals.gkmlpt import GkmlptSite
from crawler.sandbox.portals.jpaas import JpaasSite
from crawler.sandbox.portals.jpage import JpageSite
from crawler.sandbox.portals.ucap import UcapSite
from crawler.sandbox.portals.xxgk import XxgkSite
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications

HOST = "127.0.0.1:8001"
ORIGIN = f"http://{HOST}"


def site_of(kind: type[PortalSite], variant: str, count: int = 100) -> PortalSite:
    return kind("liuxi", PORTAL_NAME, PLACE, publications(count), variant=variant)


def ask(
    site: PortalSite, address: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """What a site answers; 404 where nothing stands."""
    url = urlsplit(urljoin(ORIGIN, address))
    assert url.netloc == HOST
    given = {"host": HOST, "user-agent": "nianbao test"} | (headers or {})
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    request = Request("GET" if form is None else "POST", unquote(url.path), query, form or {}, b"", given)
    return site.answer(request, NOW) or Answer(b"", "text/html", NOW, 404)


def text_of(answer: Answer) -> str:
    """An answer as a browser decodes it: by the header, a byte order mark or the page's own word."""
    said = re.search(r"charset=([\w-]+)", answer.content_type)
    if answer.body.startswith(b"\xef\xbb\xbf"):
        return answer.body.decode("utf-8-sig")
    label = said[1] if said else (re.search(rb'charset="?([\w-]+)', answer.body) or [b"", b"utf-8"])[1].decode()
    return answer.body.decode({"gb2312": "gb18030"}.get(label.lower(), label))


def visible(page: str) -> str:
    """A page without scripts and comments."""
    return re.sub(r"<script.*?</script>|<!--.*?-->", "", page, flags=re.S)


def script(site: PortalSite) -> dict[str, str]:
    """The headers with which a column's own script asks."""
    return {"referer": ORIGIN + site.column_paths[0].partition("#")[0], "x-requested-with": "XMLHttpRequest"}


def path_of(address: str) -> str:
    """Path and query of an address that must be on the site."""
    url = urlsplit(urljoin(ORIGIN + "/", unescape(address)))
    return url.path + (f"?{url.query}" if url.query else "") if url.netloc == HOST else address


# One walk for each platform: every address that its lists show, in order.


def walk_jpage(site: PortalSite) -> Iterator[str]:
    for column in site.column_paths:
        page = text_of(ask(site, column))
        if "jpage({" not in page:
            yield column
            continue
        for call in re.findall(r"\.jpage\((\{.*?\})\);", page, re.S):
            yield from _unit(site, chompjs.parse_js_object(call), page)


def _unit(site: PortalSite, call: dict, page: str) -> Iterator[str]:
    data, size = call["ajaxParam"], call["perPage"] * call["groupSize"]
    unit = data["unitid"]
    if site.variant == "initdata":
        start = page.index(f"InitData{unit}=")
        rows = chompjs.parse_js_object(page[start:])
    else:
        start = page.index(f'<div id="{unit}"')
        inside = page[start : page.index("</datastore>", start)]
        rows = records(inside)
    if not rows:
        return
    group = 1
    while True:
        yield from (link(row) for row in rows)
        group += 1
        if site.variant == "get":
            following = re.search(r"<nextgroup><!\[CDATA\[<a href=\"(.*?)\"", inside)
            if not following:
                return
            answer = ask(site, urljoin(call["proxyUrl"], following[1]), headers=script(site))
        else:
            if (group - 1) * size >= call["totalRecord"]:
                return
            numbers = f"startrecord={(group - 1) * size + 1}&endrecord={group * size}&perpage={call['perPage']}"
            fields = {name: str(value) for name, value in data.items()}
            answer = ask(site, f"{call['proxyUrl']}?{numbers}", form=fields, headers=script(site))
        inside = text_of(answer)
        rows = records(inside)


def records(text: str) -> list[str]:
    return re.findall(r"<record><!\[CDATA\[(.*?)\]\]></record>", text, re.S)


def link(row: str) -> str:
    return path_of(re.search(r"""href=["']([^"']+)""", row)[1])


def walk_jpaas(site: PortalSite) -> Iterator[str]:
    (column,) = site.column_paths
    page = text_of(ask(site, column))
    found = re.search(r'src="[^"]*unitbuild\.js[^"]*" url="([^"]+)" queryData="([^"]+)"', page)
    data = json.loads(found[2].replace("'", '"'))
    assert f'<div id="{data["tagId"]}"></div>' in page
    number = dict(parse_qsl(urlsplit(column).query)).get("number")
    seen, count = 0, 1
    for turn in range(1, 100):
        chosen: dict[str, object] = {"pageNo": turn, "pageSize": 15}
        if number:
            chosen["search"] = json.dumps({"xxgkId": number, "xxgkType": "", "className": "政府信息公开年报"})
        query = data if turn == 1 and not number else data | {"paramJson": json.dumps(chosen)}
        answer = ask(site, found[1] + "?" + "&".join(f"{k}={quote(v)}" for k, v in query.items()), headers=script(site))
        html = json.loads(answer.body)["data"]["html"]
        count = int(re.search(r'count="(\d+)"', html)[1])
        rows = re.findall(r'<a class="fl" href="([^"]+)"', html)
        yield from map(path_of, rows)
        seen += len(rows)
        if seen >= count:
            return


def walk_xxgk(site: PortalSite) -> Iterator[str]:
    if site.variant == "search":
        yield from walk_directory(site)
        return
    options = site.portal_file(ORIGIN).get("options", {})
    for column in site.column_paths:
        page = text_of(ask(site, column))
        years = [path_of(href) for href in re.findall(r'<ul class="year">(.*)</ul>', page)[:1] for href in hrefs(href)]
        for address in years or [f"{column}{year}" for year in options["years"]]:
            if "没有查询到" not in text_of(ask(site, address)):
                yield address


def hrefs(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


def walk_directory(site: PortalSite, type: str | None = None) -> Iterator[str]:
    (column,) = site.column_paths
    page = text_of(ask(site, column))
    url, form = (unescape(part) for part in re.search(r"loadDynamic\('([^']+)','([^']+)'", page).groups())
    fields = dict(parse_qsl(form, keep_blank_values=True))
    for number in range(1, 100):
        answer = ask(site, url, form=fields | {"currpage": str(number)} | ({"infotypeId": type} if type else {}))
        assert "GB18030" in answer.content_type
        text = answer.body.decode("gb18030")
        yield from (path_of(href) for href in re.findall(r'tr_main_value_\w+">.*?href="([^"]+)"', text))
        if number >= int(re.search(r"第\d+页/共(\d+)页 共\d+条", text)[1]):
            return


def walk_gkmlpt(site: PortalSite) -> Iterator[str]:
    (column,) = site.column_paths
    root, _, wanted = column.partition("#")
    settings = settings_of(text_of(ask(site, root)))
    if not wanted:
        (wanted,) = (str(n["id"]) for top in settings["TREE"] for n in top["children"] if "年报" in n["name"])
    seen = 0
    for number in range(1, 100):
        api = f"{root.removesuffix('/index')}/api/all/{wanted}?page={number}&sid={settings['SID']}"
        answer = json.loads(ask(site, api).body)
        yield from (path_of(article["url"]) for article in answer["articles"])
        seen += len(answer["articles"])
        if seen >= answer["total"]:
            return


def settings_of(page: str) -> dict:
    source = page[page.index("window._CONFIG = ") :]
    with pytest.raises(ValueError):
        json.JSONDecoder().raw_decode(source.removeprefix("window._CONFIG = "))
    return chompjs.parse_js_object(source)


def walk_ucap(site: PortalSite) -> Iterator[str]:
    (column,) = site.column_paths
    page = text_of(ask(site, column))
    if moved := re.search(r'window\.location\.href="([^"]+)"', page):
        column, page = moved[1], text_of(ask(site, moved[1]))
    if site.variant in ("pager", "redirect"):
        called = re.search(r"createPageHTML\('page_div',(\d+), 1,'(\w+)','shtml',(\d+)\)", page)
        names = [column] + [urljoin(column, f"{called[2]}_{n}.shtml") for n in range(2, int(called[1]) + 1)]
        for name in names:
            rows = re.search(r'<ul class="list">(.*?)</ul>', text_of(ask(site, name)), re.S)[1]
            yield from map(path_of, hrefs(rows))
        return
    channel = re.search(r'<meta name="channelid" content="([0-9a-f]{32})">', page)[1]
    endpoint = "/searchList/" if "'/searchList/'" in page else "/common/search/"
    seen = 0
    for number in range(1, 100):
        query = f"?page={number}&_pageSize=15&_isAgg=true&_isJson=true&_template=index&_rangeTimeGte=&_channelName="
        data = json.loads(ask(site, f"{endpoint}{channel}{query}").body)["data"]
        yield from (path_of(row["url"]) for row in data["results"])
        seen += len(data["results"])
        if seen >= data["total"]:
            return


WALKS: dict[type[PortalSite], Callable[[PortalSite], Iterator[str]]] = {
    JpageSite: walk_jpage,
    JpaasSite: walk_jpaas,
    XxgkSite: walk_xxgk,
    GkmlptSite: walk_gkmlpt,
    UcapSite: walk_ucap,
}
