"""Looks at small sites and pretend portals, each by a real child process: what is found, and what cannot be."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import CrawlError
from crawler.portal import PortalFile
from crawler.probing.child import look as child_look
from crawler.probing.order import ProbeOrder
from crawler.probing.result import Probe
from crawler.probing.run import probe_site
from crawler.sandbox.portals import site_class
from crawler.sandbox.server import PortalServer
from parsers.strict_toml import ConfigError, parse_strict
from tests.crawler.probing.looking import ORIGIN, PORTAL
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications
from tests.crawler.small_site import Site, html, row, serve, title

PUBLICATIONS = publications(40, files=False)
SECTION = html(
    '<title>政府信息公开_柳溪县人民政府</title><a href="nb/">政府信息公开年报</a><a href="zn/">政府信息公开指南</a>'
)
HOME = html('<title>柳溪县人民政府</title><a href="/zwgk/">政务公开</a><a href="/news/">要闻</a>')


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def look(site: Site, path: str, **how: object) -> Probe:
    return probe_site(f"http://{site.host}{path}", contact=None, **how)  # type: ignore[arg-type]


def column(*rows: str, name: str = "政府信息公开年报") -> tuple[int, dict[str, str], bytes]:
    return html(f"<title>{name}_柳溪县人民政府</title><ul>{''.join(rows)}</ul>")


# Rows from an endpoint, a tree in a script, a list in the page behind an address that sends on.
@pytest.mark.parametrize("shape", ["jpaas:column", "gkmlpt:tree", "static_list:redirect"])
def test_from_the_home_page_to_every_report(shape: str) -> None:
    name, _, variant = shape.partition(":")
    site = site_class(name)("liuxi", PORTAL_NAME, PLACE, PUBLICATIONS, variant=variant)
    with PortalServer([site], NOW) as server:
        origin = server.origin("liuxi")
        probe = probe_site(f"{origin}/", contact=None, now=NOW)
        truth = site.truth(NOW)
        right = {column["url"] for column in site.portal_file(origin)["columns"]}
        asked = len(server.asked)
    assert probe.found and probe.platform == site.platform, probe.sentence
    assert sorted((report.url.removeprefix(origin), report.year) for report in probe.reports) == sorted(
        (one.path, one.year) for one in truth
    )
    assert "read to the end" in probe.sentence and asked == probe.requests <= 12
    file = parse_strict(probe.draft, PortalFile, "the draft")
    assert (file.name, file.place, file.platform) == (PORTAL_NAME, PLACE, site.platform)
    assert file.expect.min <= len(truth) <= (file.expect.max or 0)
    assert len(file.columns) == 1 and (shape == "gkmlpt:tree" or {file.columns[0].url} == right)


def test_what_is_doubtful_about_a_list(site: Site) -> None:
    site.pages["/nb/"] = column(
        row("http://www.liuxi.gov.cn/a.html", "财政局"),
        row("javascript:show(1)", "水利局"),
        row("c.html", "审计局"),
        '<li><a href="d.html">柳溪县司法局2023年政府信息公开工作年…</a></li>',
        '<li><a href="e.html">2022年政府信息公开工作年度报告</a><span>2009-01-02</span></li>',
        '<li><a href="/art/2024/3/1/art_1_9.html">柳溪县民政局2020年政府信息公开年报</a><span>2021-01-02</span></li>',
        '<li><a href="https://www.example.com/f.html">柳溪县林业局2023年政府信息公开年报</a><span>2024-01-02</span></li>',
    )
    probe = look(site, "/nb/")
    assert probe.found and len(probe.reports) == 4
    doubts = {doubt.what: doubt.why for doubt in probe.doubts}
    assert "no address leads on" in doubts[title("水利局")]
    assert "allowed_hosts does not name" in doubts["www.liuxi.gov.cn"]
    assert "cut short" in doubts["柳溪县司法局2023年政府信息公开工作年…"]
    assert "without an agency" in doubts["2022年政府信息公开工作年度报告"]
    assert "outside gov.cn" in doubts["柳溪县林业局2023年政府信息公开年报"]
    whys = "\n".join(doubts.values()) + "\n".join(doubt.why for doubt in probe.doubts)
    assert "years away from the reporting year" in whys and "with two dates" in whys


def test_columns_of_several_groups_are_all_drafted(site: Site) -> None:
    site.pages["/"] = HOME
    tabs = '<a href="/zwgk/nb/">县政府</a><a href="/zwgk/bm/">部门</a><a href="/zwgk/xz/">乡镇</a>'
    site.pages["/zwgk/"] = SECTION
    for path, agencies in (("nb", "财政局"), ("bm", "水利局"), ("xz", "审计局")):
        rows = [row(f"{n}.html", f"{agencies}第{n}分局") for n in range(3)]
        site.pages[f"/zwgk/{path}/"] = column(tabs, *rows)
    probe = look(site, "/")
    assert probe.found, probe.sentence
    read = {one.url.removeprefix(f"http://{site.host}"): (one.outcome, one.reports) for one in probe.columns}
    assert read == {"/zwgk/nb/": ("ok", 3), "/zwgk/bm/": ("ok", 3), "/zwgk/xz/": ("ok", 3)}
    assert len(parse_strict(probe.draft, PortalFile, "draft").columns) == 3
    assert len(probe.reports) == 9 and site.paths().count("/zwgk/nb/") == 1


def test_the_address_that_sends_on_to_this_year_stays(site: Site) -> None:
    site.pages["/nb/"] = html("<script>location.replace('./2023n/')</script>")
    site.pages["/nb/2023n/"] = column(row("a.html", "财政局"), row("b.html", "水利局"), row("c.html", "审计局"))
    probe = look(site, "/nb/")
    assert probe.found and [one.url for one in probe.columns] == [f"http://{site.host}/nb/"]


def test_a_look_is_bounded_and_says_what_was_left(site: Site) -> None:
    pages = 9
    for number in range(1, pages + 1):
        name = "" if number == 1 else f"index_{number - 1}.html"
        pager = "".join(f'<a href="index_{n}.html">{n + 1}</a>' for n in range(1, pages))
        site.pages[f"/nb/{name}"] = column(row(f"{number}.html", f"第{number}局"), f"<li>{pager}</li>")
    probe = look(site, "/nb/", most=5)
    assert probe.requests == len(site.asked) == 5
    assert probe.found and "not all was read" in probe.sentence
    assert any("--most 10" in doubt.why for doubt in probe.doubts)
    assert "# expect" in probe.draft and len(probe.reports) == 4


@pytest.mark.parametrize(
    ("path", "words", "requests"),
    [("/busy/", "too busy", 2), ("/away/", "--allow www.liuxi.gov.cn", 2), ("/private/", "robots.txt forbids", 1)],
)
def test_what_cannot_be_read_ends_in_a_sentence(site: Site, path: str, words: str, requests: int) -> None:
    """Once asked: a person waits. More such sentences: test_probe_ending.py."""
    site.pages = {
        "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private/"),
        "/busy/": html("busy", 503),
        "/away/": (302, {"Location": "http://www.liuxi.gov.cn/nb/"}, b""),
    }
    probe = look(site, path)
    assert not probe.found and words in probe.sentence, probe.sentence
    assert probe.requests == len(site.asked) == requests
    assert not probe.draft


def test_a_host_that_is_not_there() -> None:
    probe = probe_site("http://www.liuxi-has-no-such-host.invalid/nb/", contact="watch@example.org")
    assert not probe.found and probe.requests == 1
    assert "typing error" in probe.sentence or "no answer" in probe.sentence


@pytest.mark.parametrize(
    ("url", "allow", "words"),
    [
        ("www.liuxi.gov.cn/nb/", (), "https://www.liuxi.gov.cn/nb/"),
        ("ftp://www.liuxi.gov.cn/", (), "no web address"),
        ("http://[::1/", (), "no web address"),
        ("http://www.liuxi.gov.cn/", ("http://xxgk.liuxi.gov.cn/",), "allowed_hosts"),
    ],
)
def test_what_is_no_address(url: str, allow: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("[", r"\[")):
        probe_site(url, contact=None, allow=allow)


@pytest.mark.parametrize(
    ("contact", "now", "words"),
    [(None, None, "`contact`"), ("a@example.org", datetime(2024, 1, 1, tzinfo=UTC), "--now")],
)
def test_what_keeps_a_look_from_beginning(
    tmp_path: Path, contact: str | None, now: datetime | None, words: str
) -> None:
    order = ProbeOrder(url=f"{ORIGIN}/", portal=PORTAL, archive=tmp_path / "a.db", contact=contact, now=now)
    with pytest.raises(CrawlError, match=words):
        child_look(order)
