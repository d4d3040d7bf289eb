"""The only reader of config.toml: one deployment's settings, checked strictly. Secrets come from the environment."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

import crawler
from crawler.asking.hours import read_hours
from crawler.walk.revisits import RevisitPace
from db.keeping.keep import Keep
from parsers.strict_toml import ConfigError, load_strict

DEFAULT_FILE = Path(__file__).with_name("default_config.toml")
BUILT_IN_PORTALS = Path(crawler.__file__).with_name("portals")
TELEGRAM_TOKEN = "NIANBAO_TELEGRAM_TOKEN"

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_WEEKDAY = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_TIME.pattern}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Language = Literal["zh", "en", "both"]
Chat = int | Annotated[str, Field(pattern=r"^@[A-Za-z][A-Za-z0-9_]{3,31}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Revisit(_Strict):
    """Days between two looks at a known report page; see crawler.walk.revisits."""

    season_days: int = Field(default=7, ge=1, le=366)
    later_days: int = Field(default=30, ge=1, le=366)
    old_days: int = Field(default=365, ge=1, le=3660)
    old_after_years: int = Field(default=3, ge=1, le=50)

    def pace(self) -> RevisitPace:
        """The same as the crawler takes it."""
        return RevisitPace(**self.model_dump())


class Crawl(_Strict):
    """timeout_s: seconds for one crawl of one portal. at_once: portals crawled side by side. delay_s: seconds between
    requests where the portal gives none."""

    timeout_s: float = Field(default=1800.0, gt=0, le=86_400)
    at_once: int = Field(default=4, ge=1, le=64)
    delay_s: float = Field(default=3.0, ge=0.5, le=3600)
    revisit: Revisit = Revisit()


class Browser(_Strict):
    """executable: Chromium, a name on the PATH or a path; left out, it is looked for."""

    executable: str | None = Field(default=None, min_length=1)


class Telegram(_Strict):
    """chats: chat numbers or "@channel" of desks, which hear everything that is told. public: those of public channels,
    which hear of what is not arithmetic only once a person has released it. maintainers: chats that are told about the
    deployment itself. administrators: numbers of persons whose right and wrong count, and who may release. open:
    whether anybody else may subscribe, to what is public. base_url: of the Bot API, without the token. proxy: name of
    the environment variable that holds the proxy's address. token_file: a file that only its owner may read, for the
    token; else it comes from the environment."""

    chats: list[Chat] = []
    public: list[Chat] = []
    maintainers: list[Chat] = []
    administrators: list[int] = []
    open: bool = True
    language: Language = "both"
    base_url: str = "https://api.telegram.org/bot"
    proxy: str | None = None
    token_file: str | None = Field(default=None, min_length=1)

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _is_web_address(value):
            raise ValueError("must be a web address, as in https://api.telegram.org/bot")
        return value

    @field_validator("proxy")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        # The value is not shown: somebody may have put an address with a password here.
        if value is not None and not _ENVIRONMENT_NAME.fullmatch(value):
            raise ValueError('must be the name of an environment variable, as in "HTTPS_PROXY", not the address itself')
        return value

    @field_validator("chats", "public", "maintainers", "administrators")
    @classmethod
    def _once(cls, value: list[Chat]) -> list[Chat]:
        same = [str(chat).casefold() for chat in value]  # an @name is the same in capitals
        if twice := {chat for chat in value if same.count(str(chat).casefold()) > 1}:
            raise ValueError(f"{', '.join(sorted(map(str, twice)))} stands there twice; leave one out")
        return value


class StrikingChange(_Strict):
    """All three must hold. min_count: the larger figure is at least this. ratio: larger to smaller, a smaller one of
    0 taken as 1. sigma: change over the square root of the sum of both figures."""

    min_count: int = Field(default=20, ge=1)
    ratio: float = Field(default=3.0, ge=1)
    sigma: float = Field(default=4.0, ge=0)


class Mass(_Strict):
    """Both must hold. min_count: so many findings of one rule at once from one portal, platform or parser. share: of
    its agencies, or of the reports that it read."""

    min_count: int = Field(default=10, ge=2)
    share: float = Field(default=0.1, ge=0, le=1)


class Thresholds(_Strict):
    striking_change: StrikingChange = StrikingChange()
    mass: Mass = Mass()


class Findings(_Strict):
    """checks_needed: how many different people must have checked a finding before it may be called published.
    public_needs_release: public channels hear of what is not arithmetic only once a person has released it."""

    checks_needed: Literal[1, 2] = 1
    public_needs_release: bool = True


class Evidence(_Strict):
    """timestamp_url: of a time stamp service (RFC 3161), "" for none. timestamp_ca: file of the certificates (PEM) in
    which the service's chain must end, as written; without it the chain is not checked."""

    timestamp_url: str = ""
    timestamp_ca: str | None = Field(default=None, min_length=1)

    @field_validator("timestamp_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not _is_web_address(value):
            raise ValueError("must be the web address of a time stamp service, or empty")
        return value


class Backup(_Strict):
    """folder: where backups go, as written; left out, the folder beside the archive. keep_…: the last backup of each of
    so many days, weeks and months (in Beijing) that have one is kept."""

    folder: str | None = Field(default=None, min_length=1)
    keep_daily: int = Field(default=7, ge=1, le=3660)
    keep_weekly: int = Field(default=5, ge=0, le=1000)
    keep_monthly: int = Field(default=12, ge=0, le=1200)

    def keep(self) -> Keep:
        """The same as the archive takes it."""
        return Keep(self.keep_daily, self.keep_weekly, self.keep_monthly)


class Retention(_Strict):
    """list_pages_days: the bytes of list pages that prove nothing any more may be given up after so many days; 0: never
    (db.keeping.retention)."""

    list_pages_days: int = Field(default=0, ge=0, le=36_600)


class Doctor(_Strict):
    """stale_days: a portal of whose columns one was not read well for so many days, in the season, is stale."""

    stale_days: int = Field(default=7, ge=1, le=366)


class Schedule(_Strict):
    """When what runs, in Beijing. season_runs: looks at a portal a day, January to April; deadline_runs: the same from
    some days before a deadline until some days after it; later_days: days between two looks from May on.
    jitter_minutes: a time is put off by up to so many. hours: within which portals are asked whose file gives no hours.
    backup: time of day; verify, digest: weekday and time, "" for never."""

    season_runs: int = Field(default=1, ge=1, le=12)
    deadline_runs: int = Field(default=3, ge=1, le=24)
    later_days: int = Field(default=7, ge=1, le=60)
    jitter_minutes: int = Field(default=45, ge=0, le=360)
    hours: str = "07:00-22:00"
    backup: str = "03:40"
    verify: str = "Sun 04:20"
    digest: str = "Mon 09:00"

    @field_validator("hours")
    @classmethod
    def _span(cls, value: str) -> str:
        read_hours(value)
        return value

    @field_validator("backup")
    @classmethod
    def _time(cls, value: str) -> str:
        if value and not _TIME.fullmatch(value):
            raise ValueError(f'must be a time of day, as in "03:40", or empty for never (found {value!r})')
        return value

    @field_validator("verify", "digest")
    @classmethod
    def _weekday(cls, value: str) -> str:
        if value and not _WEEKDAY.fullmatch(value):
            raise ValueError(f'must be a weekday and a time, as in "Mon 09:00", or empty for never (found {value!r})')
        return value


class Watch(_Strict):
    """Bounds of what `nianbao watch` starts. crawl_memory_mb, job_memory_mb: resident, of a child with all that it
    starts; job_timeout_s: of reading and judging, backup, verification. disk_free_mb: with less free, the maintainers
    are told."""

    crawl_memory_mb: int = Field(default=2048, ge=128, le=1_000_000)
    job_memory_mb: int = Field(default=2048, ge=128, le=1_000_000)
    job_timeout_s: float = Field(default=14_400.0, gt=0, le=604_800)
    disk_free_mb: int = Field(default=2048, ge=1)


class ConfigFile(_Strict):
    """What a config.toml may say; paths as written."""

    archive: str = Field(default="nianbao.db", min_length=1)
    portals: list[str] | None = None
    register_file: str | None = Field(default=None, alias="register", min_length=1)
    local_rules: str | None = Field(default=None, min_length=1)
    contact: str = ""
    network: str = Field(default="", max_length=200)
    crawl: Crawl = Crawl()
    browser: Browser = Browser()
    telegram: Telegram = Telegram()
    thresholds: Thresholds = Thresholds()
    findings: Findings = Findings()
    evidence: Evidence = Evidence()
    backup: Backup = Backup()
    retention: Retention = Retention()
    doctor: Doctor = Doctor()
    schedule: Schedule = Schedule()
    watch: Watch = Watch()

    @field_validator("network")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError('must be one line of printable text, as in "a home line in Chengdu"')
        return value

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not (_EMAIL.fullmatch(value) or _is_web_address(value)):
            raise ValueError(f"must be an e-mail or a web address, or empty (found {value!r})")
        return value


@dataclass(frozen=True, slots=True)
class Config:
    """One deployment, paths made absolute.

    source: the file it was read from. portals: folders with portal files, the package's last. register: the CSV of
    agencies, local_rules: that of dates that regions have set; None where the deployment has none. contact: "" where
    none is given (then only loopback is crawled). network: own words for where portals are asked from, written down
    with each visit. timestamp_ca: the file that evidence.timestamp_ca names. backup_folder: the one that backup.folder
    names, None where it names none. token_file: the one that telegram.token_file names.
    """

    source: Path
    archive: Path
    portals: tuple[Path, ...]
    register: Path | None
    local_rules: Path | None
    contact: str
    network: str
    crawl: Crawl
    browser: Browser
    telegram: Telegram
    thresholds: Thresholds
    findings: Findings
    evidence: Evidence
    timestamp_ca: Path | None
    backup: Backup
    backup_folder: Path | None
    retention: Retention
    doctor: Doctor
    schedule: Schedule
    watch: Watch
    token_file: Path | None


def load_config(path: Path | None = None) -> Config:
    """The settings of `path`, else of ./config.toml, else of the packaged default.

    Raises ConfigError with every fault; a file or folder that the settings name and that is not there is one.
    """
    if path is None:
        here = Path("config.toml")
        path = here if here.is_file() else DEFAULT_FILE
    elif not path.is_file():
        raise ConfigError([f"{path}: there is no such file; check --config, or leave it out to use ./config.toml"])
    settings = load_strict(path, ConfigFile)
    # The package's folder is no place for an archive.
    base = Path.cwd() if path == DEFAULT_FILE else path.resolve().parent
    faults: list[str] = []
    config = Config(
        source=path,
        archive=_inside(base, settings.archive),
        portals=(*_portal_folders(base, settings, path, faults), BUILT_IN_PORTALS),
        register=_register(base, settings, path, faults),
        local_rules=_local_rules(base, settings, path, faults),
        contact=settings.contact,
        network=settings.network,
        crawl=settings.crawl,
        browser=settings.browser,
        telegram=settings.telegram,
        thresholds=settings.thresholds,
        findings=settings.findings,
        evidence=settings.evidence,
        timestamp_ca=_timestamp_ca(base, settings, path, faults),
        backup=settings.backup,
        backup_folder=_inside(base, settings.backup.folder) if settings.backup.folder else None,
        retention=settings.retention,
        doctor=settings.doctor,
        schedule=settings.schedule,
        watch=settings.watch,
        token_file=_inside(base, settings.telegram.token_file) if settings.telegram.token_file else None,
    )
    if faults:
        raise ConfigError(faults)
    return config


def _inside(base: Path, written: str) -> Path:
    return base / Path(written).expanduser()


def _portal_folders(base: Path, settings: ConfigFile, path: Path, faults: list[str]) -> list[Path]:
    if settings.portals is None:
        usual = base / "portals"
        return [usual] if usual.is_dir() else []
    folders = [_inside(base, written) for written in settings.portals]
    faults += [f"{path}: portals: {f} is no folder; create it or take it out" for f in folders if not f.is_dir()]
    return folders


def _register(base: Path, settings: ConfigFile, path: Path, faults: list[str]) -> Path | None:
    if settings.register_file is None:
        return None
    register = _inside(base, settings.register_file)
    if not register.is_file():
        faults.append(
            f"{path}: register: there is no file {register}; make it with `nianbao agency start`, or take the key out"
        )
    return register


def _local_rules(base: Path, settings: ConfigFile, path: Path, faults: list[str]) -> Path | None:
    if settings.local_rules is None:
        return None
    rules = _inside(base, settings.local_rules)
    if not rules.is_file():
        faults.append(
            f"{path}: local_rules: there is no file {rules}; make it as docs/agencies.md shows, or take the key out"
        )
    return rules


def _timestamp_ca(base: Path, settings: ConfigFile, path: Path, faults: list[str]) -> Path | None:
    if settings.evidence.timestamp_ca is None:
        return None
    certificates = _inside(base, settings.evidence.timestamp_ca)
    if not certificates.is_file():
        faults.append(
            f"{path}: evidence.timestamp_ca: there is no file {certificates}; put the service's certificates there or "
            "take the key out"
        )
    return certificates


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
