"""Pacing: never faster than Telegram allows, never slower than need be."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.telling.lanes import Lanes
from monitor.telling.pacing import Limits, Pace, is_group

START = datetime(2024, 2, 8, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def times(chats: dict[str, int]) -> list[tuple[datetime, str, int]]:
    """When what goes out to whom: so many messages to each chat, all waiting from the start."""
    lanes = Lanes(Pace())
    waiting = [(number, chat) for chat, most in chats.items() for number in range(most)]
    lanes.put(((number, chat) for number, (_, chat) in enumerate(waiting)), START)
    now, sent = START, []
    while (turn := lanes.next_turn(now)) is not None:
        now = turn
        taken = lanes.take(now)
        assert taken is not None
        sent.append((now, *taken))
        lanes.ended(taken[0], now)
    assert not lanes
    return sent


def test_a_chat_gets_one_a_second() -> None:
    moments = [at for at, _, _ in times({"11": 5})]
    assert moments[0] == START
    assert all(SECOND < later - at < 1.5 * SECOND for at, later in pairwise(moments))


def test_a_group_gets_less_than_twenty_a_minute() -> None:
    moments = [at for at, _, _ in times({"-5": 60})]
    assert moments[17] - START < 20 * SECOND  # the first come soon
    assert all(later - at > timedelta(minutes=1) for at, later in zip(moments, moments[19:], strict=False))
    assert moments[-1] - START < timedelta(minutes=4)


def test_all_together_get_less_than_thirty_a_second() -> None:
    moments = [at for at, _, _ in times({str(chat): 2 for chat in range(1, 101)})]
    assert len(moments) == 200
    assert all(later - at >= SECOND for at, later in zip(moments, moments[29:], strict=False))
    assert moments[-1] - START < 9 * SECOND


@given(st.dictionaries(st.sampled_from(["1", "2", "-3", "@four", "5"]), st.integers(1, 45), min_size=1))
def test_every_chat_gets_its_own_in_order(chats: dict[str, int]) -> None:
    sent = times(chats)
    assert len(sent) == sum(chats.values())
    for chat, most in chats.items():
        numbers = [number for _, whom, number in sent if whom == chat]
        assert len(numbers) == most
        assert numbers == sorted(numbers)


def test_whoever_is_free_goes_first() -> None:
    lanes = Lanes(Pace())
    lanes.put([(1, "11"), (2, "11"), (3, "22")], START)
    assert lanes.take(START) == ("11", 1)
    assert lanes.take(START) == ("22", 3)
    assert lanes.take(START) is None  # the next of 11 waits for the one on its way
    lanes.ended("11", START)
    assert lanes.take(START) is None
    assert lanes.take(START + 2 * SECOND) == ("11", 2)


def test_what_a_chat_leaves_untried() -> None:
    lanes = Lanes(Pace())
    lanes.put([(number, "11") for number in range(4)], START)
    lanes.take(START)
    assert lanes.ended("11", START, is_over=True) == 3
    assert not lanes
    assert lanes.next_turn(START) is None
    lanes.put([(8, "11"), (9, "22")], START)
    assert lanes.clear() == 2
    assert 8 not in lanes


def test_those_of_long_ago_are_forgotten() -> None:
    pace = Pace(Limits(over_all=(10**6, SECOND)))
    for chat in range(3000):
        pace.sent(str(chat), START + chat * SECOND)
    assert len(pace._chats) < 1500


def test_what_is_a_group() -> None:
    assert [is_group(chat) for chat in ("42", "-42", "-10042", "@desk")] == [False, True, True, True]
