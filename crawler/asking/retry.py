"""How long to wait before a request is sent again. Pure.

5, 15, 45 and 120 s are pauses that public crawlers of these portals got along with.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.outcomes.verdict import GONE_STATUSES, RETRIED_STATUSES, Answer

PAUSES_S = (5.0, 15.0, 45.0, 120.0)
LONGEST_PAUSE_S = 120.0  # a host that asks for more is left alone until the next crawl
_NUMBERS = re.compile(r"\d{1,30}(?:\.\d{1,6})?(?:\s*,\s*\d{1,30}(?:\.\d{1,6})?)*", re.A)
LONGEST_PUT_OFF = timedelta(days=7)  # whatever a header says, a host is asked again after a week


def helps(answer: Answer, *, may_pass: bool) -> bool:
    """Whether asking again may bring another answer. may_pass: of no answer, whether its reason may pass by itself."""
    return may_pass if answer.status is None else answer.status in RETRIED_STATUSES


def retry_after_s(answer: Answer, now: datetime) -> float:
    """Seconds for which a refusal asks to be left alone (a number or a date): a week at most, 0 where it does not."""
    value = (answer.headers.get("retry-after") or "").strip()
    if not value or answer.status is None or answer.status < 400 or answer.status in GONE_STATUSES:
        return 0.0
    longest = LONGEST_PUT_OFF / timedelta(seconds=1)
    if _NUMBERS.fullmatch(value):
        # Two of these headers, as a server and the guard before it send them, come joined: the longer one counts.
        return min(max(float(number) for number in value.split(",")), longest)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max((then - now) / timedelta(seconds=1), 0.0), longest)
