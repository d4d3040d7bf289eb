"""Lists behind guards, lists that are gone in disguise, lists that are empty and lists that only look so."""

from crawler.sandbox import guard_replies as r
from crawler.sandbox.guard_replies import Reply, bare, html, listing, move, report, row
from crawler.sandbox.guard_site import GuardSite
from db.records import Outcome


def lists_site() -> GuardSite:
    """Lists of all kinds, each a column of its own."""
    site = GuardSite("guard-lists")
    _add_refused_and_missing(site)
    _add_empty_and_scripted(site)
    return site


def _add_refused_and_missing(site: GuardSite) -> None:
    """Lists that are blocked, gone or failing."""
    site.add("/robots.txt", "robots", "ok", "", bare("User-agent: *\nDisallow: /private/\n", type="text/plain"))
    script = "<script>go()</script>"
    blocked: list[tuple[str, str, Reply]] = [
        ("ruishu-412", "Ruishu", bare(r.RUISHU, 412)),
        ("ruishu-202", "Ruishu", bare(r.RUISHU, 202)),
        ("ruishu-200", "Ruishu", bare(r.RUISHU)),
        ("ruishu-400", "Ruishu", bare(r.RUISHU, 400)),
        ("script-202", "status 202", bare(script, 202)),
        ("ruishu-cookie", "cookie", bare(script, Set_Cookie=f"Kq81ZtPw0a3S={'x9' * 60}; path=/")),
        ("jiasule-521", "cookie shell", bare(r.JIASULE_FIRST, 521, Set_Cookie=r.JSLUID)),
        ("jiasule-go", "Jiasule", bare(r.JIASULE_GO, 521)),
        ("jiasule-200", "Jiasule", bare(r.JIASULE_GO)),
        ("jiasule-words", "疑似黑客攻击", html("<p>当前访问疑似黑客攻击，已被创宇盾拦截</p>")),
        ("jiasule-header", "x-via-jsl", bare(script, X_Via_JSL="a1b2c3,-")),
        ("wzws-493", "status 493", html("<p>refused</p>", 493)),
        ("wzws-200", "360 WAF", bare(r.WZWS, WZWS_RAY="1-2-3")),
        ("wzws-cookie", "wzws_sessionid", bare(script, Set_Cookie="wzws_sessionid=abc; path=/")),
        ("wzws-slider", "360 WAF", bare("<script>waf_slider_verify()</script>", 403)),
        ("yunsuo-403", "Yunsuo", html(r.YUNSUO, 403)),
        ("yunsuo-200", "Yunsuo", html(r.YUNSUO)),
        ("yunsuo-cookie", "security_session", bare(script, Set_Cookie="security_session_mid_verify=1; path=/")),
        ("xuanwu-200", "造成危险", html(r.XUANWU, encoding="gb18030", label="gb2312")),
        ("aliyun-405", "Aliyun", html(r.ALIYUN, 405)),
        ("aliyun-script", "Aliyun", bare("<script>var arg1='A';setCookie('acw_sc__v2',x)</script>")),
        ("huawei-418", "Huawei", html(r.HUAWEI, 418, Set_Cookie="HWWAFSESID=1; path=/")),
        ("safedog-200", "Safedog", html(r.SAFEDOG)),
        ("baota-200", "challenge", html(r.BAOTA, title="网站防火墙")),
        ("wangsu-200", "访问行为存在异常", html(r.WANGSU)),
        ("wangsu-461", "status 461", html("<p>refused</p>", 461)),
        ("safeline-468", "SafeLine", bare(r.SAFELINE, 468)),
        ("safeline-cookie", "safeline", bare(script, Set_Cookie="safeline_bot_challenge=1; path=/")),
        ("wall-200", "拦截", html(r.WEB_WALL)),
        ("wall-title", "访问异常页面", html("<p>事件编号 1</p>", title="访问异常页面")),
        ("c3vk-200", "cookie shell", bare(r.COOKIE_SHELL)),
        ("slider-200", "slider", html(r.SLIDER, title="请稍候…")),
        ("slider-405", "slider", html(r.SLIDER, 405, title="请稍候…")),
        ("captcha-200", "captcha", html("<form>请完成安全验证<div id=slider></div></form>")),
        ("rate-429", "status 429", html("<p>later</p>", 429, Retry_After="0")),
        ("rate-503", "status 503", html("<p>later</p>", 503)),
        ("rate-words", "频繁", html("<p>您的访问过于频繁，请稍后再试</p>")),
        ("rate-home", "home page", r.home()),
        ("place-403", "GeoBL", bare("reason:GeoBL", 403)),
        ("plain-403", "status 403", html("<p>Forbidden</p>", 403)),
    ]
    for number, (name, evidence, reply) in enumerate(blocked):
        if number % 3 == 0:
            site.ordinary(f"/ok/{number}/")
        site.column(f"/b/{name}/", "blocked", evidence, reply)
    site.ordinary("/ok/private/")
    site.column("/private/", "blocked", "robots", listing(row("x.html")))
    site.add("/private/x.html", "detail", None, "", report())
    # 521 twice and the page after it: it is not asked a second time.
    site.column("/b/jiasule-twice/", "blocked", "521", html("", 521), html("", 521), listing(row("x.html")))
    site.column("/b/rate-once/", "ok", "", html("later", 429, Retry_After="0"), listing(row("r.html", "司法局")))
    site.add("/b/rate-once/r.html", "detail", "ok", "", report("司法局"))
    away: list[tuple[str, Outcome, str, Reply]] = [
        ("404", "gone", "status 404", html("<p>nothing here</p>", 404)),
        ("410", "gone", "status 410", html("<p>nothing here</p>", 410)),
        ("soft", "gone", "您访问的页面不存在", html(r.MISSING)),
        ("soft-title", "gone", "404", html("<p>5秒后返回首页</p>", title="404 Not Found")),
        ("soft-in-frame", "gone", "该信息已被删除", html(f"<div>{r.NAVIGATION}</div><p>该信息已被删除</p>")),
        ("to-home", "gone", "redirected to", move("{origin}/")),
        ("to-index", "gone", "redirected to", move("{origin}/index.html", 301)),
        ("to-parent", "gone", "redirected to", move("{origin}/a/")),
        ("to-error", "gone", "redirected to", move("{origin}/404.html")),
        ("script-home", "gone", "sends on to", bare("<script>setTimeout(\"location.href='/'\",5000)</script>找不到")),
        ("refresh-parent", "gone", "sends on to", bare('<meta http-equiv="refresh" content="0;url=../">')),
        ("500", "failed", "status 500", html("<p>error</p>", 500)),
        ("502", "failed", "status 502", html("<p>error</p>", 502)),
        ("400", "unknown", "status 400", html("<p>Bad Request</p>", 400)),
        ("stub", "unknown", "stub", html("<!-- -->" * 30, title="")),
        ("closed", "unknown", "维护", html("<h1>网站正在升级维护中</h1><p>请于3月1日后访问</p>")),
        ("nothing", "unknown", "empty answer", bare("")),
        ("strange", "unknown", "nothing that was asked for", html(f"<p>{'欢迎来到柳溪。' * 40}</p>")),
    ]  # fmt: skip
    for number, (name, outcome, evidence, reply) in enumerate(away):
        if number % 3 == 0:
            site.ordinary(f"/ok/away-{number}/")
        site.column(f"/a/{name}/", outcome, evidence, reply)
    for path in ("/", "/index.html", "/a/", "/404.html"):
        site.add(path, "list", None, "", r.home())  # only ever reached by redirects
    site.ordinary("/ok/last/")
    site.column("/b/ct6ts-once/", "ok", "", move("{origin}/b/ct6ts-once/", Set_Cookie="CT6TS=1f2e; path=/"),
                listing(row("r.html", "审计局")))  # fmt: skip
    site.add("/b/ct6ts-once/r.html", "detail", "ok", "", report("审计局"))
    loop = move("{origin}/b/ct6ts/", Set_Cookie="CT6TS=1f2e; path=/")
    site.column("/b/ct6ts/", "blocked", "CT6TS", loop)


def _add_empty_and_scripted(site: GuardSite) -> None:
    """Lists that are empty, lists that only look so, and roots that send their readers on."""
    site.ordinary("/ok/")
    empty = [
        ("plain", "暂无相关信息", listing(more='<div class="list"><p>暂无相关信息</p></div>')),
        ("row", "暂无数据", listing("<li>暂无数据</li>")),
        ("cell", "没有查询到", html("<table class=gl><tr><td colspan=3>没有查询到相关记录！</td></tr></table>")),
        ("gbk", "暂无内容", listing("<li>暂无内容</li>", encoding="gb18030", label="gb2312")),
        ("fragment", "暂无相关信息", bare("暂无相关信息")),
        ("json", '"total":0', bare('{"code":200,"data":{"total":0,"rows":[]}}', type="application/json")),
        ("datastore", "totalrecord", bare("<datastore><totalrecord>0</totalrecord></datastore>", type="text/xml")),
        ("counter", "暂无信息", listing("<li>暂无信息</li>", more="<script>$.get('/visit/count',set)</script>")),
    ]
    for name, evidence, reply in empty:
        site.column(f"/e/{name}/", "empty", evidence, reply)
    nothing = '<ul class="list"><li>暂无数据</li></ul>'
    scripted = [
        ("template", "template", html(f"<ul><li v-for='a in list'>{{{{a.title}}}}</li></ul>{nothing}")),
        ("rest-of-template", "template", html(f"<script type='text/html'><li><?=el.link?></li></script>{nothing}")),
        ("app", "frame for a script", html(f"<div id=app></div>{nothing}<script src='/app.js'></script>")),
        ("loads", "script", html(f"{nothing}<script>$.ajax({{url:'/api/list',success:show}})</script>")),
        ("fills", "nothing that was", html(f"<div id=rows8>{nothing}</div><script>fill('rows8')</script>")),
        ("empty-place", "empty place", html(f"<ul id=showData0></ul>{nothing}<script src='/x.js'></script>")),
        ("jpage", "script makes", html(f"{nothing}<script>$('#7').jpage({{totalRecord:9}})</script>")),
        ("in-script", "script makes", html(
            "<script>var u='./a.html';document.writeln('<li><a href='+u+'>a</a></li>')</script>")),
        ("cdata", "script makes", html(
            "<script type='text/xml'><datastore><totalrecord>1</totalrecord><recordset><record><![CDATA["
            f"{row('a.html')}]]></record></recordset></datastore></script>")),
        ("past-the-end", "nothing that was", bare("<datastore><recordset></recordset></datastore>", type="text/xml")),
        ("iframe", "frame", html(f"<iframe src='http://xxgk.example.gov.cn/list.html'></iframe>{nothing}")),
        ("hidden", "nothing that was", html("<div class=list><p style='display: none'>暂无数据</p></div><p>年报</p>")),
        ("in-template", "template", html(f"<template>{nothing}</template><p>年报</p>")),
        ("noscript", "nothing that was", html(f"<noscript>{nothing}</noscript><p>政府信息公开年报</p>")),
        ("comment", "nothing that was", html(f"<!-- {nothing} --><p>政府信息公开年报</p>")),
        ("aside", "nothing that was", html(f"<div class=related>{nothing}</div><p>年报</p>")),
        ("in-a-text", "nothing that was", html(f"<div class=list><p>{'本栏说明。' * 9}暂无数据的另行公布。</p></div>")),
        ("json-rows", "nothing that was", bare('{"total":1,"rows":[{"title":"x"}]}', type="application/json")),
        ("json-unsure", "nothing that was", bare('{"total":0,"rows":[{"title":"x"}]}', type="application/json")),
    ]  # fmt: skip
    for name, evidence, reply in scripted:
        site.column(f"/s/{name}/", "unknown", evidence, reply)
    # Lists whose pages are fine, and which were still not read to their end, or are not the list that was asked for.
    nb = report("水利局")
    water = row("r.html", "水利局")
    last_year = row("r.html", title="柳溪县水利局2022年政府信息公开工作年度报告")
    counted = '<script>createPageHTML(2, 0, "index", "html");</script>'
    by_script = "<a href='javascript:next(2)'>下一页</a>"
    site.column("/c/more/", "ok", "", listing(water, more="<button>加载更多</button>"), read="unknown")
    site.column("/c/next/", "ok", "", listing(water, more=by_script), read="unknown")
    site.column("/c/stub/", "ok", "", listing(water, more=counted), read="unknown")
    site.add("/c/stub/index_1.html", "list", "unknown", "stub", html("<!-- -->" * 30, title=""))
    site.column("/c/last-year/", "ok", "", listing(last_year), read="unknown", year=2023)
    for name in ("more", "next", "stub", "last-year"):
        site.add(f"/c/{name}/r.html", "detail", "ok", "", nb)
    # Roots.
    refresh = '<html><head><meta http-equiv="refresh" content="0; url=./2023nb/"></head></html>'
    site.column("/shells/refresh/", "ok", "sends on to ./2023nb/", bare(refresh))
    site.column(
        "/shells/replace/", "ok", "sends on to ./2023nb/", bare("<script>location.replace('./2023nb/')</script>")
    )
    for name in ("refresh", "replace"):
        site.add(f"/shells/{name}/2023nb/", "list", "ok", "", listing(row("r.html", "林业局")))
        site.add(f"/shells/{name}/2023nb/r.html", "detail", "ok", "", report("林业局"))
