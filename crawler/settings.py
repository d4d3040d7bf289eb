"""Scrapy's settings for one portal, and how we name ourselves."""

import re
from importlib.metadata import version
from typing import Any

from crawler.errors import ContactError
from crawler.portal import Portal

PRODUCT = "nianbao"
TIMEOUT_S = 30
LARGEST_BODY = 64 * 1024 * 1024
SLOT = "portal"  # all hosts of a portal share one queue, so that the delay holds for the portal as a whole
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://[^\s]+")


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


def scrapy_settings(portal: Portal, agent: str) -> dict[str, Any]:
    """One connection, a fixed delay, no caches of Scrapy's own and nothing that listens."""
    delay = 0.0 if portal.on_loopback else portal.delay_s
    return {
        "BOT_NAME": PRODUCT,
        "USER_AGENT": agent,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_SLOTS": {SLOT: {"concurrency": 1, "delay": delay, "jitter": 0}},
        "DOWNLOAD_TIMEOUT": TIMEOUT_S,
        "DOWNLOAD_MAXSIZE": LARGEST_BODY,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # off by default in Scrapy 2.19
        "AUTOTHROTTLE_ENABLED": False,  # it lowers slot delays step by step
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
        },
        # Redirects, retries, robots.txt and refused hosts are all decided, and recorded, in crawler/fetch.py.
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
