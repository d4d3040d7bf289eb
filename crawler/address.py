"""What is asked for, as one text: a URL, and behind its # how it is asked where that is no plain GET.

    http://h/list.jsp                           GET
    http://h/list.jsp?page=2#xhr                GET, as the scripts of a page ask
    http://h/list.jsp#post:col=1&page=2         POST of a form
    http://h/list.jsp#json:{"page":2}           POST of JSON

Such an address is a key: of a visit, of a page of a list, of what a crawl goes on with. Browsers open it as far as they
can, since no fragment ever leaves them. Any other fragment (a gkmlpt column's #2712) says nothing here.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

_FORM, _JSON, _XHR = "#post:", "#json:", "#xhr"
_FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
_JSON_TYPE = "application/json; charset=UTF-8"


class Question(NamedTuple):
    """One request: url without fragment; body None for GET. headers: that say how it is asked."""

    url: str
    method: str
    body: bytes | None
    headers: dict[str, str]


def by_script(url: str) -> str:
    """The address of a GET that the portal's own page makes by script."""
    return bare(url) + _XHR


def posting(url: str, form: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The address of a form that is posted by script, in the order of its fields."""
    fields = list(form.items()) if isinstance(form, Mapping) else list(form)
    return f"{bare(url)}{_FORM}{urlencode(fields)}"


def posting_json(url: str, data: object) -> str:
    """The address of JSON that is posted by script; data: what JSON can hold."""
    return f"{bare(url)}{_JSON}{json.dumps(data, ensure_ascii=True, separators=(',', ':'))}"


def bare(address: str) -> str:
    """The URL alone, without any fragment."""
    return address.partition("#")[0]


def is_posted(address: str) -> bool:
    """Whether an address is asked by POST."""
    return address[len(bare(address)) :].startswith((_FORM, _JSON))


def is_by_script(address: str) -> bool:
    """Whether an address is asked as the scripts of a page ask, by GET or POST."""
    fragment = address[len(bare(address)) :]
    return fragment == _XHR or fragment.startswith((_FORM, _JSON))


def posted(address: str) -> str | None:
    """What an address posts, as text: the form or the JSON; None of a GET."""
    fragment = address[len(bare(address)) :]
    return next((fragment[len(mark) :] for mark in (_FORM, _JSON) if fragment.startswith(mark)), None)


def question(address: str) -> Question:
    """How an address is asked for."""
    url = bare(address)
    fragment = address[len(url) :]
    xhr = {"X-Requested-With": "XMLHttpRequest"}
    if (body := posted(address)) is not None:
        media = _FORM_TYPE if fragment.startswith(_FORM) else _JSON_TYPE
        return Question(url, "POST", body.encode("ascii", "xmlcharrefreplace"), xhr | {"Content-Type": media})
    return Question(url, "GET", None, xhr if fragment == _XHR else {})
