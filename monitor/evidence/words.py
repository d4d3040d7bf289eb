"""Words of a bundle in both languages, and the safe writing of what others have written into HTML."""

import html
import re
from datetime import UTC, datetime

from monitor.calendar import BEIJING
from monitor.catalogue import say

Words = tuple[str, str]

# Control characters, and those that hide or turn the direction of writing: shown, not obeyed.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def shown(value: object) -> str:
    """What was fetched, as HTML text; what cannot be seen is shown by its number."""
    return html.escape(_UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", str(value)))


def both(words: Words, tag: str = "span") -> str:
    """Words in both languages as HTML, each marked with its language; once where they are the same."""
    zh, en = words
    if zh == en:
        return f"<{tag}>{shown(zh)}</{tag}>"
    return f'<{tag} lang="zh">{shown(zh)}</{tag}> <{tag} lang="en">{shown(en)}</{tag}>'


def label(key: str) -> str:
    """A short label of the catalogue as HTML."""
    return both(say(f"bundle-{key}"))


def sentence(key: str, **fields: object) -> str:
    """A sentence of the catalogue as two paragraphs of HTML."""
    return both(say(f"bundle-{key}", **fields), "p")


def beijing(moment: datetime) -> str:
    """2024-02-20 10:00:00, Beijing time."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def utc(moment: datetime) -> str:
    """2024-02-20T02:00:00Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def address(url: str) -> str:
    """An address as HTML: a link only where it leads to the web; a file's path without the folders it lay in."""
    if url.startswith(("http://", "https://")):
        return f'<a class="url" rel="noreferrer nofollow" href="{shown(url)}">{shown(url)}</a>'
    return f'<span class="url">{shown(without_folders(url))}</span>'


def without_folders(url: str) -> str:
    """An address as it is; of a file its name, without the folders of the machine on which it lay."""
    if url.startswith(("http://", "https://")):
        return url
    return url.rpartition("/")[2] or url
