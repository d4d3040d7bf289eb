"""A portal as data: the model of crawler/portals/*.toml and its loader. See docs/example-portal.toml."""

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from crawler.asking.hours import Hours, read_hours
from crawler.platforms import PLATFORM_NAMES
from crawler.platforms.options import OPTIONS, Options
from parsers.strict_toml import ConfigError, faults_at, faults_of, load_strict, unknown_name

SHORTEST_DELAY_S = 0.5
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:(?P<port>[1-9]\d{0,4}))?")
_NO_PAGE = re.compile(r"\s*(?:#|(?!https?:)[a-z][a-z0-9+.-]*:)", re.I)  # javascript:, a mere fragment
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Column(_Strict):
    """One list of a portal: its first page; the reporting year or the agency that the whole list belongs to, if any."""

    url: str
    year: int | None = Field(default=None, ge=2008, le=2100)
    agency: str | None = Field(default=None, min_length=2)


class Expect(_Strict):
    """How many reports the columns together are known to list: below `min` the crawl fails, above `max` it warns."""

    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=1)

    @field_validator("max")
    @classmethod
    def _above_min(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and value < info.data.get("min", 0):
            raise ValueError(f"must not be below min = {info.data['min']} (found {value})")
        return value


class Selectors(_Strict):
    """CSS selectors where the defaults do not see the right thing. row: one entry of a list; link, title and date
    are looked for inside it. next: links to further pages. lists: links (or frames) that lead to further lists of the
    column, one for each year or agency. body: the text of a detail page."""

    row: str | None = None
    link: str | None = None
    title: str | None = None
    date: str | None = None
    next: str | None = None
    lists: str | None = None
    body: str | None = None

    @field_validator("*")
    @classmethod
    def _is_css(cls, value: str | None) -> str | None:
        return _checked_css(value)


class Browser(_Strict):
    """What the browser does with a page, where fetch = "browser". See crawler/asking/browser.py.

    pages: "lists": only lists are opened in it, "all": the pages of reports too; files never are. wait_for: an element
    that is there once the list is. more: a button (加载更多) that is clicked until it is gone or brings no news;
    most_clicks: at most so often. timeout_s: seconds for one page, all that it loads and all clicks together.
    """

    pages: Literal["lists", "all"] = "lists"
    wait_for: str | None = None
    more: str | None = None
    most_clicks: int = Field(default=50, ge=1, le=500)
    timeout_s: float = Field(default=60.0, ge=1, le=600)

    @field_validator("wait_for", "more")
    @classmethod
    def _is_css(cls, value: str | None) -> str | None:
        return _checked_css(value)


class Pages(_Strict):
    """Names of further list pages where the page does not say them: pattern "index_{n}.html", first number."""

    pattern: str | None = None
    first: int = Field(default=1, ge=0)

    @field_validator("pattern")
    @classmethod
    def _has_number(cls, value: str | None) -> str | None:
        if value is not None and value.count("{n}") != 1:
            raise ValueError(f'must hold {{n}} once, as in "index_{{n}}.html" (found {value!r})')
        if value is not None and _NO_PAGE.match(value):
            raise ValueError(f'must be the name of a page, as in "index_{{n}}.html" (found {value!r})')
        return value


def _checked_css(value: str | None) -> str | None:
    if value is not None:
        from selectolax.lexbor import LexborHTMLParser, SelectolaxError

        try:
            LexborHTMLParser("<p>").css(value)
        except SelectolaxError as error:
            raise ValueError(f'must be a CSS selector, as in "ul.list > li" (found {value!r})') from error
    return value


class PortalFile(_Strict):
    """What a portal file may say. Order matters: `allowed_hosts` is checked before what depends on it.

    allowed_hosts: "host" (any port) or "host:port"; no other host is ever contacted. delay_s: seconds from the end of
    an answer to the next request to the same host, 0 by itself only on loopback. connections: requests to a host that
    may be under way at once. daily_budget: requests on a day in Beijing at most. hours: Beijing time, "22:00-06:00".
    verify_tls: False is an exception that is recorded with each visit. proxy: the name of the environment variable that
    holds the proxy's address. place: the place in front of short agency names. max_pages: pages of one column at most.
    options: what the platform alone needs to be told (crawler/platforms/options.py).
    """

    name: str = Field(min_length=2)
    platform: str
    allowed_hosts: list[str] = Field(min_length=1)
    columns: list[Column] = Field(min_length=1)
    delay_s: float = Field(default=3.0, ge=0, le=3600)
    connections: int = Field(default=1, ge=1, le=8)
    daily_budget: int = Field(default=400, ge=2, le=100_000)
    hours: str | None = None
    verify_tls: bool = True
    fetch: Literal["plain", "browser"] = "plain"
    proxy: str | None = None
    expect: Expect = Expect()
    default_agency: str | None = Field(default=None, min_length=2)
    place: str | None = Field(default=None, min_length=2)
    notes: str | list[str] | None = None
    browser: Browser = Browser()
    selectors: Selectors = Selectors()
    pages: Pages = Pages()
    options: SerializeAsAny[Options] = Field(default=Options(), validate_default=True)
    max_pages: int = Field(default=50, ge=1, le=2000)

    @model_validator(mode="before")
    @classmethod
    def _no_delay_on_loopback(cls, data: Any) -> Any:
        hosts = data.get("allowed_hosts") if isinstance(data, dict) else None
        if (
            isinstance(hosts, list)
            and "delay_s" not in data
            and all(isinstance(h, str) and is_loopback(h) for h in hosts)
        ):
            return data | {"delay_s": 0.0}
        return data

    @field_validator("platform")
    @classmethod
    def _known_platform(cls, value: str) -> str:
        if value not in PLATFORM_NAMES:
            raise ValueError(f"unknown platform {value!r}; {unknown_name(value, sorted(PLATFORM_NAMES))}")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: list[str]) -> list[str]:
        wrong = [
            (
                (number,),
                f'must be a host name in lower case, as in "{_host_in(host)}" or "host:8080" (found {host!r})',
            )
            for number, host in enumerate(value)
            if not _HOST.fullmatch(host)
        ]
        if wrong:
            raise faults_at(wrong)
        return value

    @field_validator("columns")
    @classmethod
    def _column_urls(cls, value: list[Column], info: ValidationInfo) -> list[Column]:
        wrong = []
        hosts = info.data.get("allowed_hosts")
        seen: set[str] = set()
        for number, column in enumerate(value):
            if not is_web_address(column.url):
                wrong.append(
                    ((number, "url"), f"must begin with http:// or https:// and a host (found {column.url!r})")
                )
            elif hosts is not None and not host_allowed(column.url, hosts):
                host = urlsplit(column.url).netloc
                wrong.append(((number, "url"), f"host {host} is not among allowed_hosts; add it there"))
            elif column.url in seen:
                wrong.append(((number, "url"), f"{column.url} is listed twice; leave one out"))
            seen.add(column.url)
        if wrong:
            raise faults_at(wrong)
        return value

    @field_validator("delay_s")
    @classmethod
    def _polite(cls, value: float, info: ValidationInfo) -> float:
        hosts = info.data.get("allowed_hosts")
        if value < SHORTEST_DELAY_S and hosts is not None and not all(map(is_loopback, hosts)):
            raise ValueError(f"must be at least {SHORTEST_DELAY_S} seconds (found {value}); 3.0 is the polite default")
        return value

    @field_validator("hours")
    @classmethod
    def _span(cls, value: str | None) -> str | None:
        if value is not None:
            read_hours(value)
        return value

    @field_validator("options", mode="before")
    @classmethod
    def _of_the_platform(cls, value: Any, info: ValidationInfo) -> Any:
        """`options` as the model of the platform, which is checked before; also where the file has none of them."""
        model = OPTIONS.get(info.data.get("platform", ""), Options)
        if type(value) is Options and model is not Options:
            value = {}
        if not isinstance(value, dict) or "platform" not in info.data:
            return value
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise faults_at(faults_of(error, model)) from error

    @field_validator("proxy")
    @classmethod
    def _variable(cls, value: str | None) -> str | None:
        if value is not None and not _ENVIRONMENT_NAME.fullmatch(value):
            # The value is not repeated: an address with a password may have been put here.
            raise ValueError("must be the name of an environment variable that holds the proxy's address")
        return value


class Portal(PortalFile):
    """A checked portal. id: the name of its file without .toml."""

    id: str

    @property
    def on_loopback(self) -> bool:
        """True if every host is this machine: a virtual time may be handed in then."""
        return all(map(is_loopback, self.allowed_hosts))

    @property
    def is_paced(self) -> bool:
        """False where nobody can be disturbed: on loopback without a delay."""
        return self.delay_s > 0 or not self.on_loopback

    @property
    def open_hours(self) -> Hours | None:
        """When it may be asked, None for always."""
        return read_hours(self.hours) if self.hours is not None else None

    def allows(self, url: str) -> bool:
        """Whether this URL may be requested at all."""
        return is_web_address(url) and host_allowed(url, self.allowed_hosts)


def is_portal_id(name: str) -> bool:
    """Whether a portal may be called so: it is the name of its file without .toml."""
    return _ID.fullmatch(name) is not None


def load_portal(path: Path) -> Portal:
    """Read one portal file. Raises ConfigError with every fault."""
    if not is_portal_id(path.stem):
        raise ConfigError(
            [f"{path}: a portal file's name has only a-z, 0-9, _ and -, as in liuxi_county.toml; rename it"]
        )
    # Only what the file says, so that a deployment's own delay_s can stand in for one that it does not give.
    return Portal.model_validate({"id": path.stem, **load_strict(path, PortalFile).model_dump(exclude_unset=True)})


def load_portals(folders: Iterable[Path]) -> dict[str, Portal]:
    """All portals of some folders by id; of two with the same id that of the earlier folder counts.

    A folder that does not exist is a fault. Raises ConfigError with every fault of every file.
    """
    portals: dict[str, Portal] = {}
    faults: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            faults.append(f"{folder}: is not a folder; create it or correct `portals`")
            continue
        for path in sorted(folder.glob("*.toml")):
            try:
                portals.setdefault(path.stem, load_portal(path))
            except ConfigError as error:
                faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return portals


def _host_in(text: str) -> str:
    """The host that somebody may have meant, who wrote a whole address: for the sentence that refuses it."""
    try:
        name = urlsplit(text if "//" in text else f"//{text}").netloc.lower()
    except ValueError:
        name = ""
    return name if _HOST.fullmatch(name) else "www.example.gov.cn"


def is_loopback(host: str) -> bool:
    """Whether "host" or "host:port" is this machine by its very name: localhost, 127.0.0.0/8, [::1]."""
    match = _HOST.fullmatch(host.lower())
    name = match["name"].strip("[]") if match else ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_web_address(url: str) -> bool:
    """Whether this is an absolute http or https URL with a host and no user name."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def host_allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether the URL's host is listed, exactly (no subdomains), as "host" or as "host:port".

    url: one that is_web_address accepts.
    """
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    name = f"[{name}]" if ":" in name else name
    port = parts.port or (443 if parts.scheme == "https" else 80)
    allowed = set(hosts)
    return name in allowed or f"{name}:{port}" in allowed
