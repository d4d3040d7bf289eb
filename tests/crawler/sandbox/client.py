"""A plain client of the pretend portals, and a pretend portal as small as can be."""

import http.client
from datetime import datetime
from html import escape
from http.client import HTTPResponse
from urllib.parse import quote, urlsplit

from crawler.sandbox.portal_site import Answer, PortalSite, Publication, PublishedFile, Request


def get(
    url: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None
) -> tuple[HTTPResponse, bytes]:
    """One request without any redirect; the answer and its body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        path = quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


class SmallSite(PortalSite):
    """One page that lists everything; /ask says what was asked; a Chinese path, and one that never stays the same."""

    platform = "static_list"

    @property
    def column_paths(self) -> tuple[str, ...]:
        return ("/nb/",)

    def article_path(self, item: Publication) -> str:
        return f"/nb/{item.number}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        return f"/nb/{item.number}/{index}.{file.ending}"

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        return self.page(self.frame(item.title, item.body(item.day)), item.published_at)

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if request.path == "/nb/":
            rows = "".join(f'<li><a href="{i.number}.html">{escape(i.title)}</a></li>' for i in self.shown(now))
            return self.page(self.frame("年报", f"<ul>{rows}</ul>"), self.beginning())
        if request.path == "/ask":
            said = repr((request.method, sorted(request.query.items()), sorted(request.form.items()), request.body))
            return Answer(said.encode(), "text/plain", now, 202, (("X-Answer", "1"),))
        if request.path == "/年报/一.html":
            return self.page(self.frame("一", "<p>一</p>"), self.beginning())
        return None
