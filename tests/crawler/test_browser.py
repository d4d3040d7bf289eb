"""Lists that only a browser shows, by the real child process: what is rendered, what is asked for, what it comes to."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.portal import load_portal
from crawler.run import crawl_portal
from crawler.sandbox.portal_site import PortalSite, Publication
from crawler.sandbox.portals.scripted import ScriptedSite
from crawler.sandbox.server import PortalServer
from crawler.summary import CrawlSummary
from db.archive import Archive
from tests.crawler.browser_site import Site, columns, listed, row, rows, serve, why_no_browser

pytestmark = pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or "-")
NOW = datetime(2024, 4, 1, 4, tzinfo=UTC)
SECRET = "http://192.0.2.7/"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


def page(inside: str, script: str = "") -> str:
    return f"<html><head><title>年报</title></head><body>{inside}<script>{script}</script></body></html>"


def fill(url: str, place: str = "list") -> str:
    return (
        f"fetch('{url}').then(a => a.ok ? a.text() : Promise.reject()).then(t => "
        f"document.getElementById('{place}').insertAdjacentHTML('beforeend', t)).catch(() => {{}});"
    )


def crawl(site: Site, folder: Path, *paths: str, **options: object) -> CrawlSummary:
    return crawl_portal(site.portal(*paths, **options), folder / "a.db", contact=None, log_file=folder / "log")


def test_what_a_page_may_ask_for_and_what_it_comes_to(site: Site, tmp_path: Path) -> None:
    """One crawl, a column for each case; good ones between the others, since five refusals in a row end a crawl."""
    site.put("/robots.txt", "User-agent: *\nDisallow: /closed/", media="text/plain")
    site.put("/lib/jquery.js", "window.made = true;", media="application/javascript")
    site.put("/rows", rows(range(3), "/x/"))
    # A list that needs a shared script, a cookie of its own, a form that is posted, and JSON.
    site.pages["/post"] = lambda asked: (200, {}, row(8, "/x/").encode() if asked.body == b"year=2023" else b"")
    site.pages["/json"] = lambda asked: (200, {}, row(9, "/x/").encode() if "u5e74" in asked.body.decode() else b"")
    nasty = (
        "document.cookie='mine=1; path=/';"
        + fill("/rows")
        + "fetch('/post', {method: 'POST', body: new URLSearchParams({year: 2023})}).then(a => a.text())"
        + ".then(t => document.getElementById('list').insertAdjacentHTML('beforeend', t));"
        "fetch('/json', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Token': 't'},"
        " body: JSON.stringify({a: '年'})}).then(a => a.text())"
        + ".then(t => document.getElementById('list').insertAdjacentHTML('beforeend', t));"
        "window.open('/popup'); new WebSocket('ws://' + location.host + '/socket'); navigator.sendBeacon('/beacon');"
        "try { new EventSource('/events'); navigator.serviceWorker.register('/worker.js'); } catch (error) {}"
        f"new Image().src = '/picture.png'; fetch('{SECRET}').catch(() => 0); alert('x'); confirm('y');"
        "let a = document.createElement('a'); a.href = '/file.pdf'; a.download = 'f'; a.click();"
    )
    looks = '<link rel="stylesheet" href="/style.css"><img src="/img.png"><video src="/film.mp4"></video>'
    library = '<script src="/lib/jquery.js"></script>'
    site.put("/nasty/", page(f"{looks}{library}<ul id=list></ul>", nasty), Set_Cookie="server=1; Path=/")
    # A list in a frame that was moved; beside it a frame of another host and a file.
    site.put("/frame/", page(f'<iframe src="/tree/"></iframe><iframe src="{SECRET}count"></iframe>'))
    site.put("/tree/", "", status=302, Location="/moved/here/list.html")
    site.put("/moved/here/list.html", page("<ul id=list></ul>", fill("../rows?x=1&y=2")))
    site.put("/moved/rows?x=1&y=2", rows(range(3)))
    # A script that sends the whole page on; one that loads it again; one that leads elsewhere.
    site.put("/on/", page("", "location.href = ['/next/', 'a=1&b=2'].join('?')"))
    site.put("/next/?a=1&b=2", page(f"{library}<ul id=list></ul>", fill("/rows")))
    site.put("/again/", page("", "if (!sessionStorage.x) { sessionStorage.x = 1; location['re' + 'load'](); }"))
    site.put("/away/", page("", f"location.href = ['{SECRET}'].join('')"))
    # A guard that is known as one; data that are refused, do not come, or must not be asked for.
    site.put("/guard/", "<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={}</script></html>", status=412)
    site.put("/refused/", page("<ul id=list></ul>", fill("/data412")))
    site.put("/data412", "<html></html>", status=412)
    site.put("/closed-data/", page(f"<ul id=list>{row(1)}</ul>", fill("/closed/data")))
    # More comes as the reader goes down.
    down = "let n = 0; addEventListener('scroll', () => { if (n++ < 2) %s });" % fill("/down?' + n + '")  # noqa: UP031
    site.put("/down/", page(f"<ul id=list>{rows(range(3))}</ul>", down))
    for number in (1, 2):
        site.put(f"/down?{number}", rows(range(number * 3, number * 3 + 3)))
    # A page that shows what its fragment says; one in an encoding that it does not name.
    site.put("/spa/", page("<ul id=list></ul>", fill("/' + location.hash.slice(2) + '")))
    text = page(f"<ul>{rows(range(2))}</ul>", "document.body.append(document.createElement('hr'))")
    site.pages["/gbk/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, text.encode("gb18030"))
    names = [
        "gbk",
        "nasty",
        "frame",
        "on",
        "again",
        "down",
        "hangs",
        "refused",
        "polls",
        "guard",
        "away",
        "closed-data",
    ]
    summary = crawl(site, tmp_path, *(f"/{name}/" for name in names), "/spa/#/rows")
    with Archive.open(tmp_path / "a.db") as archive:
        found = columns(archive)
        reports = {f"/x/d{number}.pdf" for number in range(3)}
        assert found["/nasty/"][0] == "ok" and listed(archive, "/nasty/") == reports | {"/x/d8.pdf", "/x/d9.pdf"}
        assert found["/frame/"][0] == "ok" and listed(archive, "/frame/") == {f"/moved/here/d{n}.pdf" for n in range(3)}
        assert found["/on/"][0] == "ok" and listed(archive, "/on/") == reports
        assert found["/spa/#/rows"][0] == "ok" and listed(archive, "/spa/#/rows") == {f"/x/d{n}.pdf" for n in range(3)}
        assert found["/gbk/"][0] == "ok" and len(listed(archive, "/gbk/")) == 2
        assert found["/down/"][0] == "ok" and len(listed(archive, "/down/")) == 9
        assert found["/again/"][:2] == ("blocked", "challenge: a script loads the page again")
        assert found["/guard/"][:2] == ("blocked", "challenge: Ruishu")
        assert found["/refused/"][0] == "blocked" and "/data412: status 412" in (found["/refused/"][1] or "")
        assert found["/away/"][0] == "unknown" and "192.0.2.7 is not among allowed_hosts" in (found["/away/"][1] or "")
        assert found["/closed-data/"][0] == "unknown" and "/closed/data: robots" in (found["/closed-data/"][1] or "")
        visits = archive.query("SELECT url, network, response_headers, sha256, redirects FROM visits ORDER BY id")
        network, headers, sha256 = next(v[1:4] for v in visits if v[0].endswith("/nasty/"))
        assert '"by":"browser","browser":"Chromium ' in network and "charset=utf-8" in headers
        text = archive.get_document(sha256).decode()
        assert '<meta charset="utf-8">' in text and 'data-rendered-by="Chromium ' in text
        assert '[200,"' in next(v[4] for v in visits if v[0].endswith("/on/"))
        raw = next(v[3] for v in visits if v[0].endswith("/guard/"))
        assert archive.get_document(raw) == site.pages["/guard/"][2], "a guard's page is kept as it came"
    paths = site.paths()
    assert paths.count("/lib/jquery.js") == 1, "a script file is asked for once in a crawl"
    never = ("/popup", "/socket", "/beacon", "/events", "/worker.js", "/picture.png", "/style.css", "/img.png",
             "/film.mp4", "/file.pdf", "/closed/data")  # fmt: skip
    assert not [path for path in paths if path in never]
    assert not [asked.headers for asked in site.asked if not asked.headers["user-agent"].startswith("nianbao/")]
    assert {"mine=1", "server=1"} <= set(site.of("/rows").headers["cookie"].split("; "))
    assert site.of("/json").headers["x-token"] == "t"
    plain = [a for a in site.asked if a.path in {f"/{name}/" for name in names} or a.path.endswith(".pdf")]
    assert not [asked for asked in plain if "mine" in asked.headers.get("cookie", "")], "no cookie of the browser"
    assert summary.requests == len(paths)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_loading_more(site: Site, tmp_path: Path) -> None:
    """The button is clicked until it is gone, disabled, or brings nothing; whatever ends it before makes it unknown."""

    def more(name: str, batches: int, after: str, size: int = 3) -> None:
        """A list of so many batches; after: what the script does once batch n is there."""
        for number in range(1, batches):
            site.put(f"/{name}/more?{number}", rows(range(number * size, number * size + size)))
        script = (
            "let n = 0; const button = document.getElementById('more'), list = document.getElementById('list');"
            "button.onclick = () => { n++; fetch('more?' + n).then(a => a.ok ? a.text() : '').then(t => {"
            f"{after} list.insertAdjacentHTML('beforeend', t); }}); }}; list.className = 'ready';"
        )
        inside = f"<ul id=list>{rows(range(size))}</ul><a id=more href='javascript:;'>加载更多</a>"
        site.put(f"/{name}/", page(inside, script))

    more("gone", 3, "if (n === 2) button.remove();")
    more("disabled", 2, "button.className = 'btn disabled';")
    more("says", 2, "button.textContent = '没有更多了';")
    more("empty", 2, "")
    site.put("/empty/more?2", "")
    more("without-end", 9, "")
    more("broken", 2, "")
    more("replaces", 2, "list.innerHTML = '';")
    site.put("/inert/", page(f"<ul id=list class=ready>{row(1)}</ul><button id=more>加载更多</button>"))
    names = ["gone", "disabled", "without-end", "says", "broken", "empty", "replaces", "inert"]
    browser = {"wait_for": "#list.ready", "more": "#more", "most_clicks": 2}
    crawl(site, tmp_path, *(f"/{name}/" for name in names), browser=browser)
    with Archive.open(tmp_path / "a.db") as archive:
        found = columns(archive)
        for name, number in {"gone": 9, "disabled": 6, "says": 6, "empty": 6}.items():
            assert found[f"/{name}/"][:2] == ("ok", None), name
            assert len(listed(archive, f"/{name}/")) == number, name
        words = {
            "without-end": "there is still more after most_clicks = 2",
            "broken": "/broken/more?2: status 404",
            "replaces": "puts other entries in the place",
            "inert": "clicking it does nothing",
        }
        for name, said in words.items():
            outcome, evidence, _ = found[f"/{name}/"]
            assert outcome == "unknown" and said in (evidence or ""), (name, evidence)
        read = {read.column.rsplit("/", 2)[1]: read.outcome for read in archive.column_reads("liuxi")}
        assert {read[name] for name in words} == {"unknown"}, "never silently short"
        assert len(listed(archive, "/without-end/")) == 9, "what came is kept"


def test_pages_that_do_not_end(site: Site, tmp_path: Path) -> None:
    """Each costs its own time and some seconds, and is not known; the next one is shown as ever."""
    ready = f"<ul id=list class=ready>{row(1)}</ul>"
    site.put("/hangs/", page(ready, "while (true) {}"))
    site.put("/polls/", page(ready, "setInterval(() => fetch('/poll?' + Math.random()), 50)"))
    site.put("/never/", page(f"<ul>{row(1)}</ul>"))
    begun = time.monotonic()
    crawl(site, tmp_path, "/hangs/", "/polls/", "/never/", browser={"wait_for": "#list.ready", "timeout_s": 1.5})
    assert time.monotonic() - begun < 30
    with Archive.open(tmp_path / "a.db") as archive:
        found = columns(archive)
        assert {read.outcome for read in archive.column_reads("liuxi")} == {"failed", "unknown"}
    assert found["/hangs/"][:2] == ("failed", "the page hung in the browser for 1.5 s")
    assert found["/polls/"][:2] == ("unknown", "the page did not come to rest within browser.timeout_s = 1.5")
    said = "browser.wait_for = '#list.ready' did not appear within browser.timeout_s = 1.5"
    assert found["/never/"][:2] == ("unknown", said)


def test_pace_and_pages_of_reports(site: Site, tmp_path: Path) -> None:
    """With a delay, whatever a page loads waits for its turn and counts, and the pause is no fault of the page. Pages
    of reports come in the browser only with browser.pages = "all", files never."""
    title = "柳溪县财政局2023年政府信息公开工作年度报告"
    entry = f'<li><a href="d.html" title="{title}">{title}</a><span>2024-01-26</span></li>'
    site.put("/nb/", page("<ul id=list></ul>", "".join(fill(f"/rows?{n}") for n in range(4))))
    for number in range(4):
        site.put(f"/rows?{number}", entry if number == 3 else "")
    write = "document.getElementById('zoom').innerHTML = '一、总体情况。'.repeat(40) + '<a href=f.pdf>附件</a>'"
    site.put("/nb/d.html", page(f"<h1>{title}</h1><div id=zoom></div>", write), ETag='"1"')
    site.pages["/nb/f.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 1")
    browser = {"pages": "all", "timeout_s": 2.0}
    summary = crawl(site, tmp_path, "/nb/", delay_s=0.5, browser=browser, daily_budget=8)
    gaps = [b.arrived - a.answered for a, b in zip(site.asked, site.asked[1:], strict=False)]
    assert min(gaps) >= 0.49
    assert summary.outcome == "ok" and len(site.asked) == summary.requests == 8, "all of it counts for the budget"
    with Archive.open(tmp_path / "a.db") as archive:
        assert columns(archive)["/nb/"] == ("ok", None, 5)
        by = dict(archive.query("SELECT kind, network LIKE '%Chromium%' FROM visits"))
        assert by == {"robots": 0, "list": 1, "detail": 1, "attachment": 0}
        # Asked again, a page is rendered anew: its validators say nothing of what its scripts load.
        site.asked.clear()
        crawl_portal(site.portal("/nb/", browser=browser), tmp_path / "a.db", contact=None, again=True)
        assert not any("if-none-match" in asked.headers for asked in site.asked)
        assert archive.query("SELECT kind, outcome FROM visits WHERE outcome = 'unchanged' AND kind <> 'robots'") == [
            ("list", "unchanged"),
            ("detail", "unchanged"),
            ("attachment", "unchanged"),
        ]


def publications() -> list[Publication]:
    def body(day: object) -> str:
        return "<p>一、总体情况。本机关认真贯彻落实政府信息公开条例，主动公开政府信息。</p>" * 6

    made = []
    for number in range(32):
        at = datetime(2024, 1, 2 + number % 28, 3, tzinfo=UTC)
        title = f"柳溪县第{number}局2023年政府信息公开工作年度报告"
        kind = "other" if number % 8 == 7 else "report"
        title = f"柳溪县第{number}局政府信息公开指南" if kind == "other" else title
        made.append(Publication(number, title, kind, "柳溪县", at, body, agency_id=f"a{number}", year=2023))
    return made


def test_pretend_portals(tmp_path: Path) -> None:
    """All variants as the columns of one portal."""
    sites: list[PortalSite] = [
        ScriptedSite(variant, "柳溪县人民政府", "柳溪县", publications(), variant=variant)
        for variant in ScriptedSite.variants
    ]
    with PortalServer(sites, NOW) as server:
        server.portal_tomls(tmp_path)
        portals = [load_portal(tmp_path / f"{site.id}.toml") for site in sites]
        wanted = {server.host(site.id): site.truth(NOW) for site in sites}
        portal = next(portal for portal in portals if portal.browser.more).model_copy(
            update={
                "allowed_hosts": [host for portal in portals for host in portal.allowed_hosts],
                "columns": [column for portal in portals for column in portal.columns],
            }
        )
        summary = crawl_portal(portal, tmp_path / "a.db", contact=None, now=NOW)
    assert summary.columns == {"ok": 3, "blocked": 1}
    found: dict[str, set[str]] = {host: set() for host in wanted}
    with Archive.open(tmp_path / "a.db") as archive:
        for (url,) in archive.query("SELECT page_url FROM sightings"):
            found[urlsplit(url).netloc].add(urlsplit(url).path)
    assert found == {host: {entry.path for entry in truth} for host, truth in wanted.items()}
    assert sorted(map(len, found.values())) == [0, 28, 28, 28]


def test_what_a_guard_keeps_from_a_page_counts_though_its_list_is_there(site: Site, tmp_path: Path) -> None:
    site.put("/part/", page(f"<ul id=list>{row(1, '/x/')}</ul>", fill("/refused")))
    site.put("/refused", "请求被WEB防火墙拦截", status=403)
    crawl(site, tmp_path, "/part/", browser={"wait_for": "#list"})
    with Archive.open(tmp_path / "a.db") as archive:
        assert columns(archive)["/part/"][0] == "blocked"
