"""What robots.txt allows us, by RFC 9309, read with care where the RFC leaves a choice."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from crawler.outcomes.verdict import Answer, Verdict
from crawler.settings import PRODUCT
from parsers.encoding import decode

LONGEST_CRAWL_DELAY_S = 3600.0  # as the longest delay_s of a portal file
_REFUSING_STATUSES = (401, 403)
_LARGEST = 500 * 1024  # RFC 9309 asks to read at least 500 KiB
REFUSED = Verdict("blocked", "robots")


@dataclass(slots=True)
class Robots:
    """The rules of one origin. refusal: nothing may be fetched there, and this is why."""

    rules: Protego | None = None
    refusal: Verdict | None = None

    def refuses(self, url: str) -> Verdict | None:
        """Why this URL may not be fetched, None if it may."""
        if self.refusal is not None:
            return self.refusal
        if self.rules is not None and not self.rules.can_fetch(url, PRODUCT):
            return REFUSED
        return None

    @property
    def crawl_delay_s(self) -> float:
        """Seconds between requests that robots.txt asks for, 0 where it asks for none."""
        asked = self.rules.crawl_delay(PRODUCT) if self.rules is not None else None
        return min(asked or 0.0, LONGEST_CRAWL_DELAY_S)


def robots_url(url: str) -> str:
    """Where the robots.txt for a URL lies."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def read_robots(answer: Answer) -> tuple[Robots, Verdict]:
    """The rules and the outcome of the visit.

    4xx: no restriction, but for 401 and 403, taken as a refusal, and 429; everything else without rules (429, 5xx,
    no answer, a redirect that may not be followed): nothing is fetched, since what is allowed is unknown.
    """
    status = answer.status
    if status == 200:
        text = decode(answer.body[:_LARGEST], answer.charset)
        return Robots(rules=Protego.parse(text)), Verdict("ok")
    if status in _REFUSING_STATUSES:
        return Robots(refusal=Verdict("blocked", f"robots: status {status}")), Verdict("blocked", f"status {status}")
    if status is not None and 400 <= status < 500 and status != 429:
        return Robots(), Verdict("gone" if status in (404, 410) else "unknown", f"status {status}")
    why = answer.error or f"status {status}"
    verdict = Verdict("blocked" if status == 429 else "failed", why)
    return Robots(refusal=Verdict(verdict.outcome, f"robots.txt could not be read: {why}")), verdict
