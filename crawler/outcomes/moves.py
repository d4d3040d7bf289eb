"""Whether a page is where it was asked for, or its reader was sent elsewhere: redirects, pages that only send on."""

import re
from urllib.parse import urljoin, urlsplit

from crawler.outcomes.file_kind import sniff
from crawler.outcomes.page_text import PageText

_REFRESH = re.compile(
    r"<meta(?=[^<>]{1,2500}\bhttp-equiv\s*=\s*[\"']?refresh\b)[^<>]{0,300}"
    r"\bcontent\s*=\s*[\"']?\s*[\d.]+\s*[;,]\s*url\s*=\s*'?([^\"'<>]{1,2000})",
    re.I,
)
_SCRIPTED_MOVE = re.compile(
    r"(?:window\.|self\.|top\.|document\.|parent\.)*location(?:\.href)?(?:\.replace\(|\.assign\(|\s*=)\s*[\"']([^\"'#]+)[\"']"
)
_INDEX_NAME = re.compile(r"/(?:index|default|home)\.[a-z]{2,5}$", re.I)
_ERROR_PAGE = re.compile(r"/(?:40[34]|error|err404|not_?found)(?:[-_]?[a-z]{1,10})?(?:\.[a-z]{2,5})?/?$", re.I)

SHELL_TEXT = 200  # characters without blanks: a page with more has a text of its own
_HEAD_BYTES = 16_384  # of a page in which it says that it will be left


def shell_target(body: bytes, charset: str | None) -> str | None:
    """Where a page without text of its own sends its reader (meta refresh, location.replace), as written; else None.

    body: of a page that is no challenge. charset: of the Content-Type header.
    """
    # Cheap searches first: a page with links is no shell, unless its head says that it will be left.
    head = body[:_HEAD_BYTES].lower()
    refreshes = b"refresh" in head
    if not (refreshes or (b"<a " not in body and b"location" in body)) or sniff(body) != "html":
        return None
    page = PageText(body, charset)
    if len(page.bare) >= SHELL_TEXT:
        return None
    match = _REFRESH.search(page.text) if refreshes else None
    if match is None and "<a " not in page.text.lower():
        match = _SCRIPTED_MOVE.search(page.text)
    return match.group(1).replace("&amp;", "&").strip() if match else None


def is_moved_up(asked: str, final: str) -> bool:
    """Whether a deep page was asked for and the home page, or a directory above it, answered."""
    asked_path, final_path = directory(asked), directory(final)
    if urlsplit(final).query:
        return False
    above = asked_path != final_path and asked_path.startswith(final_path) and final_path.endswith("/")
    # /a/b answered by /a/b/ is the same page.
    return above or (final_path == "/" and asked_path != "/")


def is_elsewhere(asked: str, final: str) -> bool:
    """Moved up, or sent to a page for what is missing."""
    try:
        return is_moved_up(asked, final) or (asked != final and bool(_ERROR_PAGE.search(urlsplit(final).path)))
    except ValueError:
        return False  # an address that is none


def directory(url: str) -> str:
    return _INDEX_NAME.sub("/", urlsplit(url).path or "/")


def join(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return target
