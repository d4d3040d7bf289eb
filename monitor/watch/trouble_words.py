"""Troubles and interruptions in words: for maintainers, and for subscribers. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from db.telling.troubles import Kept
from monitor.catalogue.dates import moment_words
from monitor.config import Language
from monitor.telling.messages import in_languages
from monitor.telling.wording import Words, has, one_line, pair, words
from monitor.watch import interruptions, lasting

FEW = 3  # so many of a kind are told one by one
LISTED = 10  # so many stand in the message itself; more in a file that goes with it
_Time = TypeVar("_Time", datetime, tuple[datetime, datetime])

_LONGEST_SAID = 400  # characters of what others say


class Said(NamedTuple):
    """A message: its text, and what goes with it as (file name, text)."""

    text: str
    document: tuple[str, str] | None = None


# For maintainers


def of_step(step: lasting.Step, language: Language) -> Said:
    """One trouble: that it begins, lasts, ends, or was."""
    kept, over = step.kept, step.told == "ends"
    fields = _fields(kept)
    form = str(fields["form"])
    what = words(f"trouble-{kept.kind}-over" if over else f"trouble-{form}", **fields)
    parts = [_headline(step, what)]
    if step.told in ("ends", "was") and kept.ended_at is not None:
        parts.append(words("trouble-span", **_at("since", kept.since), **_at("until", kept.ended_at)))
    if not over:
        said = one_line(fields.get("said", ""))
        parts += [words(f"trouble-{form}-more", **fields)]
        parts += [words("trouble-said", said=_short(said))] if said else []
        parts += [words(f"trouble-{form}-do", **fields)]
    return Said(in_languages(parts, language))


def of_many(steps: Sequence[lasting.Step], language: Language) -> Said:
    """Several of one kind and one telling, in one message."""
    first, over = steps[0], steps[0].told == "ends"
    kind = first.kept.kind
    key = f"trouble-{kind}-many-over" if over else f"trouble-{kind}-many"
    lines = []
    for step in steps:
        fields = _fields(step.kept)
        zh, en = words(f"trouble-{kind}-over" if over else f"trouble-{fields['form']}", **fields)
        lines.append((f"· {zh}", f"· {en}"))
    ends = [] if over else [words("trouble-many")]
    return _listed(
        [_headline(first, words(key, count=len(steps)))],
        lines,
        ends,
        ("trouble-list", len(lines)),
        "portals.txt",
        language,
    )


def in_english(kept: Kept) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    fields = _fields(kept)
    form = fields["form"]
    return words(f"trouble-{form}", **fields)[1], words(f"trouble-{form}-do", **fields)[1].rstrip(".")


def can_be_many(kind: str) -> bool:
    """Whether several of a kind are told in one message."""
    return has(f"trouble-{kind}-many")


def _headline(step: lasting.Step, what: Words) -> Words:
    days = (f"{step.days}天", f"{step.days} day{'' if step.days == 1 else 's'}")
    return words(f"trouble-headline-{step.told}", **pair("what", what), **pair("days", days))


def _fields(kept: Kept) -> dict[str, object]:
    """What a trouble's sentences are filled with: its detail, each time as words."""
    fields: dict[str, object] = {"form": kept.kind, "subject": kept.subject}
    for name, value in kept.detail.items():
        if name.endswith("_at") and isinstance(value, str):
            fields |= _at(name.removesuffix("_at"), datetime.fromisoformat(value))
        else:
            fields[name] = value
    return fields


# For subscribers


def of_interruption(step: interruptions.Step, names: Mapping[str, str], now: datetime, language: Language) -> Said:
    """What is not watched, and what is watched again. names: portal -> its name, of
    all that the settings have."""
    ends = [words("interrupted-times")]
    back = [
        words("interrupted-portal-back", name=names.get(portal, portal), **_at("since", begin), **_at("until", end))
        for portal, (begin, end) in _in_order(step.back)
    ]
    if step.told == "ends":
        head = [words("resumed-headline", **_at("until", now)), words("interrupted-back", count=len(back))]
        ends = [words("resumed-unknown"), *ends]
        return _listed(head, back, ends, ("interrupted-list", len(back)), "monitoring.txt", language)
    unwatched = [
        words("interrupted-portal", name=names.get(portal, portal), **_at("since", since))
        for portal, since in _in_order(step.unwatched)
    ]
    key = "interrupted-headline-changes"
    if step.told == "begins":
        key = "interrupted-headline" if len(unwatched) == len(names) else "interrupted-headline-part"
    portals = (f"{len(unwatched)}个网站", f"{len(unwatched)} portal{'' if len(unwatched) == 1 else 's'}")
    head = [
        words(key, **pair("portals", portals), **_at("since", step.kept.since)),
        words("interrupted-unwatched", count=len(unwatched)),
    ]
    ends = [words("interrupted-silence"), *ends]
    if not back:
        return _listed(head, unwatched, ends, ("interrupted-list", len(unwatched)), "monitoring.txt", language)
    lines = [*unwatched, words("interrupted-back", count=len(back)), *back]
    ends.insert(1, words("resumed-unknown"))
    return _listed(head, lines, ends, ("interrupted-list", len(unwatched)), "monitoring.txt", language)


def _in_order(portals: Mapping[str, _Time]) -> list[tuple[str, _Time]]:
    """By time, then by name."""
    return sorted(portals.items(), key=lambda item: (item[1], item[0]))


# Both


def _listed(
    head: Sequence[Words],
    lines: Sequence[Words],
    ends: Sequence[Words],
    pointer: tuple[str, int],
    name: str,
    language: Language,
) -> Said:
    """A message with a list: in its text where it is short, else in a file. pointer: the entry that says so, and of how
    many."""
    if len(lines) <= LISTED:
        return Said(in_languages([*head, *lines, *ends], language))
    key, count = pointer
    text = in_languages([head[0], words(key, count=count), *ends], language)
    return Said(text, (name, in_languages([*head, *lines], language) + "\n"))


def _at(name: str, moment: datetime) -> dict[str, str]:
    return pair(name, moment_words(moment))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SAID else f"{text[: _LONGEST_SAID - 1]}…"
