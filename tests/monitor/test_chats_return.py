"""Chats that were gone and are back, or have another number: what they hear of what happened meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.telling.troubles import INTERRUPTED
from db.times import to_text
from tests.bot_api import FakeBotApi
from tests.monitor.bot_rig import GROUP, Rig, run
from tests.monitor.life_archive import NOON, Desk, agencies, desk, finding

SETTINGS = 'archive = "a.db"\n[telegram]\nchats = [1, 2]\nlanguage = "zh"\n'
RIGHTS = [
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_send_messages",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_manage_topics",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_edit_tag",
    "can_react_to_messages",
]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path, SETTINGS)
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        yield made


def _day(days: float) -> datetime:
    return NOON + timedelta(days=days)


def _send(made: Desk) -> list[str]:
    heard = []
    for row in made.archive.outbox.each_due(NOON.replace(year=2998)):
        made.archive.outbox.mark_sent(row["id"], _day(9), "9")
        heard.append(f"{row['subscriber']}:{row['event']}")
    return sorted(heard)


@pytest.mark.parametrize(
    ("expected", "held", "heard"),
    [(7, None, []), (9, None, ["2:gone"]), (7, "many at once", ["2:gone"])],
    ids=["as it was told", "another claim", "held"],
)
def test_gone_and_found_again_while_the_chat_was_away(
    made: Desk, expected: int, held: str | None, heard: list[str]
) -> None:
    made.save(finding("carry-over", kind="identity", observed=5, expected=7))
    _send(made)
    made.archive.subscribers.gone("telegram", "2", "kicked", _day(1))
    made.save(day=2)
    again = finding("carry-over", kind="identity", observed=5, expected=expected)
    made.save(again, day=3, hold=lambda one: held)
    made.archive.subscribers.arrive("telegram", "2", kind="group", title="x", at=_day(4))
    assert [one for one in _send(made) if one.startswith("2:")] == heard


def test_an_interruption_ends_under_the_new_number(made: Desk) -> None:
    with made.archive.write() as connection:
        row = (INTERRUPTED, "telegram -5", to_text(NOON), "{}")
        connection.execute("INSERT INTO troubles (kind, subject, since, detail) VALUES (?, ?, ?, ?)", row)
    made.archive.subscribers.moved("telegram", "-5", "-1005", _day(1))
    assert [one.subject for one in made.archive.troubles.standing()] == ["telegram -1005"]


@pytest.mark.parametrize("may_write", [True, False])
def test_a_group_lets_the_bot_write_again(tmp_path: Path, may_write: bool) -> None:
    async def test(rig: Rig) -> None:
        subscribers, now, group = rig.archive.subscribers, rig.clock.now(), ("telegram", str(GROUP))
        subscribers.arrive(*group, kind="supergroup", title="g", at=now)
        subscribers.gone(*group, "not enough rights to send text messages to the chat", now)
        me = {"id": int(rig.api.token.partition(":")[0]), "is_bot": True, "first_name": "b", "username": "b_bot"}
        bound = {"status": "restricted", "user": me, "is_member": True, "until_date": 0, **dict.fromkeys(RIGHTS, False)}
        after = {"status": "member", "user": me} if may_write else {**bound, "can_invite_users": True}
        change = {
            "chat": {"id": GROUP, "type": "supergroup", "title": "g"},
            "from": {"id": 99, "is_bot": False, "first_name": "x"},
            "date": 1,
            "old_chat_member": bound,
            "new_chat_member": after,
        }
        rig.api.push("my_chat_member", change)
        await rig.pump()
        chat = subscribers.get(*group)
        assert chat is not None
        assert (chat.gone_at is None) == may_write

    with FakeBotApi() as api:
        run(tmp_path, api, test)
