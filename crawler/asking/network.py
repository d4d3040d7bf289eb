"""Sending one request: what goes out, what comes back, and from where and how it was asked.

Scrapy moves the bytes; no failure of the network is an error here, each is an Answer without a status.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.downloadermiddlewares import cookies
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Response
from tldextract import TLDExtract
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.address import question
from crawler.asking.unpack import BrokenPacking, TooLarge, unpack
from crawler.outcomes.verdict import Answer
from crawler.portal import Portal
from crawler.settings import LARGEST_BODY, TIMEOUT_S, proxy_of

Download = Callable[[Request], Awaitable[Response]]

# Which names may share cookies is told by the list that the package brings. Scrapy's own copy would be fetched from a
# host that no portal's file names, in the middle of a crawl.
cookies._split_domain = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)

PROXY_REFUSES = 407
PRETENDED = "pretended"
_NO_ANSWER: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "no answer within {:g} s"),
    (CannotResolveHostError, "host name not found"),
    (DownloadConnectionRefusedError, "connection refused"),
    (ResponseDataLossError, "answer broke off"),
    (DownloadCancelledError, "answer too large"),
    (DownloadFailedError, "connection failed"),
    (ConnectError, "connection failed"),
    (ConnectionClosed, "connection broke off"),
    (TunnelError, "no way to the portal was opened"),
)
_TRANSPORT_ERRORS = tuple(error for error, _ in _NO_ANSWER)
_TLS_REFUSED = ("certificate verify failed", "VerificationError", "DNSMismatch", "IPAddressMismatch")
_SECRET_HEADERS = ("Proxy-Authorization",)


class Reply(NamedTuple):
    """One answer. request_headers: as sent, without those for the proxy. network: see db.records.Visit.

    may_pass: of no answer, whether it may come when asked again.
    """

    answer: Answer
    request_headers: dict[str, str]
    network: dict[str, str | None]
    may_pass: bool = True


class Network:
    """The way to one portal. label: the deployment's own words for where it asks from. is_virtual: the crawl plays
    another day, and its visits say so."""

    def __init__(self, portal: Portal, download: Download, label: str = "", *, is_virtual: bool = False) -> None:
        self._portal = portal
        self._is_paced = portal.is_paced
        self._download = download
        self._label = label
        self._is_virtual = is_virtual
        self._proxy = proxy_of(portal)

    async def send(self, asked: str, url: str, headers: dict[str, str]) -> Reply:
        """Send one request, and no second one. asked: the address before redirects. url: that of this request; see
        crawler/address.py for how it says what is posted. headers: with a Cookie among them, even an empty one, the
        request is the browser's, whose cookies no other request gets, and which gets none of theirs."""
        if self._is_paced:
            # Else each process would keep an idle connection open beside the one that is allowed.
            headers = headers | {"Connection": "close"}
        # `proxy` is set even to None: proxies of the environment apply only where the portal's file names them.
        meta: dict[str, object] = {"download_slot": host_of(url), "proxy": self._proxy}
        if "Cookie" in headers:
            # What a page in the browser waits for is waited for no longer than for the page.
            meta |= {"dont_merge_cookies": True, "download_timeout": min(TIMEOUT_S, self._portal.browser.timeout_s)}
            headers = {name: value for name, value in headers.items() if value}
        put = question(url)
        request = Request(
            put.url, method=put.method, body=put.body, headers=headers | put.headers, dont_filter=True, meta=meta
        )
        try:
            response = await self._download(request)
        except _TRANSPORT_ERRORS as error:
            return self._no_answer(asked, url, request, error)
        sent = response.request if response.request is not None else request
        server = str(response.ip_address) if response.ip_address is not None else None
        if self._proxy and response.status == PROXY_REFUSES:
            said = f"the proxy of {self._portal.proxy} refuses: status 407"
            return self._failed(asked, url, sent, said, may_pass=False)
        if server is not None and not self._proxy and _is_inside(url, server) and not self._portal.on_loopback:
            said = (
                f"{urlsplit(url).hostname} leads to {server}, an address inside a network; what it answers is not kept"
            )
            return self._failed(asked, url, sent, said, may_pass=False)
        came = {name.lower(): text for name, text in _texts(response.headers)}
        try:
            body = unpack(response.body, came.get("content-encoding", ""), LARGEST_BODY)
        except BrokenPacking as error:
            return self._failed(asked, url, sent, str(error), may_pass=not isinstance(error, TooLarge))
        answer = Answer(asked, url, response.status, self._scrubbed(came), body)
        return Reply(answer, self._sent(sent), self._description(url, server, answered=True))

    def _no_answer(self, asked: str, url: str, request: Request, error: Exception) -> Reply:
        details = _details(error)
        if any(word in details for word in _TLS_REFUSED):
            text = (
                f"the TLS certificate of {urlsplit(url).netloc} is not to be trusted ({_why_not_trusted(details)}); "
                "verify_tls = false in the portal's file asks all the same"
            )
            return self._failed(asked, url, request, text, may_pass=False)
        said = next(text for kind, text in _NO_ANSWER if isinstance(error, kind))
        said = said.format(request.meta.get("download_timeout", TIMEOUT_S))
        if self._proxy:
            # Details name the proxy's address.
            return self._failed(asked, url, request, f"{said} (by the proxy of {self._portal.proxy})")
        return self._failed(asked, url, request, said + (f": {details}"[:300] if details else ""))

    def _failed(self, asked: str, url: str, request: Request, said: str, *, may_pass: bool = True) -> Reply:
        network = self._description(url, None, answered=False)
        return Reply(Answer(asked, url, None, error=said), self._sent(request), network, may_pass)

    def _description(self, url: str, server: str | None, *, answered: bool) -> dict[str, str | None]:
        tls = None
        if answered and urlsplit(url).scheme == "https":
            tls = "verified" if self._portal.verify_tls else "not verified"
        return {
            "from": self._label,
            "via": f"proxy {self._portal.proxy}" if self._proxy else "direct",
            "server": None if self._proxy else server,  # else the proxy's own address
            "tls": tls,
        } | ({"clock": PRETENDED} if self._is_virtual else {})

    def _sent(self, request: Request) -> dict[str, str]:
        return {name: text for name, text in _texts(request.headers) if name not in _SECRET_HEADERS}

    def _scrubbed(self, headers: dict[str, str]) -> dict[str, str]:
        """Without the name of the proxy, which proxies write into what they pass on."""
        if not self._proxy:
            return headers
        parts = urlsplit(self._proxy)
        hidden = [re.escape(word) for word in (parts.hostname, parts.username, parts.password) if word]
        hidden += [re.escape(unquote(word)) for word in (parts.username, parts.password) if word]
        words = re.compile(rf"(?<![\w.-])(?:{'|'.join(hidden)})(?::\d+)?(?![\w-])", re.I)
        return {name: words.sub("(proxy)", text) for name, text in headers.items()}


def host_of(url: str) -> str:
    """What shares a pace: the host of a URL that may be asked, in lower case; with its port where that is neither 80
    nor 443, behind which there is one server."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


def _is_inside(url: str, server: str) -> bool:
    """Whether a name of the web led to an address that is none of it: such a name would have us read what lies behind
    our own walls. An address that the portal's file names itself is meant."""
    try:
        ipaddress.ip_address((urlsplit(url).hostname or "").strip("[]"))
    except ValueError:
        address = ipaddress.ip_address(server)
        return address.is_private or address.is_link_local or address.is_loopback
    return False


def _texts(headers: Headers) -> Iterator[tuple[str, str]]:
    """Each name with its values joined. Bytes beyond ASCII are read as UTF-8, else GB18030."""
    for name, values in headers.items():
        texts = []
        for value in values:
            try:
                texts.append(value.decode("utf-8"))
            except UnicodeDecodeError:
                texts.append(value.decode("gb18030", "replace"))
        yield name.decode("latin-1"), ", ".join(texts)


def _details(error: Exception) -> str:
    """What the network says of a failed connection: a certificate, a reset. "" where the kind of error says it all."""
    if isinstance(error, ConnectError):
        return str(error)
    if not isinstance(error, DownloadFailedError):
        return ""
    reasons = getattr(error.__cause__, "reasons", None) or []
    return "; ".join(f"{reason.type.__name__}: {reason.getErrorMessage()}" for reason in reasons) or str(error)


def _why_not_trusted(details: str) -> str:
    return "nobody trusted has signed it, or it has expired" if "verify failed" in details else "it is of another name"
