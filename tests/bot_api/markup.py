"""What Telegram reads out of a text: HTML as parse_mode HTML takes it, commands, and lengths."""

import html
import re
from typing import Any

_TAGS = frozenset(
    ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "blockquote")
)
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*(/?)>")
_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w+)?")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")  # any other is left as it stands


class ParseError(Exception):
    """The markup is wrong; the text is the Bot API's."""


def read_html(text: str) -> str:
    """The text that is shown. Raises ParseError as the Bot API does."""
    shown: list[str] = []
    open_tags: list[str] = []
    at = 0
    while at < len(text):
        found = text.find("<", at)
        if found < 0:
            shown.append(text[at:])
            break
        shown.append(text[at:found])
        offset = len(text[:found].encode())
        tag = _TAG.match(text, found)
        if tag is None:
            raise ParseError(f'can\'t parse entities: Unsupported start tag "" at byte offset {offset}')
        is_end, name = bool(tag[1]), tag[2].lower()
        if is_end:
            if not open_tags:
                raise ParseError(f"can't parse entities: Unexpected end tag at byte offset {offset}")
            if name and open_tags[-1] != name:
                raise ParseError(
                    f'can\'t parse entities: Unmatched end tag at byte offset {offset}, expected "</{open_tags[-1]}>",'
                    f' found "</{name}>"'
                )
            open_tags.pop()
        elif name not in _TAGS:
            raise ParseError(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
        else:
            open_tags.append(name)
        at = tag.end()
    if open_tags:
        raise ParseError(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\"")
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), "".join(shown))


def length(text: str) -> int:
    """In UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def command_entities(text: str) -> list[dict[str, Any]]:
    """Where the commands stand in what a person says."""
    return [
        {"type": "bot_command", "offset": length(text[: found.start()]), "length": length(found[0])}
        for found in _COMMAND.finditer(text)
    ]
