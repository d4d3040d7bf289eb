"""Who listens in a season, since when and to what; and what people do in it, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from crawler.sandbox.plot import Plot
from crawler.sandbox.season import at_beijing
from db.records import Agency

ADMINISTRATOR = 501
MAINTAINERS = "900"
SEVERITIES = ("notice", "warning", "error")


class Wish(NamedTuple):
    """What a chat wants to hear of, since when and until when (None: to the end). place: a code without its zeros."""

    since: datetime
    until: datetime | None = None
    place: str = ""
    agency_id: str = ""
    kind: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """id: as the Bot API has it. audience: desk and public stand in the settings, stranger comes by itself.
    language: zh, en or both. gone_at: when it blocks the bot. moved: when it becomes another, and which."""

    id: str
    what: str
    audience: Literal["desk", "public", "stranger"]
    language: str
    wishes: tuple[Wish, ...]
    gone_at: datetime | None = None
    moved: tuple[datetime, str] | None = None


class Word(NamedTuple):
    """Something that is said to the bot."""

    at: datetime
    chat: str
    text: str


class Release(NamedTuple):
    """A person releases what stands of a rule about an agency."""

    at: datetime
    rule: str
    agency_id: str


@dataclass(frozen=True, slots=True)
class Cast:
    """chats: all but the maintainers' one. words, releases: in order of time. repairs: portal -> when the maintainer
    corrects its file, after a redesign. kills: when the watch is killed and started anew."""

    chats: tuple[Chat, ...]
    words: tuple[Word, ...]
    releases: tuple[Release, ...]
    repairs: dict[str, datetime]
    kills: tuple[datetime, ...] = ()


def whole_cast(plot: Plot, begin: date, *, kills: Sequence[datetime] = ()) -> Cast:
    """The chats of a whole season. begin: its first day, in the evening of which they say what they want to hear."""
    year = begin.year

    def on(month: int, day: int, hour: int = 23) -> datetime:
        return at_beijing(date(year, month, day), hour)

    begun, opened = at_beijing(begin, 0), at_beijing(begin, 23)
    always, at_first = (Wish(begun),), Wish(begun, opened)
    home, agency = home_of(plot), much_told(plot)
    chats = (
        Chat("-1001", "a desk that hears everything", "desk", "both", always),
        Chat("-1002", "a desk with one place", "desk", "zh", (at_first, Wish(opened, place=home))),
        Chat("-1003", "a desk with one agency", "desk", "en", (at_first, Wish(opened, agency_id=agency.id))),
        Chat("-1004", "a desk that unsubscribes on 10 March", "desk", "en", (Wish(begun, on(3, 10)),)),
        Chat("-1005", "a desk that blocks the bot on 15 February", "desk", "zh", always, gone_at=on(2, 15)),
        Chat("-1006", "a group that becomes a supergroup on 1 March", "desk", "both", always,
             moved=(on(3, 1), "-100999001006")),
        Chat("@season_public", "a public channel", "public", "both", always),
        Chat("2001", "a stranger, arithmetic only", "stranger", "zh", (Wish(opened, kind="identity"),)),
        Chat("2002", "a stranger, errors only", "stranger", "en", (Wish(opened, severity="error"),)),
        Chat("2003", "a stranger since 14 February", "stranger", "both", (Wish(on(2, 14)),)),
    )  # fmt: skip
    words = [
        *narrowed("-1002", opened, f"place {home}"),
        *narrowed("-1003", opened, f"agency {agency.name}"),
        *(Word(opened, chat.id, f"/language {chat.language}") for chat in chats if chat.language != "both"),
        Word(opened, "2001", "/start"),
        Word(opened, "2001", "/subscribe identity"),
        Word(opened, "2002", "/subscribe error"),
        Word(on(2, 14), "2003", "/start"),
        Word(on(2, 14), "2003", "/subscribe all"),
        Word(on(3, 10), "-1004", "/unsubscribe all"),
        Word(on(3, 15), "2001", f"/agency {agency.name}"),
        Word(on(3, 15), "2002", f"/missing {plot.year}"),
        Word(on(3, 15), "2003", "/findings"),
        Word(on(3, 15), "-1001", "/status"),
        Word(on(3, 15), "2003", "/help"),
    ]
    releases = [*_releases(plot, on)]
    repairs = {
        spell.portal: spell.begins + timedelta(days=3, hours=12)
        for spell in plot.outages()
        if spell.failure == "redesigned"
    }
    words.sort(key=lambda word: word.at)
    return Cast(chats, tuple(words), tuple(sorted(releases)), repairs, tuple(kills))


def narrowed(chat: str, at: datetime, wish: str) -> list[Word]:
    """A desk of the settings hears everything until it says what it wants instead."""
    return [Word(at, chat, "/unsubscribe all"), Word(at, chat, f"/subscribe {wish}")]


def home_of(plot: Plot) -> str:
    """The place in which most happens."""
    places = [event.agency.region_code or "" for event in plot.events]
    return max(sorted(set(places)), key=places.count)


def much_told(plot: Plot) -> Agency:
    """The agency of which most is told: its report is put off longest."""
    return max((event for event in plot.events if event.act == "put-off"), key=lambda event: event.at).agency


def _releases(plot: Plot, on: Callable[..., datetime]) -> list[Release]:
    """Of a change, of an absence, and of a report that is gone for good."""
    found = []
    striking = [truth for truth in plot.country.truths if truth.rule == "striking-change"]
    if striking:
        found.append(Release(on(2, 20, 12), "striking-change", striking[0].agency_id))
    missing = [truth for truth in plot.country.truths if truth.rule == "missing"]
    if missing:
        found.append(Release(on(2, 21, 12), "missing", missing[0].agency_id))
    gone = [event for event in plot.events if event.act == "withdrawn" and event.until is None]
    if gone:
        found.append(Release(gone[0].at + timedelta(days=25), "withdrawn", gone[0].agency.id))
    return found
