"""What robots.txt allows, and what its answers come to."""

from crawler.asking.robots import LONGEST_CRAWL_DELAY_S, read_robots
from crawler.outcomes.verdict import Answer

URL = "http://www.example.gov.cn/robots.txt"


def robots(status: int | None, body: str = "", error: str | None = None) -> tuple[bool, str]:
    rules, verdict = read_robots(Answer(URL, URL, status, {}, body.encode(), error))
    return rules.refuses("http://www.example.gov.cn/zwgk/") is None, verdict.outcome


def test_robots() -> None:
    assert robots(200, "User-agent: *\nDisallow: /admin/") == (True, "ok")
    assert robots(200, "User-agent: *\nDisallow: /") == (False, "ok")
    assert robots(200, "User-agent: nianbao\nDisallow: /zwgk/\n\nUser-agent: *\nAllow: /") == (False, "ok")
    assert robots(200, "<html>首页</html>") == (True, "ok")
    assert robots(404) == (True, "gone")
    assert robots(400) == (True, "unknown")
    assert robots(403) == (False, "blocked")
    assert robots(429) == (False, "blocked")
    assert robots(503) == (False, "failed")
    assert robots(None, error="connection refused") == (False, "failed")


def test_robots_crawl_delay_is_bounded() -> None:
    rules, _ = read_robots(Answer(URL, URL, 200, {}, b"User-agent: *\nCrawl-delay: 9000"))
    assert rules.crawl_delay_s == LONGEST_CRAWL_DELAY_S < 9000
