"""The reckoning of a history: what each chat heard, held against what it must hear and may hear."""

from typing import TYPE_CHECKING

from db.telling.events import TAKES_BACK, TELLS
from tests.telling.mortal import Key

if TYPE_CHECKING:
    from tests.telling.history import History


def reckon(history: "History") -> None:
    """AssertionError, which names the seed, where anybody heard too little, too much, or too often."""
    history.result.lost = len(history.lost)
    history.result.messages = len(history.api.sent)
    ids = {identity: number for number, chat in enumerate(history.chats) for identity in chat.ids}
    assert {sent.chat for sent in history.api.sent} <= ids.keys(), "somebody unknown was told"
    heard: dict[tuple[int, int], list[tuple[int, str, int]]] = {}
    copies: dict[Key, int] = {}
    for sent in history.api.sent:
        number, event, fingerprint, claim = sent.headline.split()
        chat, slot = ids[sent.chat], history.by_fingerprint[fingerprint]
        heard.setdefault((slot, chat), []).append((int(number), event, int(claim)))
        copies[history.chats[chat].ids[0], sent.text] = copies.get((history.chats[chat].ids[0], sent.text), 0) + 1
    _no_more_copies_than_must_be(history, copies, ids)
    for slot in range(len(history.slots)):
        for chat in range(len(history.chats)):
            _heard_right(history, slot, chat, heard.get((slot, chat), []))
    waiting = history.archive.query("SELECT id FROM outbox WHERE state = 'pending' AND next_try <= ?", ("9999",))
    assert history.archive.outbox.next_due(history.clock.now()) is None, waiting


def _no_more_copies_than_must_be(history: "History", copies: dict[Key, int], ids: dict[str, int]) -> None:
    excused: dict[Key, int] = {}
    for identity, text in (*history.killed, *history.lost):
        key = (history.chats[ids[identity]].ids[0], text)
        excused[key] = excused.get(key, 0) + 1
    for key, times in copies.items():
        history.result.copies += times - 1
        assert times <= 1 + excused.get(key, 0), f"{key} {times} times, {excused.get(key, 0)} excused"
    assert history.result.copies <= history.result.kills_between + history.result.lost


def _heard_right(history: "History", slot: int, chat: int, heard: list[tuple[int, str, int]]) -> None:
    one, whom = history.slots[slot], history.chats[chat]
    what = f"seed {history.seed}: {one} to {whom}: {heard}"
    firsts = list(dict.fromkeys(number for number, _, _ in heard))
    assert firsts == sorted(firsts), f"overtaken: {what}"
    assert not heard or (slot, chat) in history.may, f"should have heard nothing: {what}"
    if heard and heard[0][1] not in TELLS:
        tried = any((name, one.finding(0).fingerprint) in history.maybe_heard for name in whom.ids)
        assert tried, f"taken back what nobody said: {what}"
    if whom.is_gone or whom.refuses or slot in history.unsettled:
        return
    last = max(heard)[1] if heard else None
    is_told = last in TELLS
    claim = history.open.get(slot)
    if claim is None or (slot, claim) in history.wrong:
        assert last is None or last in TAKES_BACK, f"not taken back: {what}"
    elif history.must.get((slot, chat)) == claim:
        assert is_told, f"not told: {what}"
