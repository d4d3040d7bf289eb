"""The text of a fetched page as the outcome of a visit is judged by it: roughly, without building a tree.

Nothing here is computed before it is asked for: most visits are judged without decoding the page.
"""

import re
from functools import cached_property

from parsers.encoding import decode

LOOKED_AT = 300_000  # bytes of a page that are read for its outcome

_UNSEEN = re.compile(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
# Bounded repeats: a hostile page must not cost more than its length.
_TAG = re.compile(r"<[^<>]*>")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|label|small|span|strong|sub|sup|u|wbr)(?![\w-])[^<>]*>", re.I
)
_TITLE = re.compile(r"<title[^<>]{0,200}>(.{0,500}?)</title", re.I | re.S)
_BLANK = re.compile(r"\s+|&nbsp;?|&ensp;|&emsp;|[\u200b\ufeff]")
_BREAK = "\x00"


class PageText:
    """One page. body: as fetched. charset: of the Content-Type header. readable: False for a file that is no text."""

    def __init__(self, body: bytes, charset: str | None, *, readable: bool = True) -> None:
        self.body = body[:LOOKED_AT] if readable else b""
        self.charset = charset

    @cached_property
    def text(self) -> str:
        """The source, decoded."""
        return decode(self.body, self.charset)

    @cached_property
    def raw_title(self) -> str:
        """The page's first <title> as written."""
        found = _TITLE.search(self.text)
        return found.group(1) if found else ""

    @cached_property
    def title(self) -> str:
        """The page's first <title>, without blanks."""
        return _BLANK.sub("", self.raw_title)

    @cached_property
    def _seen(self) -> str:
        return _UNSEEN.sub("", _TITLE.sub("", self.text))

    @cached_property
    def bare(self) -> str:
        """What a reader without scripts would see, without blanks."""
        return _BLANK.sub("", _TAG.sub("", self._seen))

    @cached_property
    def blocks(self) -> list[str]:
        """The same in pieces as the page lays them out: a paragraph, a cell, an item."""
        pieces = _TAG.sub(_BREAK, _INLINE_TAG.sub("", self._seen.replace(_BREAK, "")))
        return [piece for part in pieces.split(_BREAK) if (piece := _BLANK.sub("", part))]

    @cached_property
    def markup(self) -> str:
        """Scripts, styles, comments and tags: the page without what a reader sees."""
        hidden = "\n".join(match.group() for match in _UNSEEN.finditer(self.text))
        return hidden + "\n" + "\n".join(_TAG.findall(self._seen))

    @property
    def has_script(self) -> bool:
        return "<script" in self.text.lower()
