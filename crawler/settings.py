"""Scrapy's settings for one portal, and how we name ourselves."""

import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import ContactError, CrawlError
from crawler.portal import Portal

PRODUCT = "nianbao"
TIMEOUT_S = 30
LARGEST_BODY = 64 * 1024 * 1024
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://[^\s]+")


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What one crawl is told beyond its portal.

    network: the deployment's own words for where it asks from, written down with each visit. any_hour: the portal's
    hours are set aside. is_virtual: the clock plays another day, so that waits to spare a server make no sense.
    retries: what may pass (5xx, silence) is asked again after a pause; not where a person waits for the answer.
    chromium: the program for pages that a browser shows (browser_process.chromium_of). most_pages: of the reports that
    the lists lead to only so many are fetched; None: all.
    """

    network: str = ""
    any_hour: bool = False
    is_virtual: bool = False
    retries: bool = True
    chromium: str | None = None
    most_pages: int | None = None


def user_agent(contact: str | None, portal: Portal) -> str:
    """Who asks, for the User-Agent header. Only portals on loopback may be asked without a contact.

    Raises ContactError.
    """
    name = f"{PRODUCT}/{version('nianbao')}"
    contact = (contact or "").strip()
    if contact and not (_CONTACT.fullmatch(contact) and contact.isascii() and contact.isprintable()):
        raise ContactError(f"contact {contact!r} is neither an e-mail address nor a web address; correct `contact`")
    if contact:
        return f"{name} (+contact: {contact})"
    if not portal.on_loopback:
        raise ContactError(
            "no contact address is set, and portals are not asked anonymously; "
            'set `contact` in config.toml to an e-mail or web address, as in contact = "watch@example.org"'
        )
    return name


def proxy_of(portal: Portal) -> str | None:
    """The address of a portal's proxy, from the environment; None where its file names none.

    Raises CrawlError, which names the variable and never what it holds.
    """
    if portal.proxy is None:
        return None
    address = os.environ.get(portal.proxy, "").strip()
    if not address:
        raise CrawlError(
            f"the environment variable {portal.proxy} (proxy of this portal) is not set; set it or drop `proxy`"
        )
    try:
        parts = urlsplit(address)
        fine = parts.scheme == "http" and bool(parts.hostname) and bool(parts.port) and address.isascii()
    except ValueError:
        fine = False
    if not fine:
        raise CrawlError(
            f"the environment variable {portal.proxy} does not hold a proxy's address, as in "
            "http://USER:PASSWORD@HOST:PORT (what it holds is not shown); correct it"
        )
    return address


# What Scrapy would load, import and ask at each request, and what has no work here.
_NO_MIDDLEWARES = tuple(
    f"scrapy.downloadermiddlewares.{name}"
    for name in (
        "offsite.OffsiteMiddleware",
        "robotstxt.RobotsTxtMiddleware",
        "httpauth.HttpAuthMiddleware",
        "useragent.UserAgentMiddleware",
        "retry.RetryMiddleware",
        "redirect.MetaRefreshMiddleware",
        "redirect.RedirectMiddleware",
        "stats.DownloaderStats",
        "httpcache.HttpCacheMiddleware",
        "httpcompression.HttpCompressionMiddleware",  # it hands on half a body; see crawler/asking/unpack.py
    )
)
_NO_EXTENSIONS = tuple(
    f"scrapy.extensions.{name}"
    for name in (
        "corestats.CoreStats",
        "logcount.LogCount",
        "telnet.TelnetConsole",
        "remote_control.RemoteControl",
        "memusage.MemoryUsage",
        "memdebug.MemoryDebugger",
        "closespider.CloseSpider",
        "feedexport.FeedExporter",
        "logstats.LogStats",
        "spiderstate.SpiderState",
        "throttle.AutoThrottle",
    )
)


def scrapy_settings(portal: Portal, agent: str) -> dict[str, Any]:
    """What Scrapy is to do: move bytes, and nothing by itself; nothing that listens, no caches of its own.

    Raises CrawlError for a proxy that is not to be used.
    """
    proxy_of(portal)
    return {
        "BOT_NAME": PRODUCT,
        "USER_AGENT": agent,
        # The delays are kept in crawler/asking/pacing.py, across processes; these two only leave room.
        "CONCURRENT_REQUESTS": portal.connections * len(portal.allowed_hosts),
        "CONCURRENT_REQUESTS_PER_DOMAIN": portal.connections,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT_S,
        "DOWNLOAD_MAXSIZE": LARGEST_BODY,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": portal.verify_tls,  # off by default in Scrapy 2.19
        "AUTOTHROTTLE_ENABLED": False,  # it lowers slot delays step by step
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        },
        "DOWNLOADER_MIDDLEWARES": dict.fromkeys(_NO_MIDDLEWARES),
        "EXTENSIONS": dict.fromkeys(_NO_EXTENSIONS),
        # Redirects, retries, robots.txt and refused hosts are all decided, and recorded, in crawler/asking/fetch.py.
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "HTTPCACHE_ENABLED": False,
        # Both are on by default; the second runs Python for whoever holds its token.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "STATS_DUMP": False,
        "LOGSTATS_INTERVAL": 0,
        "LOG_INSTALL_ROOT_HANDLER": False,
    }
