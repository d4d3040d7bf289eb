"""Reports and files behind guards, in odd shapes and encodings, and hosts that refuse or hide everything."""

from crawler.sandbox import guard_replies as r
from crawler.sandbox.guard_replies import Reply, bare, html, listing, move, report, row
from crawler.sandbox.guard_site import GuardSite
from db.records import Outcome


def pages_site() -> GuardSite:
    """Reports and their files behind guards, missing in disguise, in odd shapes; and what is no report beside them."""
    site = GuardSite("guard-pages")
    rows: list[str] = []

    def entry(name: str, outcome: Outcome, evidence: str, *replies: Reply, agency: str = "财政局") -> None:
        rows.append(row(f"d/{name}.html", agency))
        site.add(f"/nb/d/{name}.html", "detail", outcome, evidence, *replies)

    def good() -> None:
        entry(f"good-{len(rows)}", "ok", "", report("民政局"), agency="民政局")

    refusing = [
        ("ruishu", "Ruishu", bare(r.RUISHU, 412)),
        ("jiasule", "521", html("", 521)),
        ("words", "安全威胁", html(r.ALIYUN)),
        ("shell", "cookie shell", bare(r.COOKIE_SHELL)),
        ("home", "home page", r.home()),
    ]
    for name, evidence, reply in refusing:
        good()
        entry(name, "blocked", evidence, reply)
    for name, words, reply in [
        ("missing", "status 404", html("", 404)),
        ("soft", "页面不存在", html(r.MISSING)),
        ("home-moved", "redirected to", move("{origin}/")),
        ("withdrawn", "sends on to", bare('<meta http-equiv=refresh content="0;url=../">')),
    ]:
        entry(name, "gone", words, reply)
    site.add("/", "list", None, "", r.home())  # only ever reached by redirects
    entry("column", "unknown", "nothing that was", listing(row("x.html"), row("y.html", "水利局")))
    entry("stub", "unknown", "stub", html("<!-- -->" * 30, title=""))
    entry("again", "ok", "", html("later", 429, Retry_After="0"), report())
    entry("moved", "ok", "", move("{twin}/nb/d/moved.html", 301), report())
    # Ordinary pages that speak of guards, or come with their cookies and headers.
    entry("speaks", "ok", "", report(more=r.SPEAKS_OF_BLOCKS))
    entry("cookies", "ok", "", report(
        Set_Cookie=f"{r.JSLUID}, HWWAFSESID=1; path=/", X_Via_JSL="a1b2c3,-", WZWS_RAY="1-2-3"))  # fmt: skip
    entry("counter", "ok", "", report(more=r.COUNTER, head="<script>var _stats=1</script>"))
    entry("other-title", "ok", "", html(f'<div id="zoom"><h2>年度报告</h2><p>{"本年度公开情况如下。" * 60}</p></div>'))
    # Files.
    files: list[tuple[str, Outcome, str, str, Reply]] = [
        ("a1.pdf", "ok", "", '<a href="{f}">附件</a>', r.PDF),
        ("a2.pdf", "failed", "web page", '<a href="{f}">附件</a>', html("<p>请登录后下载</p>")),
        ("a3.pdf", "gone", "status 404", '<a href="{f}">附件</a>', html("", 404)),
        ("a4.pdf", "gone", "页面不存在", '<a href="{f}">附件</a>', html(r.MISSING)),
        ("a5.pdf", "failed", "a text came", '<a href="{f}">附件</a>', bare('{"code":500}', type="application/json")),
        ("a6.pdf", "blocked", "captcha", '<a href="{f}">附件</a>', html(r.CAPTCHA)),
        ("a7.PDF", "ok", "", "<a href=\"javascript:void(0)\" onclick=\"down3('a7.PDF')\">附件下载</a>", r.PDF),
        ("a8.docx", "ok", "", '<a href="javascript:void(0)" data-url="{f}">年报</a>', r.WORD),
        ("a9.pdf", "ok", "", '<iframe src="/pdf/viewer.html?file=%2Fnb%2Fd%2Fa9.pdf"></iframe>', r.PDF),
        ("b1.pdf", "ok", "", '<embed src="{f}" type="application/pdf">', r.PDF),
        ("b2.pdf", "ok", "", '<object data="{f}"></object>', r.PDF),
        ("down.jsp?filename=7f.pdf&showname=%E5%B9%B4%E6%8A%A5.pdf", "ok", "",
         '<a href="down.jsp?filename=7f.pdf&amp;showname=%E5%B9%B4%E6%8A%A5.pdf">下载</a>', r.PDF),
        ("%E5%B9%B4%20%E6%8A%A5.wps", "ok", "", '<a href="..\\d\\年 报.wps">附件</a>', r.WORD),
        ("file.jsp?id=7", "blocked", "captcha", '附件【<a href="{f}">年报.docx</a>】', html(r.CAPTCHA)),
        ("html.doc", "ok", "", '<a href="{f}">附件</a>', bare(
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>年报</body></html>')),
    ]  # fmt: skip
    for number, (name, outcome, evidence, link, reply) in enumerate(files):
        entry(f"file-{number}", "ok", "", report(more=link.replace("{f}", name)))
        site.add(f"/nb/d/{name}", "attachment", outcome, evidence, reply)
    rows.append(row("whole.pdf", "商务局"))
    site.add("/nb/whole.pdf", "attachment", "ok", "", r.PDF)
    # The office's report beside the government's, a title without agency, the same page twice.
    for name, title in [
        ("government", "柳溪县人民政府2023年政府信息公开工作年度报告"),
        ("office", "柳溪县人民政府办公室2023年政府信息公开工作年度报告"),
        ("no-agency", "2023年政府信息公开工作年度报告"),
        ("cut", "柳溪县住房和城乡建设局2023年政府信息公开工作年度报告（全文）"),
    ]:
        rows.append(row(f"d/{name}.html", title=title, shown=title[:14] + "…"))
        site.add(f"/nb/d/{name}.html", "detail", "ok", "", report("教育局"))
    rows.append(row("d/office_wap.html", title="柳溪县人民政府办公室2023年政府信息公开工作年度报告"))
    site.add("/nb/d/office_wap.html", "detail", None, "", report("教育局"))
    for name, title in [
        ("form", "柳溪县政府网站工作年度报表（2023年度）"),
        ("published", "柳溪县2023年政府信息公开年报公布情况"),
        ("enforcement", "柳溪县水利局2023年行政执法年度报告"),
    ]:
        rows.append(row(f"d/{name}.html", title=title))
        site.add(f"/nb/d/{name}.html", "detail", "ok", "", html(f"<h1>{title}</h1><div id=zoom>{'文字' * 90}</div>"))
    for name, title in [
        ("guide", "柳溪县政府信息公开指南"),
        ("picture", "一图读懂柳溪县2023年政府信息公开工作年度报告"),
        ("reading", "解读：柳溪县2023年政府信息公开工作年度报告"),
        ("notice", "关于做好2023年政府信息公开年度报告编制工作的通知"),
    ]:
        rows.append(row(f"d/{name}.html", title=title))
        site.add(f"/nb/d/{name}.html", "detail", None, "", html(f"<h1>{title}</h1>"))
    rows.append(row("http://www.example.com/art/2024/1/26/art_1_2.html", "文旅局"))  # a copy on a foreign host
    site.column("/nb/", "ok", "", listing(*rows))
    site.add("/robots.txt", "robots", "gone", "status 404", html("", 404))
    _add_encodings(site)
    return site


def _add_encodings(site: GuardSite) -> None:
    """Lists and reports in encodings that are not declared, or wrongly."""
    rare = "㵐溪镇𬒈堡"  # the second place's name has a character that GBK lacks
    for name, encoding, label, kind in [
        ("gbk-undeclared", "gbk", "", "text/html"),
        ("gbk-meta", "gbk", "gb2312", "text/html"),
        ("gbk-as-utf8", "gbk", "utf-8", "text/html; charset=UTF-8"),
        ("utf8-bom", "utf-8-sig", "", "text/html"),
        ("utf8-as-gbk", "utf-8", "gb2312", "text/html; charset=gbk"),
        ("gb18030-as-gb2312", "gb18030", "gb2312", "text/html; charset=gb2312"),
    ]:
        agency = rare if encoding == "gb18030" else "青石镇人民政府"
        options = {"encoding": encoding, "label": label, "type": kind}
        site.column(f"/{name}/", "ok", "", listing(row("r.html", agency), **options))
        site.add(f"/{name}/r.html", "detail", "ok", "", report(agency, **options))
    site.column("/zipped/", "ok", "", r.zipped(listing(row("r.html", "林业局"))))
    site.add("/zipped/r.html", "detail", "ok", "", r.zipped(report("林业局")))


def refusing_site() -> GuardSite:
    """robots.txt is refused, which is taken for a refusal of everything."""
    site = GuardSite("guard-robots")
    site.add("/robots.txt", "robots", "blocked", "status 403", html("", 403))
    site.column("/nb/", "blocked", "robots", listing(row("x.html")))
    site.add("/nb/x.html", "detail", None, "", report())
    return site


def hiding_site() -> GuardSite:
    """A live home page, and 404 for everything below it: what is shown to us depends on where we ask from."""
    site = GuardSite("guard-place")
    site.add("/", "detail", "ok", "", r.home())
    site.column("/nb/", "blocked", "deep pages", html("", 404))
    site.column("/nb/towns/", "blocked", "deep pages", html("", 404))
    for number in (1, 2, 3):  # what is asked to find out
        site.add(f"/channel/{number}.html", "detail", "blocked", "", html("", 404))
    return site
