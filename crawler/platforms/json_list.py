"""Lists that an endpoint sends as JSON, whatever software that is: the portal's file says where everything stands.

Nothing here knows a portal. What the file says: `JsonListOptions` in crawler/platforms/options.py; how the endpoints of
some systems are written there: docs/portals.md. The column's own page is a shell; it is asked for first, and it is the
Referer of all else.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from operator import itemgetter
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from crawler.address import bare, by_script, posting, posting_json
from crawler.pages.html import printed_date
from crawler.pages.json_answer import beijing_day, failure_in, json_of
from crawler.pages.rows import Resolve, folded, resolver
from crawler.platforms import Link, ListPage, Recognition, static_list
from crawler.platforms.json_systems import known_system
from crawler.platforms.options import JsonListOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode

_MOST_PAGES = 2000
_MOST_ROWS = 10_000
_MOST_STEPS = 20  # of a dotted name
_PAGE_SIGN = "8051730246"  # stands for the number of a page in the address of any page
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_VALUE_IN = re.compile(r"\{([^{}]+)\}")
_EIGHT_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SECONDS = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_ABSENT = object()


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read the column's page, or one answer of its endpoint. Never raises on a hostile answer.

    What is not where the options say it is makes the answer no list; `made_elsewhere` then says what was not found.
    """
    options = portal.options
    home = column.url if column is not None else portal.columns[0].url
    if not isinstance(options, JsonListOptions):
        return ListPage(made_elsewhere="platform json_list reads what [options] describe; the portal's file has none")
    source = decode(body, charset)
    data = json_of(source)
    number = page_number(url, home, options)
    if data is None:
        if number is not None and bare(url) != bare(home):
            return ListPage(made_elsewhere="the endpoint of the list answered with something else than JSON")
        first = address(options.first, home, options)
        if not portal.allows(bare(first)):
            return ListPage(made_elsewhere=f"the list comes from {bare(first)}; add its host to allowed_hosts")
        return ListPage(further=[first], is_shell=True, has_structure=bool(source.strip()))
    return _read_answer(data, options.first if number is None else number, home, options)


read_detail = static_list.read_detail


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """A column whose page names the endpoint of a system that is known (crawler/platforms/json_systems.py)."""
    return known_system(decode(body, charset), url)


def address(number: int | str, home: str, options: JsonListOptions) -> str:
    """The address of one page of the list (crawler/address.py). home: the column's URL."""
    values = {"{page}": str(number), "{size}": str(options.size)}
    url = urljoin(bare(home), _filled(options.endpoint, values))
    if options.send == "get":
        return by_script(url)
    if options.send == "form":
        return posting(url, {name: _form_value(value, values) for name, value in options.fields.items()})
    return posting_json(url, _json_value(options.fields, values))


def page_number(url: str, home: str, options: JsonListOptions) -> int | None:
    """Which page of the list an address asks for; None of one that asks for something else."""
    found = re.fullmatch(_any_page(home, options.model_dump_json()), _behind_host(url))
    return int(found.group(1)) if found and found.groups() else (options.first if found else None)


@lru_cache(maxsize=64)
def _any_page(home: str, options: str) -> str:
    """A pattern of the addresses of all pages, as they stand behind the host."""
    asked = _behind_host(address(_PAGE_SIGN, home, JsonListOptions.model_validate_json(options)))
    first, *others = re.escape(asked).split(_PAGE_SIGN)
    return first + "".join((r"(\d{1,7})" if not number else r"\d{1,7}") + part for number, part in enumerate(others))


def _behind_host(url: str) -> str:
    text = url.removesuffix("#xhr")
    return text[len("//".join(urlsplit(text)[:2])) + 1 :] if "://" in text else text


def _read_answer(data: Any, number: int, home: str, options: JsonListOptions) -> ListPage:
    total, pages = (_count(data, path) for path in (options.total, options.pages))
    rows = _found(data, options.rows)
    if rows is None and total == 0:
        rows = []
    if not isinstance(rows, list):
        what = "is not there" if rows is _ABSENT else f"is no list but {type(rows).__name__}"
        return ListPage(made_elsewhere=f'the answer of the endpoint is no list: rows = "{options.rows}" {what}')
    for name, path, value in (("total", options.total, total), ("pages", options.pages, pages)):
        if path is not None and value is None:
            return ListPage(made_elsewhere=f'{name} = "{path}" is no number of the answer of the endpoint')
    page = ListPage(rows=len(rows), declared_entries=total, declared_pages=pages)
    if not rows and (failed := failure_in(data)) is not None:
        return ListPage(made_elsewhere=f"the endpoint of the list says that it failed: {failed}")
    if not rows:
        page.says_empty = f'"{options.total}": 0' if total == 0 else f'"{options.rows}": []' if not total else None
        page.has_structure = page.says_empty is not None
        return page
    resolve = resolver(bare(home))
    read = list(_entries(rows[:_MOST_ROWS], resolve, options))
    if len(rows) > _MOST_ROWS:
        page.made_elsewhere = f"more than {_MOST_ROWS} rows in one answer"
    elif untitled := sum(title is None for title, _, _ in read):
        page.made_elsewhere = f'{untitled} of {len(read)} rows have no title = "{options.title}"'
    links: dict[str, Link] = {}
    for place, (title, target, day) in enumerate(read, start=1):
        if title is None:
            continue
        if target is None or target in links:
            if target is None or links[target].title != title:
                page.unfollowed.append(Link(f"{target or bare(home)}#row-{place}", title, day))
            continue
        links[target] = Link(target, title, day)
    page.links = list(links.values())
    page.has_structure = bool(page.links or page.unfollowed)
    page.further = [address(other, home, options) for other in _others(number, page, options)]
    return page


def _others(number: int, page: ListPage, options: JsonListOptions) -> Iterator[int]:
    """The numbers of the other pages: all where their count is known, else the next one behind a full page."""
    if options.total is None and options.pages is None:
        # How many rows it gives is the endpoint's own affair: only an answer without any is the end.
        if page.rows and "{page}" in options.endpoint + json.dumps(options.fields, ensure_ascii=False):
            yield number + 1
        return
    count = page.declared_pages
    if count is None:
        total = page.declared_entries or 0
        # Some endpoints keep to a size of their own; the first page shows it.
        size = page.rows if number == options.first and page.rows < total else options.size
        count = -(-total // size)
    last = options.first + min(count, _MOST_PAGES) - 1
    yield from (other for other in range(options.first, last + 1) if other != number)


def _entries(
    rows: list[Any], resolve: Resolve, options: JsonListOptions
) -> Iterator[tuple[str | None, str | None, str | None]]:
    """As `_entry`, row by row. Of nearly all lists title, address and date are texts under names of their own."""
    names = (options.title, options.url, options.date or options.title)
    get = itemgetter(*names) if not any(sign in name for name in names for sign in ".{") else None
    for row in rows:
        texts = _texts(row, get) if get is not None else None
        if texts is None:
            yield _entry(row, resolve, options)
        else:
            title, link, day = texts
            yield _text(title) or None, resolve(link), _day(day) if options.date is not None else None


def _texts(row: Any, get: Callable[[Any], tuple[Any, ...]]) -> tuple[str, str, str] | None:
    """What is got of a row, if each is a text that says something and is not JSON itself."""
    try:
        title, link, day = get(row)
    except (KeyError, TypeError):
        return None
    if not (type(title) is type(link) is type(day) is str):
        return None
    is_plain = title[:1].isalnum() and (link[:1] == "/" or link[:1].isalnum()) and day[:1].isalnum()
    return (title, link, day) if is_plain else None


def _entry(row: Any, resolve: Resolve, options: JsonListOptions) -> tuple[str | None, str | None, str | None]:
    """(title, address, date) of one row, each None where it has none."""
    title = _text(_made_of(row, options.title))
    link = _made_of(row, options.url, encode=True)
    day = _day(_made_of(row, options.date)) if options.date is not None else None
    return title or None, resolve(str(link)) if link not in (None, _ABSENT, "") else None, day


def _made_of(row: Any, path: str, *, encode: bool = False) -> Any:
    """What stands at a path in a row, or a template with the values put in; absent if one of them is."""
    if "{" not in path:
        return _found(row, path)
    values = {name: _found(row, name) for name in _VALUE_IN.findall(path)}
    if any(value in (None, _ABSENT, "") for value in values.values()):
        return _ABSENT
    return _VALUE_IN.sub(lambda m: quote(str(values[m[1]]), safe="/:?&=%") if encode else str(values[m[1]]), path)


def _found(data: Any, path: str) -> Any:
    """What stands at a dotted path; JSON inside of texts is opened on the way. _ABSENT where there is nothing."""
    if type(data) is dict and path and "." not in path:
        data = data.get(path, _ABSENT)  # nearly all that is asked of a row
        path = ""
    for step in path.split(".")[:_MOST_STEPS] if path else ():
        data = _opened(data)
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return _ABSENT
    # The rows themselves may be JSON in a text; a title that begins with a bracket stays what it is.
    opened = _opened(data)
    return opened if isinstance(opened, list) else data


def _opened(data: Any) -> Any:
    """A text of JSON as what it says; anything else as it is."""
    if isinstance(data, str) and data.lstrip()[:1] in ("{", "["):
        inner = json_of(data)
        return data if inner is None else inner
    return data


def _count(data: Any, path: str | None) -> int | None:
    value = _found(data, path) if path is not None else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None


def _text(value: Any) -> str:
    """A title without the marks of a search."""
    text = "" if value is None or value is _ABSENT else str(value)
    return folded(unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text)


def _day(value: Any) -> str | None:
    """The day, in Beijing, of a text, or of seconds or milliseconds since 1970."""
    text = str(value).strip()
    if "-" in text:
        return printed_date(text)
    if _SECONDS.fullmatch(text):
        return beijing_day(int(float(text)) // (1000 if len(text.partition(".")[0]) > 10 else 1))
    if (plain := _EIGHT_DIGITS.fullmatch(text)) is not None:
        text = "-".join(plain.groups())
    return printed_date(text)


def _filled(text: str, values: Mapping[str, str]) -> str:
    for sign, value in values.items():
        text = text.replace(sign, value)
    return text


def _form_value(value: Any, values: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(_json_value(value, values), ensure_ascii=False, separators=(",", ":"))
    return _filled(str(value), values)


def _json_value(value: Any, values: Mapping[str, str]) -> Any:
    """{page} alone becomes a number, inside a text digits."""
    if isinstance(value, dict):
        return {name: _json_value(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json_value(inner, values) for inner in value]
    if isinstance(value, str):
        return int(values[value]) if value in values else _filled(value, values)
    return value
