"""Looking at a pretend portal without a network: its pages are asked of it directly, and judged as in a look."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.address import bare, question
from crawler.asking.fetch import redirected
from crawler.outcomes.verdict import Answer, Signs, judge, shell_target, sniff
from crawler.pages.html import absolute
from crawler.portal import Portal
from crawler.probing.asking import LookedAt
from crawler.probing.page import PageFacts, page_facts
from crawler.sandbox.portal_site import Answer as SiteAnswer
from crawler.sandbox.portal_site import PortalSite, Request

HOST = "www.liuxi.gov.cn"
ORIGIN = f"http://{HOST}"
PORTAL = Portal.model_validate(
    {
        "id": "probe",
        "name": HOST,
        "platform": "static_list",
        "allowed_hosts": [HOST],
        "columns": [{"url": f"{ORIGIN}/"}],
    }
)


Reply = Callable[[Request], SiteAnswer | None]


def answers_of(site: PortalSite, now: datetime) -> Reply:
    """What a pretend portal answers at a moment."""
    return lambda request: site.answer(request, now)


class SiteAsking:
    """In the place of crawler.probing.asking.Asking. requests: how many there were."""

    def __init__(self, reply: Reply) -> None:
        self.requests = 0
        self._reply = reply

    async def look(self, url: str, referer: str | None) -> LookedAt:
        current = url
        for _ in range(5):
            answer = self._answer(url, current, referer)
            target = redirected(current, answer) if answer.status in (301, 302) else None
            if target is None:
                break
            current = target
        verdict = judge(answer, "detail", Signs(bool(answer.body)))
        kind = sniff(answer.body)
        is_page = verdict.outcome == "ok" and kind in ("html", "text")
        sent_on = shell_target(answer.body, answer.charset) if is_page else None
        return LookedAt(
            current + url[len(bare(url)) :] if "#" not in current else current,
            answer.body,
            answer.charset,
            verdict,
            kind,
            page_facts(answer.body, answer.charset, current) if is_page else PageFacts(),
            absolute(current, sent_on) if sent_on else None,
        )

    def _answer(self, asked: str, url: str, referer: str | None) -> Answer:
        self.requests += 1
        put = question(url)
        parts = urlsplit(put.url)
        headers = {"host": HOST} | {name.lower(): value for name, value in put.headers.items()}
        request = Request(
            put.method,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            dict(parse_qsl((put.body or b"").decode(), keep_blank_values=True)),
            put.body or b"",
            headers | ({"referer": referer} if referer else {}),
        )
        found = self._reply(request)
        if found is None:
            return Answer(asked, url, 404, {}, b"<html>404</html>")
        fields = {"content-type": found.content_type} | {name.lower(): value for name, value in found.headers}
        return Answer(asked, url, found.status, fields, found.body)
