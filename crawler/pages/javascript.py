"""JavaScript values out of the text of scripts: the counts, codes and rows that portals hand to their own functions.

Nothing is run: literals are read by chompjs. What is no literal (a function, a variable, a call) comes as its source.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

_LONGEST = 2_000_000  # characters of one value
_MOST_READ = 8_000_000  # characters read over all values of one text
_MOST_VALUES = 200
# What may stand between a name and its value: name = {…}, "name": […], name({…}), name('#id', {…}) is not among these.
_OPENING = re.compile(r"[\"']?\s{0,20}(?:[=:(]\s{0,20}){0,3}([\[{])")
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:(?P<json>[\"\\/bfnrt]|u[0-9a-fA-F]{4})|x(?P<hex>[0-9a-fA-F]{2})|(?P<other>[^\n]|\n))")
_JOINED = re.compile(r"([\"'])\s{0,20}\+\s{0,20}\1")

Value = dict[str, Any] | list[Any]
"""What a literal comes as: dicts, lists, str, int, float, bool, None."""


def objects_in(script: str, name: str) -> list[Value]:
    """Every object or array that is given to a name, in order: `name = {…}`, `var name=[…]`, `{"name": {…}}`,
    `name({…})`. A name that is part of a longer one is another. Never raises; what cannot be read is left out."""
    return list(objects_after(script, rf"(?<![\w$-]){re.escape(name)}(?![\w$-])"))


def object_after(text: str, pattern: str | re.Pattern[str]) -> Value | None:
    """The first object or array that stands right behind what a pattern matches, blanks, `=`, `:` and `(` aside; None
    where there is none that can be read. Never raises."""
    return next(objects_after(text, pattern), None)


def objects_after(text: str, pattern: str | re.Pattern[str]) -> Iterator[Value]:
    """As `object_after`, one after the other for each place where the pattern matches."""
    read = 0
    for number, match in enumerate(re.finditer(pattern, text)):
        if number >= _MOST_VALUES or read > _MOST_READ:
            return
        opening = _OPENING.match(text, match.end())
        if opening is None:
            continue
        start = opening.start(1)
        read += min(len(text) - start, _LONGEST)
        if (value := literal(text[start : start + _LONGEST])) is not None:
            yield value


def literal(text: str) -> Value | None:
    """The first object or array of a text that is a literal; None if there is none, or it breaks off. Never raises."""
    start = next((place for place, sign in enumerate(text[:1000]) if sign in "[{"), None)
    if start is None:
        return None
    source = text[start : start + _LONGEST].replace("\0", "\ufffd")
    value = _read(source)
    if value is None and _JOINED.search(source):
        value = _read(_JOINED.sub("", source))  # '<li>' + '</li>'
    return value


def _read(source: str) -> Value | None:
    import chompjs  # only portals whose lists stand in scripts need it

    try:
        return chompjs.parse_js_object(source.encode("utf-8", "replace").decode(), loader=_loaded)
    except (ValueError, RecursionError):
        return None


def _loaded(text: str) -> Value | None:
    try:
        value = _from_json(text)
    except ValueError:
        value = _from_json(_ESCAPE.sub(_json_escape, text))
    if _HALF_CHARACTER.search(text):
        value = _whole_characters(value)
    return value if isinstance(value, dict | list) else None


def _from_json(text: str) -> Any:
    return json.loads(text, strict=False, parse_float=_number, parse_constant=lambda _: None)


def _json_escape(match: re.Match[str]) -> str:
    r"""An escape of JavaScript as JSON writes it: \x41, \-, and a line that goes on below."""
    if match["json"]:
        return match.group()
    return f"\\u00{match['hex']}" if match["hex"] else match["other"].strip("\n0")


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _whole_characters(value: Any) -> Any:
    """A value without halves of characters, which nothing can be written with."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    return value
