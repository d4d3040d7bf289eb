"""Lines of an alert in both languages: entries of the catalogue with what was fetched put into them, made safe."""

import re
from datetime import date, datetime
from typing import NamedTuple

from monitor.calendar import BEIJING
from monitor.catalogue import fill, load_catalogue
from monitor.catalogue.dates import day_words

Words = tuple[str, str]

# Control characters, and those that hide or turn the direction of writing: a fetched name must not repaint a screen.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_BLANKS = re.compile(r"\s+")
_FULL_STOPS = "。.；;"


class Both(NamedTuple):
    """Something in Chinese, in English, and in one for readers of both; "" there: each language says it by itself."""

    zh: str
    en: str
    both: str = ""


def cleaned(text: str) -> str:
    """A text of several lines without what repaints a screen."""
    return _UNSAFE.sub("", text)


def one_line(value: object) -> str:
    """What was fetched, as it stands in one line."""
    return _BLANKS.sub(" ", _UNSAFE.sub(" ", str(value))).strip()


def has(key: str) -> bool:
    """Whether the catalogue has an entry."""
    return key in load_catalogue()


def words(key: str, **fields: object) -> Words:
    """An entry with its fields, each made safe and of one line."""
    given = {name: _BLANKS.sub(" ", _UNSAFE.sub(" ", str(value))) for name, value in fields.items()}
    return fill(load_catalogue()[key], given)


def line(key: str, **fields: object) -> Both:
    """The same as a line of its own."""
    return Both(*words(key, **fields))


def labelled(key: str, value: Both | str, **fields: object) -> Both:
    """A value that needs no language, or is in both, behind its label."""
    zh, en = words(key, **fields)
    given = value if isinstance(value, Both) else Both(value, value, value)
    return Both(f"{zh}：{given.zh}", f"{en}: {given.en}", f"{zh} / {en}：{given.both or f'{given.zh} {given.en}'}")


def heading(key: str, **fields: object) -> Both:
    """A label over the lines that follow."""
    zh, en = words(key, **fields)
    return Both(f"{zh}：", f"{en}:", f"{zh} / {en}：")


def pair(name: str, given: Words) -> dict[str, str]:
    """Words as the two fields of an entry: name_zh and name_en."""
    return {f"{name}_zh": given[0], f"{name}_en": given[1]}


def day(name: str, of: date) -> dict[str, str]:
    """A day as the two fields of an entry."""
    return pair(name, day_words(of))


def minute(moment: datetime) -> str:
    """2024-02-20 10:00, Beijing time."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def without_full_stop(text: str) -> str:
    """A sentence as it stands in a list."""
    return text.strip().rstrip(_FULL_STOPS)


def joined(lines: list[Both]) -> Both:
    """Lines one under the other. In both languages at once only where each of them is."""
    at_once = "\n".join(one.both for one in lines) if lines and all(one.both for one in lines) else ""
    return Both("\n".join(one.zh for one in lines), "\n".join(one.en for one in lines), at_once)
