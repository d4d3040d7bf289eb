"""Portal files: every fault at once, with its line, and what would be right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.portal import Portal, host_allowed, is_loopback, load_portal, load_portals
from parsers.strict_toml import ConfigError

ROOT = Path(__file__).parents[2]
GOOD = """\
name = "柳溪县人民政府"
platform = "static_list"
allowed_hosts = ["www.example.gov.cn"]
columns = [{ url = "https://www.example.gov.cn/nb/" }]
"""


def write(folder: Path, text: str, name: str = "liuxi.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_portal(path)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def test_example_is_a_portal_file() -> None:
    portal = load_portal(ROOT / "docs" / "example-portal.toml")
    assert portal.id == "example-portal"
    assert portal.columns[1].agency == "柳溪县财政局"
    assert portal.selectors.row == "ul.list > li"


def test_defaults(tmp_path: Path) -> None:
    portal = load_portal(write(tmp_path, GOOD))
    assert (portal.id, portal.delay_s, portal.fetch, portal.on_loopback) == ("liuxi", 3.0, "plain", False)
    assert (portal.connections, portal.verify_tls, portal.open_hours, portal.is_paced) == (1, True, None, True)
    # What the file does not say can be told from what it says: a deployment may have a delay of its own.
    assert "delay_s" not in portal.model_fields_set
    assert "delay_s" in load_portal(write(tmp_path, "delay_s = 3.0\n" + GOOD)).model_fields_set


def test_all_faults_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
name = "柳"
platform = "static_lists"
allowed_hosts = ["https://www.example.gov.cn/", "ok.example.gov.cn"]
delay = 1
hours = "22-06"
fetch = "chrome"
[[columns]]
url = "https://www.example.gov.cn/nb/"
[[columns]]
url = "ftp://x/"
yaer = 2023
[pages]
pattern = "index.html"
[selectors]
row = "li["
"""
    lines = faults(tmp_path, text)
    begins = [line.split(";")[0].split(" (")[0] for line in lines]
    assert begins == [
        "1: name: must have at least 2 characters",
        "2: platform: unknown platform 'static_lists'",
        '3: allowed_hosts.0: must be a host name in lower case, as in "www.example.gov.cn" or "host:8080"',
        "4: delay: unknown key 'delay'",
        '5: hours: must be a span of Beijing time, as in "22:00-06:00"',
        "6: fetch: must be 'plain' or 'browser'",
        "11: columns.1.yaer: unknown key 'yaer'",
        '13: pages.pattern: must hold {n} once, as in "index_{n}.html"',
        '15: selectors.row: must be a CSS selector, as in "ul.list > li"',
    ]
    assert "expected static_list" in lines[1]
    assert "expected delay_s" in lines[3]
    assert "expected year" in lines[6]


def test_columns_must_be_on_allowed_hosts(tmp_path: Path) -> None:
    text = GOOD.replace(
        '"https://www.example.gov.cn/nb/" }', '"https://www.example.gov.cn/nb/" },\n{ url = "http://else.gov.cn/" }'
    )
    assert faults(tmp_path, text) == ["5: columns.1.url: host else.gov.cn is not among allowed_hosts; add it there"]


@pytest.mark.parametrize(
    ("hosts", "fine"), [('["127.0.0.1:8000", "localhost"]', True), ('["127.0.0.1", "a.gov.cn"]', False)]
)
def test_no_delay_only_on_loopback(tmp_path: Path, hosts: str, fine: bool) -> None:
    text = GOOD.replace('["www.example.gov.cn"]', hosts).replace("https://www.example.gov.cn", "http://127.0.0.1:8000")
    text = "delay_s = 0\n" + text
    if fine:
        assert load_portal(write(tmp_path, text)).on_loopback
    else:
        assert faults(tmp_path, text) == [
            "1: delay_s: must be at least 0.5 seconds (found 0.0); 3.0 is the polite default"
        ]


@pytest.mark.parametrize(("delay", "expected"), [("", 0.0), ("delay_s = 0\n", 0.0), ("delay_s = 0.2\n", 0.2)])
def test_on_loopback_a_delay_is_only_kept_where_it_is_asked_for(tmp_path: Path, delay: str, expected: float) -> None:
    text = delay + GOOD.replace("www.example.gov.cn", "127.0.0.1:8000")
    portal = load_portal(write(tmp_path, text))
    assert (portal.delay_s, portal.is_paced) == (expected, expected > 0)
    assert Portal.model_validate_json(portal.model_dump_json()).delay_s == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("connections = 0", "connections: must be greater than or equal to 1"),
        ("connections = 9", "connections: must be less than or equal to 8"),
        ("connections = true", "connections: must be"),
        ('verify_tls = "no"', "verify_tls: must be"),
        ("daily_budget = 1", "daily_budget: must be greater than or equal to 2"),
    ],
)
def test_politeness_has_bounds(tmp_path: Path, line: str, said: str) -> None:
    (fault,) = faults(tmp_path, GOOD + line)
    assert said in fault and fault.startswith("5: ")


def test_a_proxy_with_a_password_is_not_repeated(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD + 'proxy = "http://me:s3cret@proxy:1"')
    assert "s3cret" not in fault and fault.startswith("5: proxy: must be the name of an environment variable")


def test_syntax_error_has_its_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD + "hours = \n")
    assert fault.startswith("5: not TOML: Invalid value")


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_portal(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_portal(tmp_path / "absent.toml")


def test_earlier_folder_wins_and_faults_of_all_files_are_told(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    write(first, GOOD)
    write(second, GOOD.replace("柳溪县", "清河县"))
    assert load_portals([first, second])["liuxi"].name == "柳溪县人民政府"
    assert load_portals([second, first])["liuxi"].name == "清河县人民政府"
    write(first, "x = 1", "one.toml")
    write(second, "y = 1", "two.toml")
    with pytest.raises(ConfigError) as caught:
        load_portals([first, second, tmp_path / "absent"])
    for part in ("one.toml:1: x", "two.toml:1: y", "absent: is not a folder"):
        assert part in str(caught.value)


def test_portal_travels_as_json(tmp_path: Path) -> None:
    portal = load_portal(write(tmp_path, GOOD))
    assert Portal.model_validate_json(portal.model_dump_json()) == portal


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://a.gov.cn/x", True),
        ("http://A.gov.cn:81/x", True),
        ("http://a.gov.cn./x", True),
        ("http://sub.a.gov.cn/", False),
        ("http://a.gov.cn.evil.example/", False),
        ("http://b.gov.cn:8080/", True),
        ("http://b.gov.cn/", False),
        ("https://c.gov.cn/", True),
        ("http://c.gov.cn/", False),
    ],
)
def test_host_allowed(url: str, allowed: bool) -> None:
    assert host_allowed(url, ["a.gov.cn", "b.gov.cn:8080", "c.gov.cn:443"]) is allowed


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://user@a.gov.cn/", "http://[::1", "//a.gov.cn/", "http://a:x/"]
)
def test_addresses_that_are_never_asked(tmp_path: Path, url: str) -> None:
    portal = load_portal(write(tmp_path, GOOD.replace("www.example.gov.cn", "a.gov.cn")))
    assert not portal.allows(url)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.9.1:80", True), ("[::1]:80", True), ("localhost:1", True),
     ("127.0.0.1.evil.cn", False), ("10.0.0.1", False), ("localhost.evil.cn", False)],
)  # fmt: skip
def test_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@given(st.text(max_size=40))
def test_any_host_text_is_judged(text: str) -> None:
    assert is_loopback(text) in (True, False)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("\n", "\nplace = “柳溪县”\n"), '“ is a full-width character; write "'),
        (("\n", "\nexpect = { min = 27，max = 45 }\n"), "， is a full-width character; write ,"),
        (("\n", '\nplace = "柳溪县\n'), 'a closing " is missing on this line'),
        (("[[columns]]", "[columns]"), "write [[columns]] in place of [columns]"),
        (("[[columns]]\n", ""), "unknown key 'url'; it belongs below [[columns]]"),
        (("\n", "\nexpect = 30\n"), "must be a table, as in expect = { min = …, max = … } (found 30)"),
        (("[[columns]]\n", '[[columns]]\nfetch = "plain"\n'), "'fetch'; it belongs above the first [table]"),
        (('"www.example.gov.cn"', '"https://WWW.example.gov.cn/"'), 'as in "www.example.gov.cn" or'),
    ],
)
def test_what_beginners_write_is_answered_with_what_is_right(
    tmp_path: Path, changed: tuple[str, str], words: str
) -> None:
    text = GOOD.replace("columns = [{ url", "[[columns]]\nurl").replace(" }]", "")
    assert any(words in fault for fault in faults(tmp_path, text.replace(*changed, 1)))
