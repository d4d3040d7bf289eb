"""When two looks at a list page say the same."""

import json

import pytest

from crawler.pages.signature import list_signature
from crawler.platforms import ListPage
from crawler.platforms.static_list import read_list
from crawler.portal import Portal

URL = "http://www.example.gov.cn/zwgk/nb/"
PORTAL = Portal.model_validate(
    {
        "id": "liuxi",
        "name": "柳溪县",
        "platform": "static_list",
        "allowed_hosts": ["www.example.gov.cn"],
        "columns": [{"url": URL}],
    }
)
ROW = (
    '<li><a href="./202401/a.html?sid=7f3a">柳溪县财政局2023年政府信息公开工作年度报告</a><span>2024-01-26</span></li>'
)
PAGE = f"""<html><head><script>var session="8d1f";var t=1711900000;</script></head><body>
<p>今天是2024年4月1日 星期一 农历二月廿三 上午好，欢迎访问。访问量：共10293次</p>
<ul>{ROW}</ul><p>相关说明</p><div>共<b>41</b>条 第1页/共3页</div>
<script>createPageHTML(3, 0, "index", "html");</script></body></html>"""


def signature(page: str) -> str:
    body = page.encode()
    return list_signature(read_list(body, None, URL, PORTAL), page)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("共10293次", "共10311次"),
        ("今天是2024年4月1日 星期一 农历二月廿三 上午好", "今天是2024年12月13日 星期五 农历十一月十三 下午好"),
        ('session="8d1f"', 'session="aa02"'),
        ("t=1711900000", "t=1711986400"),
        ("?sid=7f3a", "?sid=0000"),
        ("<p>相关说明</p>", "<p style='color:red'>相关说明</p>\n\n"),
        ("<ul>", "<!-- built 12:00 --><ul>"),
    ],
)
def test_what_is_no_change(old: str, new: str) -> None:
    assert old in PAGE
    assert signature(PAGE) == signature(PAGE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ul>", '<ul><li><a href="b.html">柳溪县民政局2023年政府信息公开工作年度报告</a><span>2024-01-27</span></li>'),
        (f"<ul>{ROW}</ul>", "<ul><li>暂无数据</li></ul>"),
        ("2024-01-26", "2024-01-27"),
        ("2023年政府", "2022年政府"),
        ("202401/a.html", "202401/b.html"),
        ("<b>41</b>条", "<b>42</b>条"),
        ("createPageHTML(3, 0", "createPageHTML(4, 0"),
        ("相关说明", "本栏目已迁移"),
    ],
)
def test_what_is_a_change(old: str, new: str) -> None:
    assert old in PAGE
    assert signature(PAGE) != signature(PAGE.replace(old, new))


ADDED = [
    ("<p>您是第{}位访客</p>", 10, 11, True),
    ("<p>在线人数：{}</p>", 10, 11, True),
    ("<p>浏览次数：{}次</p>", 10, 11, True),
    ("<p>阅读（{}）</p>", 10, 11, True),
    ("<p>12:30:{}</p>", 10, 11, True),
    ("<p>2024年4月{}日 星期一</p>", 10, 11, True),
    ("<p>本栏目自{}月1日起停止更新</p>", 2, 3, False),
    ('<li><a href="javascript:void(0)" onclick="open1({})">年报</a></li>', 2022, 2023, False),
    ('<li><a href="javascript:go({})">年报</a></li>', 2022, 2023, False),
    ('<li data-id="{}">年报</li>', 2022, 2023, False),
    ('<li><a href="show.jsp?t={}">柳溪县民政局2023年政府信息公开工作年度报告</a></li>', 1, 2, False),
    ('<li><a href="show.jsp?v={0}&a=1">甲</a><a href="show.jsp?v={0}&a=2">乙</a></li>', 1, 2, True),
    ("<iframe src=/{}.html></iframe>", 1, 2, False),
    ("<script>var d=[{{t:'x{}'}}]</script>", 2022, 2023, False),
    ("<script>var build={}</script>", 2022, 2023, True),
    ("<li>柳溪县民政局{}年政府信息公开工作年度报告</li>", 2022, 2023, False),
    ('<li><a href="a.html">柳溪县民政局2023年年报</a><i>更新 {}-02-01</i></li>', 2024, 2025, False),
]


@pytest.mark.parametrize(("added", "old", "new", "is_same"), ADDED)
def test_numbers_count_unless_they_are_counters(added: str, old: int, new: int, is_same: bool) -> None:
    before, after = (signature(PAGE.replace("</body>", added.format(number) + "</body>")) for number in (old, new))
    assert (before == after) is is_same


def test_json_is_the_same_whatever_it_calls_its_answer() -> None:
    def sign(trace: str, hits: int, title: str) -> str:
        answer = {"traceId": trace, "timestamp": 17, "data": {"total": 1, "rows": [{"title": title, "clicks": hits}]}}
        return list_signature(ListPage(), json.dumps(answer))

    assert sign("a1", 5, "报告") == sign("b2", 6, "报告")
    assert sign("a1", 5, "报告") != sign("a1", 5, "另一报告")
    assert list_signature(ListPage(), "{broken") != list_signature(ListPage(), "{broken 2")
