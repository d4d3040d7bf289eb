"""A message as Telegram takes it: within its limits, in one piece, escaped. Pure.

Bot API, sendMessage and sendDocument: 1 to 4096 characters of text after the markup is read, 0 to 1024 of a caption;
counted here in UTF-16 units, to be safe. Buttons open web addresses with a host name, or say at most 64 bytes.
"""

import html
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from monitor.channels import Button, Outgoing

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64  # bytes

_FILE_NAME = "message.txt"
_MORE = "…"


def fitted(message: Outgoing) -> Outgoing:
    """The same within the limits. A text that is too long goes whole into the document, and as many whole lines of it
    as fit stay before it."""
    if message.document is None and units(message.text) <= LONGEST_TEXT:
        return message
    if message.document is not None and units(message.text) <= LONGEST_CAPTION:
        return message
    name, more = message.document or (_FILE_NAME, "")
    whole = f"{message.text}\n\n{more}" if more else message.text
    return replace(message, text=_beginning(message.text), document=(name, whole))


def as_html(text: str) -> str:
    """The text escaped, its first line in bold."""
    headline, newline, rest = html.escape(text).partition("\n")
    return f"<b>{headline}</b>{newline}{rest}" if headline.strip() else headline + newline + rest


def rows_of(buttons: Sequence[Button]) -> list[list[Button]]:
    """Buttons in rows of two: those that open something, then those that say something. Without those that Telegram
    would refuse, and the message with them."""
    opening = [button for button in buttons if button.url is not None and is_web_address(button.url)]
    saying = [
        button for button in buttons if button.data is not None and 1 <= len(button.data.encode()) <= LONGEST_DATA
    ]
    return [kind[start : start + 2] for kind in (opening, saying) for start in range(0, len(kind), 2)]


def is_web_address(url: str) -> bool:
    """Whether a button may open it."""
    try:
        address = urlsplit(url)
        host = address.hostname or ""
    except ValueError:
        return False
    return address.scheme in ("http", "https") and "." in host and not any(letter.isspace() for letter in url)


def units(text: str) -> int:
    """Length in UTF-16 units, in which Telegram measures positions in a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _beginning(text: str) -> str:
    """As many whole lines as fit into a caption, and a sign that more follow; of a first line that is too long by
    itself, its beginning."""
    room = LONGEST_CAPTION - units(f"\n{_MORE}")
    kept: list[str] = []
    for line in text.splitlines():
        room -= units(line) + 1
        if room < 0:
            break
        kept.append(line)
    if not any(line.strip() for line in kept):
        return text.lstrip()[: LONGEST_CAPTION // 2 - 1] + _MORE
    return "\n".join([*kept, _MORE])
