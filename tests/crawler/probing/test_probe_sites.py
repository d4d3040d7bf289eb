"""Looks at small sites and pretend portals in a process of their own: what is found, and what cannot be."""

import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.errors import CrawlError
from crawler.portal import PortalFile
from crawler.probing.child import look as child_look
from crawler.probing.needed import is_to_be_filled
from crawler.probing.order import WITH_BROWSER, ProbeOrder
from crawler.probing.result import Probe
from crawler.probing.run import order_of, probe_site
from crawler.sandbox.portal_site import PortalSite
from crawler.sandbox.portals import site_class
from crawler.sandbox.server import PortalServer
from parsers.strict_toml import ConfigError, parse_strict
from tests.crawler.probing.looking import ORIGIN, PORTAL
from tests.crawler.probing.many_looks import look_all
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications
from tests.crawler.small_site import Page, Site, html, row, serve, title

PUBLICATIONS = publications(40, files=False)
SECTION = html(
    '<title>政府信息公开_柳溪县人民政府</title><a href="nb/">政府信息公开年报</a><a href="zn/">政府信息公开指南</a>'
)
HOME = html('<title>柳溪县人民政府</title><a href="/zwgk/">政务公开</a><a href="/news/">要闻</a>')


def column(*rows: str, name: str = "政府信息公开年报") -> Page:
    return html(f"<title>{name}_柳溪县人民政府</title><ul>{''.join(rows)}</ul>")


class Case(NamedTuple):
    """A look at a small site: its pages, where the look begins, and what must come of it."""

    pages: dict[str, Page]
    path: str
    check: Callable[[Probe, Site], None]
    most: int = 12


def doubts_are_told(probe: Probe, site: Site) -> None:
    assert probe.found and len(probe.reports) == 4
    doubts = {doubt.what: doubt.why for doubt in probe.doubts}
    assert "no address leads on" in doubts[title("水利局")]
    assert "allowed_hosts does not name" in doubts["www.liuxi.gov.cn"]
    assert "cut short" in doubts["柳溪县司法局2023年政府信息公开工作年…"]
    assert "without an agency" in doubts["2022年政府信息公开工作年度报告"]
    assert "outside gov.cn" in doubts["柳溪县林业局2023年政府信息公开年报"]
    whys = "\n".join(doubts.values()) + "\n".join(doubt.why for doubt in probe.doubts)
    assert "years away from the reporting year" in whys and "with two dates" in whys
    assert "# expect = { min = " in probe.draft  # a row leads nowhere


def only_columns_are_drafted(probe: Probe, site: Site) -> None:
    """Beside what the home page shows of the column: an explanation, a notice, a picture of the figures."""
    assert probe.found and [one.url for one in probe.columns] == [f"http://{site.host}/nb/"], probe.columns
    file = parse_strict(probe.draft, PortalFile, "draft")
    assert [one.url for one in file.columns] == [f"http://{site.host}/nb/"] and file.expect.min == 2
    assert not any(path.startswith("/a/") for path in site.paths())


def all_groups_are_drafted(probe: Probe, site: Site) -> None:
    assert probe.found, probe.sentence
    read = {one.url.removeprefix(f"http://{site.host}"): (one.outcome, one.reports) for one in probe.columns}
    assert read == {"/zwgk/nb/": ("ok", 3), "/zwgk/bm/": ("ok", 3), "/zwgk/xz/": ("ok", 3)}
    assert len(parse_strict(probe.draft, PortalFile, "draft").columns) == 3
    assert len(probe.reports) == 9 and site.paths().count("/zwgk/nb/") == 1


def the_address_that_sends_on_to_this_year_stays(probe: Probe, site: Site) -> None:
    assert probe.found and [one.url for one in probe.columns] == [f"http://{site.host}/nb/"]


def it_is_bounded_and_says_what_was_left(probe: Probe, site: Site) -> None:
    assert probe.requests == len(site.asked) == 5
    assert probe.found and "not all was read" in probe.sentence
    assert any("--most 10" in doubt.why for doubt in probe.doubts)
    assert "# expect" in probe.draft and len(probe.reports) == 4


def sentence(words: str, requests: int) -> Callable[[Probe, Site], None]:
    """Asked for once: a person waits. More such sentences: test_probe_ending.py."""

    def check(probe: Probe, site: Site) -> None:
        assert not probe.found and words in probe.sentence, probe.sentence
        assert probe.requests == len(site.asked) == requests
        assert not probe.draft

    return check


def groups() -> dict[str, Page]:
    tabs = '<a href="/zwgk/nb/">县政府</a><a href="/zwgk/bm/">部门</a><a href="/zwgk/xz/">乡镇</a>'
    pages = {"/": HOME, "/zwgk/": SECTION}
    for path, agencies in (("nb", "财政局"), ("bm", "水利局"), ("xz", "审计局")):
        pages[f"/zwgk/{path}/"] = column(tabs, *(row(f"{n}.html", f"{agencies}第{n}分局") for n in range(3)))
    return pages


def nine_pages() -> dict[str, Page]:
    pager = "".join(f'<a href="index_{n}.html">{n + 1}</a>' for n in range(1, 9))
    return {
        f"/nb/{'' if number == 1 else f'index_{number - 1}.html'}": column(
            row(f"{number}.html", f"第{number}局"), f"<li>{pager}</li>"
        )
        for number in range(1, 10)
    }


CASES = [
    Case(
        {
            "/nb/": column(
                row("http://www.liuxi.gov.cn/a.html", "财政局"),
                row("javascript:show(1)", "水利局"),
                row("c.html", "审计局"),
                '<li><a href="d.html">柳溪县司法局2023年政府信息公开工作年…</a></li>',
                '<li><a href="e.html">2022年政府信息公开工作年度报告</a><span>2009-01-02</span></li>',
                '<li><a href="/art/2024/3/1/art_1_9.html">柳溪县民政局2020年政府信息公开年报</a>'
                "<span>2021-01-02</span></li>",
                '<li><a href="https://www.example.com/f.html">柳溪县林业局2023年政府信息公开年报</a>'
                "<span>2024-01-02</span></li>",
            )
        },
        "/nb/",
        doubts_are_told,
    ),
    Case(
        {
            "/": html(
                '<title>柳溪县人民政府</title><a href="/nb/">政府信息公开年报</a>'
                '<a href="/a/1.html">解读：柳溪县水利局2023年政府信息公开工作年度报告</a>'
                '<a href="/a/2.html">一图读懂：柳溪县2023年政府信息公开年报</a>'
                '<a href="/a/t20240301_77.html">2023年政府信息公开年报</a>'
                '<a href="/a/3.html">柳溪县2022年政府信息公开工作年度报告公布情况</a>'
            ),
            "/nb/": column(row("a.html", "财政局"), row("b.html", "水利局"), row("c.html", "审计局")),
        },
        "/",
        only_columns_are_drafted,
    ),
    Case(groups(), "/", all_groups_are_drafted),
    Case(
        {
            "/nb/": html("<script>location.replace('./2023n/')</script>"),
            "/nb/2023n/": column(row("a.html", "财政局"), row("b.html", "水利局"), row("c.html", "审计局")),
        },
        "/nb/",
        the_address_that_sends_on_to_this_year_stays,
    ),
    Case(nine_pages(), "/nb/", it_is_bounded_and_says_what_was_left, most=5),
    Case({"/busy/": html("busy", 503)}, "/busy/", sentence("too busy", 2)),
    Case(
        {"/away/": (302, {"Location": "http://www.liuxi.gov.cn/nb/"}, b"")},
        "/away/",
        sentence("--allow www.liuxi.gov.cn", 2),
    ),
    Case(
        {"/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private/")},
        "/private/",
        sentence("robots.txt forbids", 1),
    ),
]
# Rows from an endpoint, a tree in a script, a list in the page behind an address that sends on.
SHAPES = ("jpaas:column", "gkmlpt:tree", "static_list:redirect")
# Codes that no page says.
UNFILLED = {"trs:fjdzapp": ["channelid", "chnlid"], "longxun:external": ["siteId"]}
BY_BROWSER = "scripted:more"
NO_CHROMIUM = "/no/such/program"
NOWHERE = "http://www.liuxi-has-no-such-host.invalid/nb/"


# One test for all of them, since they share a process. No time is given: what these portals say of the time is real.
def test_looks(tmp_path: Path) -> None:
    sites = [pretend(shape) for shape in (*SHAPES, *UNFILLED, "scripted:frame", "scripted:challenge", BY_BROWSER)]
    with ExitStack() as stack:
        small = [stack.enter_context(serve()) for _ in CASES]
        server = PortalServer(sites, NOW)
        server.real_dates = True
        stack.enter_context(server)
        orders = [order_of(NOWHERE, tmp_path / "nowhere.db", contact="watch@example.org")]
        for number, (case, site) in enumerate(zip(CASES, small, strict=True)):
            site.pages = dict(case.pages)
            url = f"http://{site.host}{case.path}"
            orders.append(order_of(url, tmp_path / f"{number}.db", most=case.most))
        for name in (site.id for site in sites):
            chromium = None if name == id_of(BY_BROWSER) else NO_CHROMIUM
            orders.append(order_of(f"{server.origin(name)}/", tmp_path / f"{name}.db", chromium=chromium))
        nowhere, *probes = look_all(orders)
        assert not nowhere.found and nowhere.requests == 1
        assert "typing error" in nowhere.sentence or "no answer" in nowhere.sentence
        for case, site, probe in zip(CASES, small, probes, strict=False):
            case.check(probe, site)
        of_sites = dict(zip((site.id for site in sites), probes[len(CASES) :], strict=True))
        for shape in SHAPES:
            every_report_is_found(of_sites[id_of(shape)], server, shape)
            assert of_sites[id_of(shape)].requests <= 12
        for shape, names in UNFILLED.items():
            options = tomllib.loads(of_sites[id_of(shape)].draft)["options"]
            assert [name for name, value in options.items() if is_to_be_filled(value)] == names
        framed, guarded = of_sites["scripted_frame"], of_sites["scripted_challenge"]
        assert not framed.found and f"{NO_CHROMIUM}' in config.toml is no program" in framed.sentence
        assert 'fetch = "browser"' in framed.draft and not framed.reports
        assert not guarded.found and "blocked" in guarded.sentence and not guarded.draft
        assert "a browser does not help" in guarded.sentence
        it_is_shown_by_a_browser(of_sites[id_of(BY_BROWSER)], server)


def id_of(shape: str) -> str:
    return shape.replace(":", "_")


def pretend(shape: str) -> PortalSite:
    name, _, variant = shape.partition(":")
    return site_class(name)(id_of(shape), PORTAL_NAME, PLACE, PUBLICATIONS, variant=variant)


def every_report_is_found(probe: Probe, server: PortalServer, shape: str) -> None:
    name = id_of(shape)
    origin, site, truth = server.origin(name), server.site(name), server.truth(name)
    right = {column["url"] for column in site.portal_file(origin)["columns"]}
    asked = sum(one.portal == name for one in server.asked)
    assert probe.found and probe.platform == site.platform, probe.sentence
    assert sorted((report.url.removeprefix(origin), report.year) for report in probe.reports) == sorted(
        (one.path, one.year) for one in truth
    )
    assert "read to the end" in probe.sentence and asked == probe.requests
    file = parse_strict(probe.draft, PortalFile, "the draft")
    assert (file.name, file.place, file.platform) == (PORTAL_NAME, PLACE, site.platform)
    assert file.expect.min <= len(truth) <= (file.expect.max or 0)
    assert len(file.columns) == 1 and (shape == "gkmlpt:tree" or {file.columns[0].url} == right)


def it_is_shown_by_a_browser(probe: Probe, server: PortalServer) -> None:
    """From the home page to a button that loads more; what else a page may say of it: test_probe_rendered.py."""
    every_report_is_found(probe, server, BY_BROWSER)
    said = tomllib.loads(probe.draft)
    assert (said["fetch"], said["browser"]) == ("browser", {"wait_for": "#list a", "more": "#more"})
    assert "a browser shows it" in probe.draft and probe.requests <= 12 * WITH_BROWSER


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
