"""Addresses that say how they are asked."""

import json
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from crawler.address import bare, by_script, is_by_script, is_posted, posted, posting, posting_json, question

URL = "http://www.example.gov.cn/list.jsp?a=1"


def test_plain() -> None:
    assert question(URL) == (URL, "GET", None, {})
    assert question(f"{URL}#2712") == (URL, "GET", None, {})
    assert question(by_script(URL)).headers == {"X-Requested-With": "XMLHttpRequest"}
    assert not is_posted(by_script(URL)) and posted(URL) is None
    assert is_by_script(by_script(URL)) and is_by_script(posting(URL, {})) and not is_by_script(f"{URL}#2712")


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8))))
def test_a_form_arrives_as_it_was_given(fields: list[tuple[str, str]]) -> None:
    address = posting(f"{URL}#old", fields)
    put = question(address)
    assert (put.url, put.method) == (URL, "POST")
    assert parse_qsl((put.body or b"").decode(), keep_blank_values=True) == fields
    assert put.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert bare(address) == URL and is_posted(address)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers()))
def test_json_arrives_as_it_was_given(data: dict[str, object]) -> None:
    put = question(posting_json(URL, data))
    assert json.loads(put.body or b"") == data
    assert put.headers["Content-Type"].startswith("application/json")
