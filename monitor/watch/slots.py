"""The times of the calendar at which something is to run: never-ending rows of moments. Pure; moments are whole seconds
since 1970 (UTC), days proleptic ordinals of days in Beijing."""

from datetime import date
from hashlib import blake2b
from typing import Protocol

from crawler.asking.hours import Hours
from monitor.watch.season import Pace, is_later_look, looks_between, season_looks

HOUR_S, DAY_S, WEEK_S = 3600, 86_400, 604_800
_BEIJING_S = 8 * HOUR_S
_EPOCH = date(1970, 1, 1).toordinal()
_REMEMBERED = 16  # days of one portal: those that a tick of the watch asks for
_MOST_LOOKS = 24  # a day; for each the hash of portal and day has two bytes
_CATCH_UP = 8 + 2 * _MOST_LOOKS  # where in that hash the two bytes of catching up stand


class Slots(Protocol):
    """Moments at which something is to run."""

    def after(self, moment: int) -> int:
        """The first one after a moment."""
        ...

    def last(self, moment: int) -> int:
        """The last one up to and with a moment."""
        ...

    def count(self, after: int, until: int) -> int:
        """How many there are after a moment, up to and with another."""
        ...


class Every:
    """Every so many seconds. offset: of any one of them."""

    def __init__(self, period: int, offset: int) -> None:
        self.period = period
        self._offset = offset

    def after(self, moment: int) -> int:
        return self.last(moment) + self.period

    def last(self, moment: int) -> int:
        return moment - (moment - self._offset) % self.period

    def count(self, after: int, until: int) -> int:
        return max(0, (self.last(until) - self.last(after)) // self.period)


def hourly(minute: int) -> Every:
    return Every(HOUR_S, minute * 60)


def daily(clock: str) -> Every:
    """Every day at a time in Beijing, as in "03:40"."""
    return Every(DAY_S, _seconds(clock) - _BEIJING_S)


def weekly(text: str) -> Every:
    """Every week at a time in Beijing, as in "Sun 04:20"."""
    weekday, clock = text.split()
    # 1 January 1970 was a Thursday.
    days = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed").index(weekday)
    return Every(WEEK_S, days * DAY_S + _seconds(clock) - _BEIJING_S)


class Looks:
    """The looks at one portal, within its hours. A day's looks are those of the hours that begin on that day, also
    where they end on the next.

    The hours are cut into as many equal parts as there are looks; in each there is one, at a place that a hash of
    portal and day gives, put off by up to jitter_s, but by no more than half a part.
    """

    def __init__(self, portal: str, hours: Hours, pace: Pace, jitter_s: int) -> None:
        self.portal = portal
        self._hours = hours
        self._begin = hours.begin.hour * HOUR_S + hours.begin.minute * 60
        end = hours.end.hour * HOUR_S + hours.end.minute * 60
        self._length = (end - self._begin) % DAY_S or DAY_S
        self._pace = pace
        self._jitter = jitter_s
        self._days: dict[int, tuple[int, ...]] = {}
        self._phase = int.from_bytes(blake2b(portal.encode(), digest_size=8).digest(), "big")

    def each_day(self) -> "Looks":
        """The same with looks on every day, out of the season too."""
        return Looks(self.portal, self._hours, self._pace._replace(later_days=1), self._jitter)

    @property
    def later_days(self) -> int:
        """Days between two looks out of the season."""
        return self._pace.later_days

    def after(self, moment: int) -> int:
        day = self.day(moment)
        while True:
            for slot in self._on(day):
                if slot > moment:
                    return slot
            day += 1

    def next_day(self, moment: int) -> int:
        """The first one on a later day."""
        return self.after(self._opening(self.day(moment) + 1) - 1)

    def last(self, moment: int) -> int:
        day = self.day(moment)
        while True:
            for slot in reversed(self._on(day)):
                if slot <= moment:
                    return slot
            day -= 1

    def count(self, after: int, until: int) -> int:
        if until <= after:
            return 0
        first, last = self.day(after), self.day(until)
        whole = looks_between(first, last - 1, self._pace, self._phase) if first < last else 0
        on_last = sum(slot <= until for slot in self._on(last))
        if first == last:
            return on_last - sum(slot <= after for slot in self._on(first))
        return sum(slot > after for slot in self._on(first)) + whole + on_last

    def day(self, moment: int) -> int:
        """The day whose hours began last."""
        return (moment + _BEIJING_S - self._begin) // DAY_S + _EPOCH

    def looks_on(self, day: int) -> int:
        """How many looks a day has."""
        looks = season_looks(day, self._pace)
        return int(is_later_look(day, self._pace, self._phase)) if looks is None else looks

    def are_open(self, moment: int) -> bool:
        """Whether the portal may be asked at a moment."""
        return moment - self._opening(self.day(moment)) < self._length

    def catch_up(self, day: int) -> int:
        """When in the hours of a day that is begun what was missed before: soon, though not all portals at once."""
        spread = int.from_bytes(self._hash(day)[_CATCH_UP : _CATCH_UP + 2], "big")
        moment = self._opening(day) + spread * min(self._jitter, self._length // 2) // 65_536
        return min((moment, *self._on(day)))

    def within(self, moment: int, now: int) -> int:
        """When what is due at a moment is run: then, if it is to come or its hours last; else in the hours that are
        open now, or open next."""
        if self.are_open(moment) and (moment > now or (self.are_open(now) and self.day(moment) == self.day(now))):
            return moment
        start = max(moment, now)
        return self.catch_up(self.day(start) + (not self.are_open(start)))

    def _opening(self, day: int) -> int:
        return (day - _EPOCH) * DAY_S + self._begin - _BEIJING_S

    def _on(self, day: int) -> tuple[int, ...]:
        """The looks of a day, in order; those of some days are remembered."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _REMEMBERED:
                self._days.clear()
            known = self._days[day] = self._made(day)
        return known

    def _made(self, day: int) -> tuple[int, ...]:
        looks = self.looks_on(day)
        if not looks:
            return ()
        digest, opening = self._hash(day), self._opening(day)
        place = int.from_bytes(digest[:8], "big")
        slots = []
        for number in range(looks):
            start = number * self._length // looks
            part = (number + 1) * self._length // looks - start
            jitter = min(self._jitter, part // 2)
            put_off = int.from_bytes(digest[8 + 2 * number : 10 + 2 * number], "big") * jitter >> 16
            slots.append(opening + start + (place * (part - jitter) >> 64) + put_off)
        return tuple(slots)

    def _hash(self, day: int) -> bytes:
        return blake2b(f"{self.portal} {day}".encode(), digest_size=64).digest()


def _seconds(clock: str) -> int:
    return int(clock[:2]) * HOUR_S + int(clock[3:]) * 60
