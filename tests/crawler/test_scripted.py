"""Cheap searches spare most pages the slow ones: whatever the slow ones find, the page is not spared."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.outcomes import scripted

_PIECES = (
    "<ul id=newslist>", "</ul>", "<div id='xxgk_list' class=a> </div>", "<li v-for='a in b'>", "<LI NG-REPEAT=x>",
    '<p data-ng-repeat="a in b">', "<i ms-each=x>", "<b *ngFor='let a'>", "<x ms-repeat = 1>", " v-for", "x-for=",
    "<datastore>", "< RecordSet", "<script>", "</script>", "<SCRIPT type=a>", "</script >", "<!--", "-->", "<!-->",
    '$("#1").jpage({', ".JPAGE (", "src=/js/UnitBuild.js", 'queryData="{}"', "querydata =", "$.ajax({", "fetch('/a')",
    "jQuery.get(", "$('#newslist')", "'xxgk_list'", "'<li>' + a", "<iframe src=/xxgk/list.jsp>",
    "<FRAME height=600 src=a>",
    '<iframe src="//tianqi.cn/a">', "<html data-rendered-by=x>", "柳溪县", "2023年", " ", "\n", ">", "<", "=", "a-b",
)  # fmt: skip
_PAGES = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)


@settings(max_examples=800, deadline=None)
@given(_PAGES)
def test_no_page_is_spared_a_search_that_finds_something(source: str) -> None:
    assert scripted.made_elsewhere(source) == _searched(source)


@pytest.mark.parametrize("piece", [piece for piece in _PIECES if "<!" not in piece])
def test_a_row_behind_each_piece(piece: str) -> None:
    source = f"{piece}<li><a href=a.html>柳溪县水利局2023年政府信息公开年报</a></li><script>$.ajax({{}})</script>"
    assert scripted.made_elsewhere(source) == _searched(source)


def _searched(source: str) -> str | None:
    """What `made_elsewhere` says if nothing is spared."""
    page = re.sub(r"<!--.*?(?:-->|\Z)", "", source, flags=re.S)
    if scripted._RENDERED.search(page[: scripted._HEAD]):
        return scripted._framed(page)
    if found := scripted._MAKES_LIST.search(page):
        return f"a script makes the list: {' '.join(found.group().split())[:60]}"
    scripts = [match.group(2) for match in scripted._SCRIPT.finditer(page)]
    for script in scripts:
        if (load := scripted._LOADS.search(script)) and scripted._MAKES_ROWS.search(script):
            return f"a script loads rows: {load.group()}"
    for place in scripted._PLACE.finditer(page):
        tag, name = place.group(1).lower(), place.group(2)
        if scripted._OTHER_PLACE.search(name) or (tag == "div" and not scripted._LIST_PLACE.search(name)):
            continue
        if scripted._LOADS.search("\n".join(scripts)) and scripted.fills(source, {name}, set()):
            return f"a script fills {name}"
    return scripted._framed(page)
