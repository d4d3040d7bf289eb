"""Seasons for the rules about time, made from reads and publications without an archive."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db.local_rules import NO_LOCAL, LocalRules
from db.records import Agency, Finding
from monitor.config import Thresholds
from monitor.judging.absence import Column, Held, Read, judge
from monitor.judging.season import Look, Publication, Season
from monitor.rules import judge_season
from parsers.report import DateCandidate

YEAR = 2023  # due on Wednesday 31 January 2024; 1 and 2 February are working days, and so is Sunday the 4th
ME, PEER, OTHER, THIRD = (f"320800:{name}" for name in ("教育局", "民政局", "财政局", "水利局"))
PORTAL = "linjiang"
AGENCY = Agency(
    ME,
    "临江市教育局",
    region_code="320800",
    organ="department",
    duty="art49_department",
    duty_source="政府信息公开条例第四十九条",
    portal=PORTAL,
)
LIST = Column("https://www.example.gov.cn/nb/", "政府信息公开年报")
MORE = Column("https://www.example.gov.cn/jyj/", "教育局")
PAGE = "https://www.example.gov.cn/nb/jyj.html"
NOW = datetime(2024, 3, 1, tzinfo=UTC)

Key = tuple[str, int]
EARLY: frozenset[Key] = frozenset({(PEER, YEAR), (PEER, YEAR - 1), (ME, YEAR - 1)})
NEWS: frozenset[Key] = EARLY | {(OTHER, YEAR)}
THERE: frozenset[Key] = NEWS | {(ME, YEAR)}


def feb(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of a day of February 2024 in Beijing; day 0 is 31 January, -1 the 30th."""
    return datetime(2024, 1, 31, hour, minute, tzinfo=UTC) + timedelta(days=day, hours=-8)


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in Beijing."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)


def read(moment: datetime, seen: Iterable[Key], column: Column = LIST, **kind: Any) -> Read:
    return Read(column.url, moment, kind.pop("good", True), kind.pop("complete", True), frozenset(seen), **kind)


def story(*, absent: Sequence[int] = (1, 2, 5), there: Sequence[int] = (6, 7), column: Column = LIST) -> list[Read]:
    """Reads of a list before the deadline, days of February without the report, from the second with other news, and
    days with it."""
    before = [read(feb(-3), EARLY, column), read(feb(0), EARLY, column)]
    without = [read(feb(day), NEWS if number else EARLY, column) for number, day in enumerate(absent)]
    return [*before, *without, *(read(feb(day), THERE, column) for day in there)]


def printed(day: str, source: str = "list") -> DateCandidate:
    return DateCandidate("published", day, source)


CAME = feb(6)


def publication(shown: datetime = CAME, **changes: Any) -> Publication:
    """The report at its address, listed at a moment, and looked at then and a week later."""
    url = changes.get("url", PAGE)
    values: dict[str, Any] = {
        "source": PORTAL,
        "url": url,
        "page_url": url,
        "column": LIST.url,
        "title": "临江市教育局2023年政府信息公开工作年度报告",
        "listed_at": shown,
        "first_seen_at": shown + timedelta(minutes=1),
        "last_seen_at": shown + timedelta(days=7),
        "sha256": "ab" * 32,
        "dates": (printed("2024-02-06"),),
        "looks": tuple(
            Look(url, "detail", shown + after, "ok", 200, "ab" * 32)
            for after in (timedelta(minutes=1), timedelta(days=7))
        ),
    }
    return Publication(**values | changes)


def season(
    reads: Sequence[Read] | None = None, publications: Sequence[Publication] | None = None, **changes: Any
) -> Season:
    """The season of AGENCY and YEAR by these reads and publications; without, that of a report that came late. Further
    names: agency, year, columns, held, local, now, searched, claims, is_reformed, lacking."""
    reads = story() if reads is None else reads
    publications = (publication(),) if publications is None else publications
    agency, year = changes.pop("agency", AGENCY), changes.pop("year", YEAR)
    now: datetime = changes.pop("now", NOW)
    local: LocalRules = changes.pop("local", NO_LOCAL)
    held = Held.REPORT if publications else Held.NOTHING
    absence = judge(
        agency,
        year,
        columns=changes.pop("columns", [LIST]),
        reads=reads,
        held=changes.pop("held", held),
        now=now,
        local=local,
    )
    absence = replace(absence, searched=changes.pop("searched", True), lacking=changes.pop("lacking", absence.lacking))
    oldest_first = sorted((r for r in reads if r.at <= now), key=lambda r: r.at)
    return Season(agency, year, now, absence, oldest_first, tuple(publications), **changes)


def found(made: Season, *only: str) -> list[Finding]:
    """What the rules about time say of a season."""
    return judge_season(made, Thresholds(), only or None)


def one(made: Season, rule: str) -> Finding | None:
    """What one rule says of a season."""
    findings = found(made, rule)
    assert len(findings) <= 1
    return findings[0] if findings else None
