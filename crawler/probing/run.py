"""Starting a look in a process of its own, and getting what it found whatever becomes of it."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from crawler.portal import Portal, is_loopback, is_web_address
from crawler.probing.order import ID, MOST_REQUESTS, WITH_BROWSER, ProbeOrder
from crawler.probing.result import Probe
from crawler.run import Stop, how_it_ended, run_child
from parsers.strict_toml import ConfigError, faults_of

_FOR_ONE_S = 40.0  # of time for each request: a pause, and an answer that does not come
_LEAST_S = 60.0
_LOG_SHOWN = 4000  # bytes of the log, where the look broke off

Progress = Callable[[dict[str, object]], None]


def probe_site(
    url: str,
    *,
    contact: str | None,
    network: str = "",
    allow: Sequence[str] = (),
    most: int = MOST_REQUESTS,
    delay_s: float = 3.0,
    verify_tls: bool = True,
    chromium: str | None = None,
    now: datetime | None = None,
    on_progress: Progress | None = None,
    stop: Stop | None = None,
) -> Probe:
    """Look at a site; blocks until the child process has ended.

    contact, chromium, now: see crawler.run.crawl_portal. allow: further hosts that may be asked. most: requests at most
    (see ProbeOrder). delay_s: between two of them, not on loopback. Raises ConfigError for an address or a host that is
    none; what happens in the look is told by the Probe.
    """
    found: list[Probe] = []

    def relay(message: dict[str, Any]) -> None:
        if message.get("event") == "probe":
            found.append(Probe.from_json(message))
        elif on_progress is not None:
            on_progress(message)

    with TemporaryDirectory(prefix="nianbao-probe-") as folder:
        log = Path(folder) / "log"
        order = order_of(
            url,
            Path(folder) / "probe.db",
            contact=contact,
            network=network,
            allow=allow,
            most=most,
            delay_s=delay_s,
            verify_tls=verify_tls,
            chromium=chromium,
            now=now,
        )
        timeout_s = max(_LEAST_S, WITH_BROWSER * most * (_FOR_ONE_S + delay_s))
        ended = run_child(
            "crawler.probing.child",
            order.model_dump(mode="json"),
            relay,
            timeout_s=timeout_s,
            log_file=log,
            stop=stop,
        )
        if found:
            return found[-1]
        if not (stop and stop.is_set):
            sys.stderr.write(log.read_bytes()[-_LOG_SHOWN:].decode("utf-8", "replace"))
    return Probe(url, sentence=f"{url}: {how_it_ended('look', ended, timeout_s)}")


def order_of(
    url: str,
    archive: Path,
    *,
    contact: str | None = None,
    network: str = "",
    allow: Sequence[str] = (),
    most: int = MOST_REQUESTS,
    delay_s: float = 3.0,
    verify_tls: bool = True,
    chromium: str | None = None,
    now: datetime | None = None,
) -> ProbeOrder:
    """What the child process is told: see probe_site. archive: of this look alone. Raises ConfigError."""
    url = url.strip()
    if not is_web_address(url):
        hint = f"https://{url}" if "://" not in url and "." in url else "https://www.example.gov.cn/"
        raise ConfigError([f"{url!r} is no web address; write it with http:// or https://, as in {hint}"])
    portal = _portal(url, allow, most, delay_s, verify_tls)
    return ProbeOrder(
        url=url,
        portal=portal,
        archive=archive,
        contact=contact,
        network=network,
        most=most,
        now=now,
        chromium=chromium,
    )


def _portal(url: str, allow: Sequence[str], most: int, delay_s: float, verify_tls: bool) -> Portal:
    """What stands for the site while it is looked at. Raises ConfigError."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    name = f"[{name}]" if ":" in name else name
    host = name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"
    hosts = list(dict.fromkeys([host, *(one.strip().lower() for one in allow)]))
    try:
        return Portal.model_validate(
            {
                "id": ID,
                "name": host if len(host) > 1 else f"{host} ",
                "platform": "static_list",
                "allowed_hosts": hosts,
                "columns": [{"url": url}],
                "delay_s": 0.0 if all(map(is_loopback, hosts)) else delay_s,
                "daily_budget": most,
                "verify_tls": verify_tls,
            }
        )
    except ValidationError as error:
        raise ConfigError([f"{'.'.join(map(str, loc))}: {said}" for loc, said in faults_of(error, Portal)]) from error
