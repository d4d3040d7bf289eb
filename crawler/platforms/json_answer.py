"""What an endpoint answers in JSON, as it comes: with a callback around it, or all of it as one text of JSON; and the
times in it."""

import json
import re
from datetime import date
from typing import Any

_CALLBACK = re.compile(r"\s*(?:/\*\*/)?\s*[A-Za-z_$][\w$.]{0,80}\s*\(")
_EPOCH = date(1970, 1, 1).toordinal()
_BEIJING_OFFSET = 8 * 3600


def json_of(source: str) -> Any:
    """The value of an answer, or None of one that is no JSON. Never raises."""
    text = source.strip()
    if (call := _CALLBACK.match(text)) is not None and text.rstrip("; \r\n").endswith(")"):
        text = text.rstrip("; \r\n")[call.end() : -1].strip()
    if text[:1] not in ("{", "[", '"'):
        return None
    try:
        value = json.loads(text, strict=False)
        # Some send their JSON as one text of JSON.
        return json.loads(value, strict=False) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


def beijing_day(seconds: int) -> str:
    """The ISO date in Beijing of a time in seconds since 1970, of the years 1 to 9999."""
    return date.fromordinal(_EPOCH + (seconds + _BEIJING_OFFSET) // 86_400).isoformat()
