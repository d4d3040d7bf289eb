"""What an endpoint answers in JSON, as it comes: with a callback around it, or all of it as one text of JSON; and the
times in it."""

import json
import re
from datetime import date
from functools import lru_cache
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


def failure_in(data: Any) -> str | None:
    """In what words an answer says that it is none: success false, or a code of the kind of HTTP's 4xx and 5xx."""
    if not isinstance(data, dict):
        return None
    code = next((data[name] for name in ("code", "status", "errcode", "state") if data.get(name) is not None), None)
    if data.get("success") is False or re.fullmatch(r"[45]\d\d", str(code)):
        said = data.get("msg") or data.get("message") or code
        return str(said)[:100]
    return None


def beijing_day(seconds: int) -> str:
    """The ISO date in Beijing of a time in seconds since 1970, of the years 1 to 9999."""
    return _iso(_EPOCH + (seconds + _BEIJING_OFFSET) // 86_400)


@lru_cache(maxsize=512)
def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
