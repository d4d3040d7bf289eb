"""Troubles from one look to the next: each is told once, told again after days, and its end is told. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from db.telling.troubles import Kept
from monitor.watch.troubles import HOLIDAYS_UNKNOWN, Trouble

REMINDED_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
SETTLED = timedelta(hours=1)
"""So long something must be well until it is told so: what is wrong again sooner was never well."""

_NEVER_AGAIN = frozenset({HOLIDAYS_UNKNOWN})  # nobody can do anything about it for weeks

_FIRST, _OVER = "told_first_at", "over_at"  # in the detail, beside what is said

# begins: told for the first time. lasts: told again. ends: it is over. was: it is told once it is over already.
Told = Literal["begins", "lasts", "ends", "was"]


class Step(NamedTuple):
    """What is to be written down of a trouble, and told: None for nothing."""

    kept: Kept
    told: Told | None
    days: int = 0  # of lasts: how many it lasts by now


def steps(
    standing: Iterable[Kept],
    current: Iterable[Trouble],
    now: datetime,
    *,
    is_known: Callable[[Kept], bool] = lambda kept: True,
    is_heard: bool = True,
) -> list[Step]:
    """What becomes of the troubles that stood, and of those that there are now; where nothing is new, nothing.

    is_known: whether what a trouble is about is still there, as a portal in the settings; what is gone ends without a
    word. is_heard: whether anybody is told of it; what nobody was told is told once somebody is there.
    """
    left = {(kept.kind, kept.subject): kept for kept in standing}
    found: list[Step] = []
    for trouble in current:
        if trouble.until is not None:
            kept = _new(trouble, now, is_heard=is_heard)._replace(ended_at=trouble.until)
            found.append(Step(kept, "was" if is_heard else None))
            continue
        before = left.pop(trouble.key, None)
        step = _begins(trouble, now, is_heard) if before is None else _goes_on(before, trouble, now, is_heard)
        if step is not None:
            found.append(step)
    for kept in left.values():
        if not is_known(kept):
            found.append(Step(kept._replace(ended_at=now), None))
        elif (over := kept.detail.get(_OVER)) is None:
            found.append(Step(kept._replace(detail=kept.detail | {_OVER: now.isoformat()}), None))
        elif now - datetime.fromisoformat(over) >= SETTLED:
            was_told = is_heard and kept.told_at is not None
            found.append(Step(kept._replace(ended_at=datetime.fromisoformat(over)), "ends" if was_told else None))
    return found


def is_over(kept: Kept) -> bool:
    """Whether a trouble that stands is well just now, and is waited for to stay so."""
    return _OVER in kept.detail


def _begins(trouble: Trouble, now: datetime, is_heard: bool) -> Step:
    return Step(_new(trouble, now, is_heard=is_heard), "begins" if is_heard else None)


def _new(trouble: Trouble, now: datetime, *, is_heard: bool) -> Kept:
    detail = trouble.detail | ({_FIRST: now.isoformat()} if is_heard else {})
    return Kept(trouble.kind, trouble.subject, trouble.since, now if is_heard else None, None, detail)


def _goes_on(before: Kept, trouble: Trouble, now: datetime, is_heard: bool) -> Step | None:
    kept = before._replace(detail={key: value for key, value in before.detail.items() if key != _OVER})
    first = kept.detail.get(_FIRST)
    if is_heard and (first is None or kept.told_at is None):
        return Step(kept._replace(told_at=now, detail=trouble.detail | {_FIRST: now.isoformat()}), "begins")
    if is_heard and first is not None and kept.told_at is not None and kept.kind not in _NEVER_AGAIN:
        begun = datetime.fromisoformat(first)
        if _passed(now - begun) > _passed(kept.told_at - begun):
            # In the words of today, under the time of then.
            said = kept._replace(told_at=now, detail=trouble.detail | {_FIRST: first})
            return Step(said, "lasts", (now - begun) // timedelta(days=1))
    return None if kept == before else Step(kept, None)


def _passed(lasted: timedelta) -> int:
    return sum(lasted >= after for after in REMINDED_AFTER)
