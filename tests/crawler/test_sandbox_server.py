"""The pretend portals as a client sees them."""

import csv
import re
import socket
import threading
import time
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.server import FolderPortal, SandboxServer
from tests.crawler.sandbox.client import get

COUNTRY = Country.build(1)
REPORTS = Path(__file__).parents[3] / "shared" / "reports"


def decoded(body: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("neither utf-8 nor gb18030")


def walk(url: str) -> list[tuple[str, str]]:
    """(address, title) of every entry of a column, over all its pages, by its links or its counting script."""
    entries: list[tuple[str, str]] = []
    todo, seen = [url], set()
    while todo:
        page = todo.pop(0)
        if page in seen:
            continue
        seen.add(page)
        response, body = get(page)
        assert response.status == 200
        text = re.sub("<!--.*?-->", "", decoded(body), flags=re.S)
        for href, attributes, title in re.findall(r'<a href="(\./[^"]*/[^"/]*\d{4}\.html)"([^>]*)>([^<]+)</a>', text):
            full = re.search(r'title="([^"]+)"', attributes)
            entries.append((urljoin(page, href), full.group(1) if full else title))
        todo += [urljoin(page, href) for href in re.findall(r'<a href="(?:\./)?([a-z]+_\d\.html)"', text)]
        counted = re.search(r'createPageHTML\((\d+), \d+, "(\w+)", "(\w+)"\)', text)
        if counted:
            count, stem, ending = counted.groups()
            todo += [urljoin(page, f"{stem}_{n}.{ending}") for n in range(1, int(count))]
    return entries


def test_every_report_is_listed_and_served_from_its_hour_on() -> None:
    days = COUNTRY.demo_days()
    with SandboxServer(COUNTRY) as server:
        for now in (days[0], days[-1]):
            server.now = now
            reports: Counter[tuple[str, int]] = Counter()
            for site in server.sites:
                listed = walk(server.column_url(site.id))
                there = [(server.origin(site.id) + site.article_path(item), item.title) for item in site.shown(now)]
                assert Counter(listed) == Counter(there)
                truth = server.truth(site.id)
                assert {(server.origin(site.id) + true.path, true.title) for true in truth} <= set(listed)
                reports.update((true.agency_id, true.year) for true in truth)
                for url, title in listed[::9]:
                    response, body = get(url)
                    assert response.status == 200
                    assert title in decoded(body)
            assert reports == Counter((plan.agency.id, plan.year) for plan in COUNTRY.published(now))
        newest = server.sites[0].shown(now)[0]
        url = server.origin(server.sites[0].id) + server.sites[0].article_path(newest)
        assert newest.published_at > days[0] and get(url)[0].status == 200
        server.now = days[0]
        assert get(url)[0].status == 404


def test_lists_have_several_pages_and_end() -> None:
    with SandboxServer(COUNTRY, COUNTRY.demo_days()[-1]) as server:
        for site in server.sites:
            url = server.column_url(site.id)
            entries = walk(url)
            assert len(entries) == len({url for url, _ in entries}) == len(site.publications) > 15
            beyond = urljoin(url, "index_99.html")
            assert get(urljoin(url, "list_99.html"))[0].status == 404
            assert get(beyond)[0].status == 404
            assert get(f"http://{server.host(site.id)}/robots.txt")[1].startswith(b"User-agent: *")
        looks = [get(server.column_url(site.id))[1] for site in server.sites]
        assert any(b"createPageHTML" in look for look in looks) and any("下一页".encode() in look for look in looks)


def test_unchanged_pages_answer_304() -> None:
    with SandboxServer(COUNTRY) as server:
        for site in server.sites:
            url = server.column_url(site.id)
            first = get(url)[0]
            validators = {}
            if first.headers["ETag"]:
                validators["If-None-Match"] = first.headers["ETag"]
            validators["If-Modified-Since"] = first.headers["Last-Modified"]
            again, body = get(url, validators)
            assert (again.status, body) == (304, b"")
            server.now = COUNTRY.demo_days()[-1]
            assert get(url, validators)[0].status == 200
            server.now = COUNTRY.demo_days()[0]
            assert get(url, method="HEAD")[1] == b""
            assert get(url, {"If-Modified-Since": "gibberish"})[0].status == 200
        assert {(asked.status, asked.portal) for asked in server.asked} >= {(304, site.id) for site in server.sites}
        assert len({bool(get(server.column_url(site.id))[0].headers["ETag"]) for site in server.sites}) == 2


def test_the_page_with_a_build_date_changes_its_bytes_but_not_its_report() -> None:
    (innocent,) = [i for i in COUNTRY.innocents if i.kind == "build-date"]
    days = COUNTRY.demo_days()
    with SandboxServer(COUNTRY, days[-2]) as server:
        site = next(site for site in server.sites if innocent.agency_id.startswith(site.id.removeprefix("county_")))
        (url,) = [u for u, t in walk(server.column_url(site.id)) if innocent.agency in t and str(innocent.year) in t]
        pages = []
        for now in days[-2:]:
            server.now = now
            pages.append(decoded(get(url)[1]))
        assert 'name="PubDate" content="2024-04-02 03:12"' in pages[0]
        assert 'name="PubDate" content="2024-04-10 03:12"' in pages[1]
        assert pages[0].replace("2024-04-02", "2024-04-10") == pages[1]
        assert "发布日期" not in pages[0]


def test_portal_files_and_register(tmp_path: Path) -> None:
    with SandboxServer(COUNTRY) as server:
        written = server.portal_tomls(tmp_path)
        assert sorted(written) == sorted(tmp_path.iterdir())
        hosts = set()
        for path in tmp_path.glob("*.toml"):
            portal = tomllib.loads(path.read_text("utf-8"))
            assert portal["platform"] == "static_list" and portal["delay_s"] == 0
            (column,) = portal["columns"]
            assert get(column["url"])[0].status == 200
            assert portal["allowed_hosts"] == [urlsplit(column["url"]).netloc]
            hosts.add(portal["allowed_hosts"][0])
        assert len(hosts) == len(COUNTRY.places) == 3
        with (tmp_path / "agencies.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["id"] for row in rows] == [agency.id for agency in COUNTRY.agencies]
        assert {row["portal"] for row in rows} == {path.stem for path in tmp_path.glob("*.toml")}


def test_the_crawlers_own_loaders_accept_the_files(tmp_path: Path) -> None:
    from crawler.portal import load_portals
    from crawler.register.table import load_agencies

    with SandboxServer(COUNTRY) as server:
        server.portal_tomls(tmp_path)
        portals = load_portals([tmp_path])
        assert all(portal.on_loopback for portal in portals.values()) and len(portals) == 3
        assert load_agencies(tmp_path / "agencies.csv") == list(COUNTRY.agencies)


def test_a_portal_can_refuse_and_recover() -> None:
    with SandboxServer(COUNTRY) as server:
        first, second = server.sites[0].id, server.sites[1].id
        server.fail(first, "412")
        response, body = get(server.column_url(first))
        assert response.status == 412 and b"$_ts" in body
        assert get(server.column_url(second))[0].status == 200
        server.recover(first)
        assert get(server.column_url(first))[0].status == 200
        with pytest.raises(KeyError, match="no portal"):
            server.fail("elsewhere", "412")


def test_reports_as_attachments() -> None:
    with SandboxServer(COUNTRY, COUNTRY.demo_days()[-1], formats=("html", "pdf", "docx")) as server:
        heads = {}
        for site in server.sites:
            for item in site.publications:
                for index, file in enumerate(item.files):
                    if file.media in heads:
                        continue
                    path = site.file_path(item, file, index)
                    page = decoded(get(server.origin(site.id) + site.article_path(item))[1])
                    assert path.rsplit("/", 1)[-1] in page
                    response, body = get(server.origin(site.id) + path)
                    heads[file.media] = (response.headers["Content-Type"].split("/")[0], body[:4])
        assert heads == {"pdf": ("application", b"%PDF"), "docx": ("application", b"PK\x03\x04")}
    with pytest.raises(ValueError, match="unknown format"):
        SandboxServer(COUNTRY, formats=("wps",))


def test_stopping_is_clean_and_bounded() -> None:
    before = threading.active_count()
    server = SandboxServer(COUNTRY)
    with server:
        host, port = server.host(server.sites[0].id).split(":")
        idle = socket.create_connection((host, int(port)))
        began = time.monotonic()
    assert time.monotonic() - began < 6
    idle.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="with statement"):
        server.host(server.sites[0].id)
    with pytest.raises(ValueError, match="time zone"):
        server.now = datetime(2024, 1, 1)


def test_folder_portal_serves_given_files() -> None:
    files = [
        ("柳溪县水务局2023年政府信息公开工作年度报告", "<html><body>正文</body></html>".encode("gbk"), "html"),
        ("柳溪县民政局2023年政府信息公开工作年度报告", b"%PDF-1.4 not really", "pdf"),
        ("柳溪县司法局2023年政府信息公开工作年度报告", "\t规章\n".encode(), "text"),
    ]
    with FolderPortal(files) as server:
        entries = {title: url for url, title in walk(server.column_url("folder"))}
        assert list(entries) == [title for title, _, _ in reversed(files)]
        response, body = get(entries[files[0][0]])
        assert body == files[0][1] and response.headers["Content-Type"] == "text/html"
        for title, data, media in files[1:]:
            page = decoded(get(entries[title])[1])
            (name,) = re.findall(r'附件：<a href="([^"]+)"', page)
            response, body = get(urljoin(entries[title], name))
            assert body == data and name.endswith({"pdf": ".pdf", "text": ".txt"}[media])


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not beside the repository")
def test_folder_portal_serves_the_real_reports() -> None:
    media = {".html": "html", ".pdf": "pdf", ".txt": "text"}
    files = [
        (path.stem, path.read_bytes(), media[path.suffix]) for path in sorted(REPORTS.iterdir()) if path.suffix in media
    ]
    with FolderPortal(files) as server:
        assert len(walk(server.column_url("folder"))) == len(files) > 5
