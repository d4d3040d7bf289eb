"""Objects and arrays out of scripts."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.javascript import literal, object_after, objects_in

LITERALS = {
    "{a:1, 'b':\"x\", c:null, d:[true,],}": {"a": 1, "b": "x", "c": None, "d": [True]},
    r"{'a':'\x41\-b\\x41\'', b:'\u4e2d\"'}": {"a": "A-b\\x41'", "b": '中"'},
    "{a:'<li>' + '</li>', b:2}": {"a": "<li></li>", "b": 2},
    "{a: // one\n 1, /* two */ b: function(){ return '}' }}": {"a": 1, "b": "function(){ return '}' }"},
    "{a:'one\\\ntwo\tthree'}": {"a": "onetwo\tthree"},
    "{a:NaN, b:1e999, c:.5}": {"a": None, "b": None, "c": 0.5},
    "['<a onclick=\"f(\\'x\\')\">',`y`]": ["<a onclick=\"f('x')\">", "y"],
    "{a:'\\ud800\0'}": {"a": "\ufffd\ufffd"},
    "x = {a:{}} and {b:1}": {"a": {}},
    "{a:1": None,
    "no object": None,
    "": None,
}


@pytest.mark.parametrize("text", LITERALS)
def test_literals(text: str) -> None:
    assert literal(text) == LITERALS[text]


def test_names() -> None:
    script = (
        "var _CONFIG = {A:1}; window._CONFIG={B:2}; _CONFIGS={C:3}; my_CONFIG={D:4}; _CONFIG(['x']); {'_CONFIG':{E:5}}"
    )
    assert objects_in(script, "_CONFIG") == [{"A": 1}, {"B": 2}, ["x"], {"E": 5}]
    assert object_after("$('#1').jpage( {total:3})", r"\.jpage") == {"total": 3}
    assert object_after("f('#1', {total:3})", r"f") is None
    assert object_after("a = {b: ; a = {c:1}", "a") == {"c": 1}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )
)
def test_json_is_read_as_it_is(value: object) -> None:
    text = json.dumps({"data": value})
    assert objects_in(f"var data = {text};", "data")[:1] == [json.loads(text)]


@given(st.text(alphabet=st.sampled_from("{}[]:,'\"\\/ab1+`\n\0\ud800"), max_size=120))
def test_never_raises(text: str) -> None:
    objects_in(f"a={text}", "a")
    literal(text)


@pytest.mark.parametrize("piece", ["a={", "a={b:'", "a=[[", "a=", "a={},", "a={b:'' +"])
def test_bounded(piece: str) -> None:
    start = time.monotonic()
    objects_in(piece * (1_000_000 // len(piece)), "a")
    assert time.monotonic() - start < 5
