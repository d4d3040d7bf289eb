"""List pages as text that names can be looked for in, however they are built: what is shown, what attributes say
(title, onclick, data-*), what scripts and comments hold."""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from parsers.encoding import decode
from parsers.titles import simplified

ROW = "\n"
"""Stands between the rows of a page: list items, table rows, paragraphs, objects of a script."""
CUT = "..."
"""What an ellipsis is folded to."""

_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:-]*+)((?:"[^"]*+"|'[^']*+'|[^'"<>])*+)>""")
_ATTRIBUTE = re.compile(r"""=\s*(?:"([^"]*[^\x00-\x7f\\&][^"]*|[^"]*[\\&][^"]*)"|'([^']*[^\x00-\x7f][^']*)')""")
_LEFT = re.compile(r"<[^<>]{0,300}>|<!\[CDATA\[|\]\]>|<!--|-->")
_ROW = re.compile(
    r"li|tr|p|d[dtl]|[uo]l|table|tbody|div|h[1-6]|section|article|record|item|option|select|hr|nav|script|style|header|"
    r"footer|body|head"
)
_CELLS = frozenset(("td", "th"))
# Chinese characters, their marks and the full-width forms, as JSON escapes them.
_ESCAPED = re.compile(r"\\u((?:[3-9]|[fF])[0-9a-fA-F]{3})")
_LONGEST_KNOWN = 200  # characters of texts that are kept in mind with what they fold to
_OBJECTS = re.compile(r"[{};]")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060\ufeff\xad]+")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_ELLIPSIS = re.compile(r"\.{2,}|⋯+")


def fold(text: str) -> str:
    """Text as names are compared in: no blanks, full-width forms folded, simplified characters, ellipses as CUT."""
    text = unicodedata.normalize("NFKC", text)
    return _ELLIPSIS.sub(CUT, simplified(_INVISIBLE.sub("", text)))


def pieces_of(data: bytes, content_type: str | None) -> list[tuple[str, ...]]:
    """A page in pieces, folded: a link as (its text, its attributes...), all else as one text; (ROW,) between rows.

    content_type: the header as the server sent it. Never raises: what is no page gives the text that it is.
    """
    charset = _CHARSET.search(content_type or "")
    text = decode(data, charset[1] if charset else None)
    if "\\u" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, ...]]:
    outside: list[str] = []
    link: list[str] | None = None  # the text inside an open link
    said: list[str] = []  # what its attributes say
    at = 0

    def flushed() -> Iterator[tuple[str, ...]]:
        if outside:
            yield from _split("".join(outside))
            outside.clear()

    for tag in _TAG.finditer(text):
        (outside if link is None else link).append(text[at : tag.start()])
        at = tag.end()
        closing, name, inner = tag[1], tag[2].lower(), tag[3]
        if name == "a":
            yield from flushed()
            if link is not None:
                yield (_plain("".join(link)), *map(_plain, said))
            link, said = (None if closing else []), []
        values = [] if closing else [one or two for one, two in _ATTRIBUTE.findall(inner)]
        if link is not None:
            said += values
        else:
            outside += [f"\t{value}\t" for value in values]
        if name in _CELLS:
            (outside if link is None else link).append("\t")
        elif _ROW.fullmatch(name) and link is None:
            yield from flushed()
            yield (ROW,)
    if link is not None:
        yield (_plain("".join(link)), *map(_plain, said))
    outside.append(text[at:])
    yield from flushed()


def _split(text: str) -> Iterator[tuple[str, ...]]:
    for number, part in enumerate(_OBJECTS.split(html.unescape(text)) if text else ()):
        if number:
            yield (ROW,)
        yield (_plain(part),)


def _plain(text: str) -> str:
    return _folded(text) if len(text) <= _LONGEST_KNOWN else _fold_markup(text)


def _fold_markup(text: str) -> str:
    return fold(_LEFT.sub("", html.unescape(text)))


# A list says day after day what it said the day before.
_folded = lru_cache(maxsize=1 << 14)(_fold_markup)
