"""Whether a host hides its deep pages from where we ask."""

import asyncio

import pytest

from crawler.outcomes.place_block import MOST_ASKED, blocked_by_place
from crawler.outcomes.verdict import Answer

HOST = "http://www.example.gov.cn"
LIST = f"{HOST}/zwgk/nb/"
HOME = "<html><h1>柳溪县人民政府</h1>{}</html>"
LINKS = (
    "".join(f'<a href="/channel/{n}.html">栏目{n}</a>' for n in range(5)) + '<a href="/">首页</a><a href="a.pdf">a</a>'
)


def ask_all(
    pages: dict[str, tuple[int | None, str]], known: list[str], finals: dict[str, str] | None = None
) -> tuple[str | None, list[str]]:
    """The answer of blocked_by_place on a host with these pages (404 for others), and what it asked."""
    asked: list[str] = []

    async def ask(url: str) -> Answer:
        asked.append(url)
        status, body = pages.get(url.removeprefix(HOST), (404, "<p>gone</p>"))
        return Answer(url, (finals or {}).get(url, url), status, {}, body.encode())

    return asyncio.run(blocked_by_place(LIST, ask, known)), asked


def test_a_host_that_shows_only_its_home_page() -> None:
    sentence, asked = ask_all({"/": (200, HOME.format(LINKS))}, [])
    assert sentence is not None and "/zwgk/nb/" in sentence and "/channel/2.html" in sentence
    assert asked == [f"{HOST}/", *(f"{HOST}/channel/{n}.html" for n in range(3))]


def test_known_pages_come_first_and_one_of_the_home_page() -> None:
    known = [f"{HOST}/d/{n}.html" for n in range(4)]
    sentence, asked = ask_all({"/": (200, HOME.format(LINKS))}, known)
    assert sentence is not None
    assert asked[1:] == [*known[:2], f"{HOST}/channel/0.html"] and len(asked) == 1 + MOST_ASKED
    # A home page without links: known ones alone.
    sentence, asked = ask_all({"/": (200, HOME.format(""))}, known)
    assert sentence is not None and asked[1:] == known[:3]


@pytest.mark.parametrize(
    ("pages", "known"),
    [
        ({}, []),  # nothing lives
        ({"/": (None, "")}, []),
        ({"/": (403, "no")}, []),
        ({"/": (200, "<script>$_ts=window['$_ts']</script>")}, []),
        ({"/": (200, HOME.format(""))}, []),  # nothing else to ask
        ({"/": (200, HOME.format(LINKS)), "/channel/1.html": (200, "ok")}, []),  # rebuilt, not hidden
        ({"/": (200, HOME.format(LINKS)), "/d/1.html": (304, "")}, [f"{HOST}/d/1.html"]),
        ({"/": (200, HOME.format(LINKS)), "/channel/0.html": (403, "")}, []),
    ],
)
def test_what_is_no_place_filter(pages: dict[str, tuple[int | None, str]], known: list[str]) -> None:
    assert ask_all(pages, known)[0] is None


def test_pages_that_do_not_answer_say_nothing() -> None:
    pages = {"/": (200, HOME.format(LINKS)), "/channel/0.html": (None, ""), "/channel/1.html": (502, "")}
    sentence, _ = ask_all(pages, [])
    assert sentence is not None and "/channel/2.html" in sentence and "/channel/1.html" not in sentence


def test_a_home_page_that_sends_on_to_a_deep_page_shows_that_they_live() -> None:
    home = {f"{HOST}/": f"{HOST}/portal/main.html"}
    assert ask_all({"/": (200, HOME.format(LINKS))}, [], home)[0] is None


def test_other_hosts_are_not_asked() -> None:
    links = '<a href="http://other.gov.cn/a.html">a</a><a href="#x">b</a><a href="index.html">c</a>'
    assert ask_all({"/": (200, HOME.format(links))}, ["http://other.gov.cn/b.html", LIST])[1] == [f"{HOST}/"]
