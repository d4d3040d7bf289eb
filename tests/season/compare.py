"""What each chat heard, held against what it must have heard. Each difference is a sentence."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tests.season.cast import SEVERITIES, Cast, Chat, Release, Wish
from tests.season.heard import Heard
from tests.season.truth import SLACK, Span, Story


def differences(
    cast: Cast, stories: Sequence[Story], heard: dict[str, list[Heard]], end: datetime, *, lost: set[int], kills: int
) -> list[str]:
    """What differs, chat by chat. end: of what was played. lost: the messages (message_id) that were taken while the
    sender got no answer, which are sent again. kills: how many messages may have been sent twice besides."""
    found: list[str] = []
    spare = [kills]
    for chat in cast.chats:
        ids = [chat.id, *([chat.moved[1]] if chat.moved else [])]
        all_heard = sorted((one for id in ids for one in heard.get(id, [])), key=lambda one: one.sent.message_id)
        found += [
            f"{chat.id} ({chat.what}): {one}" for one in _of_chat(cast, chat, stories, all_heard, end, lost, spare)
        ]
    known = {chat.id for chat in cast.chats} | {chat.moved[1] for chat in cast.chats if chat.moved}
    found += [f"{chat} is nobody who listens, and heard {len(some)} messages" for chat, some in heard.items()
              if chat not in known and any(one.kind in ("tells", "back", "adds") for one in some)]  # fmt: skip
    return found


def _of_chat(
    cast: Cast,
    chat: Chat,
    stories: Sequence[Story],
    heard: list[Heard],
    end: datetime,
    lost: set[int],
    spare: list[int],
) -> Iterator[str]:
    of_findings = [one for one in heard if one.kind in ("tells", "back", "adds")]
    once = []
    last: dict[str, str] = {}
    for one in of_findings:
        if last.get(one.number) == one.event:
            if not any(same.sent.message_id in lost and same.event == one.event and same.number == one.number
                       for same in of_findings):  # fmt: skip
                spare[0] -= 1
                if spare[0] < 0:
                    yield f"heard twice: {_shown(one)}"
            continue
        last[one.number] = one.event
        once.append(one)
    left = {id(one) for one in once}
    spoken = [word.at for word in cast.words if word.chat == chat.id and word.text.startswith("/language")]
    for story in stories:
        release = next((r for r in cast.releases if (r.rule, r.agency_id) == (story.rule, story.agency.id)), None)
        for one in _of_story(chat, story, [o for o in once if o.subject == story.key], release, end):
            if isinstance(one, str):
                yield one
            else:
                left.discard(id(one))
    yield from (f"heard what is not true: {_shown(one)}" for one in once if id(one) in left)
    yield from (
        f"heard it in another language: {_shown(one)}"
        for one in of_findings
        if not one.sent.headline.startswith("[" if chat.language == "en" and one.at > spoken[-1] else "【")
    )
    if chat.gone_at is not None:
        yield from (f"heard after it was gone: {_shown(one)}" for one in heard if one.at > chat.gone_at + SLACK)


def _of_story(
    chat: Chat, story: Story, heard: list[Heard], release: Release | None, end: datetime
) -> Iterator[str | Heard]:
    """The messages that this story explains, and sentences about those that differ."""
    told = _told_to(chat, story, release)
    tells = [one for one in heard if one.kind == "tells"]
    within = [one for one in tells if told is not None and told.earliest <= one.at <= told.latest]
    yield from within
    for one in (*within, *(one for one in heard if one.kind == "back")):
        if story.agency.name not in one.sent.text or str(story.year) not in one.sent.text:
            yield f"was not told of whom: {_shown(one)}"
    must, may = _interest(chat, story, told, end) if told else (False, False)
    count = len({one.number for one in within})
    what = f"{story.rule}, {story.agency.name} {story.year}"
    if within and not may:
        yield f"heard though it does not want to: {what} at {_time(within[0].at)}"
    if must and told and count < story.least:
        late = f", but at {_time(tells[-1].at)}" if len(tells) > count else ""
        span = f"from {_time(told.earliest)} to {_time(told.latest)}"
        yield f"heard {count} of {story.least} findings of {what} {span}{late}"
    if count > story.most:
        yield f"heard {count} findings of {what}, at most {story.most} are true"
    backs = [one for one in heard if one.kind == "back"]
    for number in {one.number for one in within}:
        own = [one for one in backs if one.number == number]
        if story.back is None:
            continue
        good = [one for one in own if story.back.earliest <= one.at <= story.back.latest]
        yield from good
        if not good and story.back.latest <= end and _accepts(chat, story.back.latest):
            when = f", but at {_time(own[0].at)}" if own else ""
            yield f"was not told that {what} is taken back by {_time(story.back.latest)}{when}"
        if len(good) > 1:
            yield f"was told {len(good)} times that {what} is taken back"


def _told_to(chat: Chat, story: Story, release: Release | None) -> Span | None:
    """When a chat may be told: the public hears of what is not arithmetic from its release on."""
    if chat.audience == "desk" or story.kind == "identity":
        return story.told
    if release is None or (story.back is not None and release.at >= story.back.earliest):
        return None
    return Span(max(release.at, story.told.earliest), max(release.at + SLACK, story.told.latest))


def _interest(chat: Chat, story: Story, told: Span, end: datetime) -> tuple[bool, bool]:
    """(whether a chat must be told, whether it may be)."""
    must = may = False
    for wish in chat.wishes:
        if _fits(wish, story):
            until = wish.until or told.latest
            must |= wish.since <= told.earliest and told.latest <= until
            may |= wish.since <= told.latest and told.earliest <= until + SLACK
    return must and told.latest <= end and _accepts(chat, told.latest), may


def _accepts(chat: Chat, at: datetime) -> bool:
    return chat.gone_at is None or at < chat.gone_at


def _fits(wish: Wish, story: Story) -> bool:
    return (
        (story.agency.region_code or "").startswith(wish.place)
        and wish.agency_id in ("", story.agency.id)
        and wish.kind in ("", story.kind)
        and SEVERITIES.index(story.severity) >= (SEVERITIES.index(wish.severity) if wish.severity else 0)
    )


def _shown(one: Heard) -> str:
    return f"{_time(one.at)} {one.kind} {one.event} {one.subject}: {one.sent.headline}"


def _time(at: datetime) -> str:
    return f"{at + timedelta(hours=8):%m-%d %H:%M}"
