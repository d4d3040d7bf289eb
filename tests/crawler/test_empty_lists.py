"""Which lists are empty, and which only look so: the sentence that says it is believed only where a list stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.outcomes.verdict import Answer, Signs, judge
from crawler.platforms.static_list import read_list
from crawler.portal import Portal

URL = "http://www.example.gov.cn/zwgk/xxgknb/"
ROW = '<ul><li><a href="./a.html">柳溪县财政局2023年政府信息公开工作年度报告</a><span>2024-01-26</span></li></ul>'
PORTAL = Portal.model_validate(
    {
        "id": "liuxi",
        "name": "柳溪县人民政府",
        "platform": "static_list",
        "allowed_hosts": ["www.example.gov.cn"],
        "columns": [{"url": URL}],
    }
)
EMPTY = "<li>暂无数据</li>"


def says_empty(html: str) -> str | None:
    page = read_list(f"<html><body>{html}</body></html>".encode(), None, URL, PORTAL)
    assert page.says_empty is None or not page.has_structure
    return page.says_empty


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<div class=list>暂无相关信息</div>", "暂无相关信息"),
        (f"<div class=nav>{'<a href=/a>栏目</a>' * 30}</div><ul class=list>{EMPTY}</ul>", "暂无数据"),
        ("<table><tr><td>没有查询到相关信息！</td></tr></table>", "没有查询到"),
        ("<div class='main'><p><font>暂 无 内 容</font></p></div>", "暂无内容"),
        ("<ul class=list><li>暂无年报</li></ul>", "暂无年报"),
        (f"<ul>{EMPTY}</ul><script>$.get('/click/count',f)</script>", "暂无数据"),
        ("<div>当前位置：首页</div><div>暂无数据</div>", "暂无数据"),
        ("<ul></ul><p>暂无数据</p><p>联系我们</p>", "暂无数据"),
        (f"<ul id=list>{EMPTY}</ul><script src='/jQuery.min.js'></script><script src=/page.js></script>", "暂无数据"),
    ],
)
def test_lists_that_are_empty(html: str, words: str) -> None:
    assert says_empty(html) == words


@pytest.mark.parametrize(
    "html",
    [
        f"<ul v-for='a in b'>{EMPTY}</ul>",
        f"<ul>{EMPTY}</ul><script type='text/template'><li>a</li></script>",
        f"<ul>{EMPTY}</ul><p>{{{{page.total}}}}</p>",
        f"<div id='app'></div><ul>{EMPTY}</ul>",
        f"<ul>{EMPTY}</ul><script>fetch('/api/list').then(show)</script>",
        f"<ul>{EMPTY}</ul><script>$.post('/x',{{pageSize:15}},function(d){{count=d.hits}})</script>",
        f"<ul id=rows7>{EMPTY}</ul><script>$('#rows7').html(x)</script>",
        f"<ul class=rows7>{EMPTY}</ul><script>document.querySelector('.rows7').innerHTML=x</script>",
        f"<ul id=list></ul><ul>{EMPTY}</ul>",
        f"<ul id=list>{EMPTY}</ul><script src='/js/newsList.js?v=2'></script>",
        "<div class=list><p v-if='rows.length==0'>暂无数据</p></div>",
        "<div class=list ng-controller='nb'><p>暂无数据</p></div>",
        f"<iframe src='list.html'></iframe><ul>{EMPTY}</ul>",
        f"<ul style='display:none'>{EMPTY}</ul>",
        f"<ul hidden>{EMPTY}</ul>",
        f"<div class=comments><ul>{EMPTY}</ul></div>",
        f"<footer><ul>{EMPTY}</ul></footer>",
        "<p>本栏目暂无数据的，由各单位于三十日内补充完整，并在栏目首页说明原因和补充时间，逾期通报。</p>",
        f"<template><ul>{EMPTY}</ul></template>",
        f"<noscript><ul>{EMPTY}</ul></noscript>",
        f"<script>var none = '<ul>{EMPTY}</ul>'</script>",
        f"<!-- <ul>{EMPTY}</ul> -->",
        "<select><option>暂无数据</option></select>",
        "<i>暂无数据</i><p>政府信息公开年报</p><p>本页说明</p><p>各单位年报请见左侧栏目，或拨打电话咨询，谢谢合作与支持</p>",
        f"{ROW}<div class=list><p>暂无数据</p></div>",
    ],
)
def test_lists_that_only_look_empty(html: str) -> None:
    assert says_empty(html) is None


WORDS = st.sampled_from(
    ["<ul>", "</ul>", "<p>", "</p>", "<div id=app></div>", "<a href=x>年报</a>", "欢迎", "<script>", "</script>",
     "{{a}}", "<template>", "</template>", "<li>", "关于我们", "<table>", "<td>", "2024",
     "<title>年报</title>", "<noscript>"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=20).map("".join), st.binary(max_size=30))
def test_a_page_that_says_no_such_words_is_never_empty(html: str, noise: bytes) -> None:
    body = html.encode() + noise
    page = read_list(body, None, URL, PORTAL)
    assert page.says_empty is None
    verdict = judge(Answer(URL, URL, 200, {}, body), "list", Signs(page.has_structure, page.says_empty))
    assert verdict.outcome != "empty"


@pytest.mark.parametrize(
    ("json", "words"),
    [
        ('{"total":0,"rows":[]}', '"total":0'),
        ('{"data":{"totalCount":"0","list":null}}', '"totalCount":0'),
        ('{"total":0,"rows":[{"title":"x"}]}', None),
        ('{"total":3,"rows":[]}', None),
        ('{"page":{"total":0},"other":{"total":2}}', None),
        ('{"text":"\\"total\\":0"}', None),
        ('{"rows":[]}', None),
        ("[]", None),
        ('{"total":0', None),
    ],
)
def test_lists_as_json(json: str, words: str | None) -> None:
    assert read_list(json.encode(), None, URL, PORTAL).says_empty == words
