"""Whether a page shows what its list entry promised: by its bytes where they say it, else by what was read of it."""

import re

from crawler.outcomes.verdict import Signs
from crawler.pages import DetailPage
from parsers.titles import clean_title, read_title

_CUT_SHORT = re.compile(r"(?:…|\.{2,}|⋯)+$")
_SHORTEST = 6  # characters of a title that say anything
_NEAR = 600  # bytes of a link's tag and text that are looked back over


def shows(body: bytes, charset: str | None, title: str | None) -> bool:
    """Whether a list entry's title stands in a page outside of its links, found in the bytes without parsing.

    charset: of the Content-Type header; the page is searched in UTF-8 and GB18030 whatever it says. True is sure. False
    says nothing: the title may be broken by blanks, tags or entities; ask the page as it was read (`detail_signs`).
    """
    wanted = _CUT_SHORT.sub("", (title or "").strip())
    if len(wanted) < _SHORTEST:
        return False
    for encoding in ("utf-8", "gb18030"):
        needle = wanted.encode(encoding, "replace")
        start = body.find(needle)
        while start >= 0:
            if not _is_linked(body, start):
                return True
            start = body.find(needle, start + len(needle))
    return False


def detail_signs(body: bytes, charset: str | None, title: str | None, page: DetailPage) -> Signs:
    """The signs of a detail page that was asked for because a list entry with this title led there.

    page: as the platform read it; its title and text are asked for only where the bytes do not say enough.
    """
    if page.attachments or shows(body, charset, title):
        return Signs(True, certain=True)
    own = read_title(page.title or "")
    promised = clean_title(title or "")
    # The column's own page, 政府信息公开年报, in the place of a report is not what was promised.
    certain = (own.is_report and bool(own.agency or own.year)) or (
        len(promised) >= _SHORTEST and promised in clean_title(page.own_text)
    )
    return Signs(certain or page.has_body, certain=certain)


def _is_linked(body: bytes, start: int) -> bool:
    """Whether a place in a page is inside a link, or an attribute of one: a list in the page's stead names it there."""
    before = body[max(start - _NEAR, 0) : start].lower()
    opened = max(before.rfind(b"<a "), before.rfind(b"<a\n"), before.rfind(b"<a\t"))
    return opened > before.rfind(b"</a")
