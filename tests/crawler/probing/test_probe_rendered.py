"""What a rendered page says of what to wait for and of the button that loads more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.probing.rendered import wishes

LINKS = "".join(
    f'<li><a href="{n}.html">柳溪县{name}2023年政府信息公开工作年度报告</a></li>'
    for n, name in enumerate(("财政局", "水利局", "审计局"))
)


def said(rendered: str, came: str = "") -> dict[str, str]:
    page = f"<html data-rendered-by='x'><body>{rendered}</body></html>"
    return wishes(page.encode(), f"<body>{came}</body>".encode(), None)


@pytest.mark.parametrize(
    ("rendered", "came", "wait_for"),
    [
        (f'<ul id="list">{LINKS}</ul>', '<ul id="list"></ul>', "#list a"),
        # What holds links before the list is there says nothing: the class inside it does.
        (
            f'<div id="main"><a href="/">首页</a><ul class="news">{LINKS}</ul></div>',
            '<div id="main"><a href="/">首页</a></div>',
            "ul.news a",
        ),
        # A frame, put into its place, has its own document: what is around it is not in it.
        (f'<div id="out"><div data-frame="/t.html"><ul class="rows">{LINKS}</ul></div></div>', "", "ul.rows a"),
        # A number of this page alone names nothing tomorrow.
        (f'<div id="box-20240126"><ul>{LINKS}</ul></div>', "", None),
        (f'<ul id="list">{LINKS}</ul>', f'<ul id="list">{LINKS}</ul>', None),
        ('<ul id="list"><li><a href="1.html">要闻</a></li></ul>', "", None),
    ],
)
def test_what_to_wait_for(rendered: str, came: str, wait_for: str | None) -> None:
    assert said(rendered, came).get("wait_for") == wait_for


@pytest.mark.parametrize(
    ("rendered", "more"),
    [
        ('<button id="more">加载更多</button>', "#more"),
        ('<div class="load-more"><span>点击加载更多 ∨</span></div>', "div.load-more > span"),
        ('<div id="foot"><a href="javascript:;">查看更多&gt;&gt;</a></div>', "#foot > a"),
        ('<input type="button" class="btn" value="更多">', "input.btn"),
        ('<a id="news" href="/news/">查看更多</a>', None),
        ('<span id="x">更多</span>', None),
        ('<button id="more" style="display: none">加载更多</button>', None),
        ('<p class="a">加载更多</p><p class="a">其他</p>', None),
        ("<p>要闻</p>", None),
    ],
)
def test_which_button_loads_more(rendered: str, more: str | None) -> None:
    assert said(rendered).get("more") == more


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_are_a_page(rendered: bytes, came: bytes) -> None:
    assert set(wishes(rendered, came, None)) <= {"wait_for", "more"}
