"""Who is told of a finding's event, under the settings of a deployment; `nianbao release` to the public, and
`nianbao outbox`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.records import Finding
from db.telling.records import Filter
from monitor.cli import main
from monitor.config import TELEGRAM_TOKEN, load_config
from monitor.job import tell
from monitor.telling.teller import Teller
from tests.monitor.life_archive import NOON, Desk, agencies, desk, finding

SETTINGS = """\
archive = "a.db"
[telegram]
chats = [1]
public = [2, "@news"]
language = "zh"
"""
LATER = NOON.replace(year=2998)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path, SETTINGS)
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        yield made


def _run(made: Desk, *words: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, [*words, "--config", str(made.config.source)])
    assert result.exit_code == status, result.output
    return result.output


def _release(made: Desk, one: Finding) -> str:
    return _run(made, "release", one.fingerprint, "--by", "王敏", "--reason", "看过")


def _send(made: Desk) -> list[str]:
    """chat:event of what is due, sent."""
    heard = []
    for row in made.archive.outbox.each_due(LATER):
        made.archive.outbox.mark_sent(row["id"], LATER, "9")
        heard.append(f"{row['subscriber']}:{row['event']}")
    return heard


def test_the_public_hears_arithmetic_at_once_and_the_rest_once_it_is_released(made: Desk) -> None:
    late, sum_ = finding("late"), finding("carry-over", kind="identity")
    made.save(late, sum_)
    assert _send(made) == ["1:found", "1:found", "2:found", "@news:found"]
    assert "1 finding released." in _release(made, late)
    assert _send(made) == ["2:released", "@news:released"], "desks hear nothing twice"
    assert "is released already as it stands" in _release(made, late)
    assert "is arithmetic" in _release(made, sum_)
    assert _send(made) == []
    made.save(sum_, day=1)
    assert _send(made) == ["1:gone", "2:gone", "@news:gone"], "as loudly as it was told"
    made.save(late, sum_, day=2)
    assert _send(made) == ["1:found.2", "2:released.2", "@news:released.2"], "it is the claim that was released"


def test_a_claim_that_has_changed_waits_for_a_release_again(made: Desk) -> None:
    made.save(finding("late", observed=5))
    _release(made, finding("late"))
    made.save(finding("late", observed=6), day=1)
    assert _send(made) == ["1:found"], "what nobody has sent to the public yet is not what was released"
    _release(made, finding("late"))
    assert _send(made) == ["2:released", "@news:released"]
    made.save(day=2)
    made.save(finding("late", observed=7), day=3)
    assert _send(made) == ["1:gone", "2:gone", "@news:gone", "1:found.2"]


def test_what_waits_for_the_public_is_not_taken_back_where_nobody_heard_it(made: Desk) -> None:
    made.save(finding("late", observed=5))
    _release(made, finding("late"))
    made.save(finding("late", observed=6), day=1)
    made.save(day=2)
    assert _send(made) == ["1:found", "1:gone"]


def test_a_held_one_that_is_released_is_told_to_all(made: Desk) -> None:
    made.save(finding("late"), hold=lambda one: "many")
    assert _send(made) == []
    _release(made, finding("late"))
    assert sorted(_send(made)) == ["1:released", "2:released", "@news:released"]


def test_nothing_is_released_of_what_is_wrong_gone_or_doubtful(made: Desk) -> None:
    one, other, third = finding("late"), finding("late", number=1), finding("late", number=2, certainty="doubtful")
    made.save(one, other, third)
    _run(made, "answer", one.fingerprint, "wrong", "--by", "李强", "--reason", "看错")
    assert "李强 says that it is wrong (看错)" in _release(made, one)
    assert "told to nobody" in _release(made, third)
    made.save(one, third, day=1)
    assert "stands no more" in _release(made, other)
    assert [event for event in _send(made) if not event.startswith("1:")] == []


def test_without_a_need_for_release_the_public_hears_as_desks_do(tmp_path: Path) -> None:
    made = desk(tmp_path, f"{SETTINGS}[findings]\npublic_needs_release = false\n")
    with made.archive:
        made.save(finding("late"))
        made.save(finding("late"), finding("late", number=1), day=1, hold=lambda one: "many")
        made.save(finding("late", observed=6), finding("late", number=1), day=2)
        _release(made, finding("late", number=1))
        made.save(finding("late", observed=6), finding("late", number=1, observed=7), day=3)
        assert sorted(_send(made)) == ["1:found", "1:released", "2:found", "2:found", "@news:found", "@news:found"]


def test_who_unsubscribed_hears_that_it_is_gone_and_who_came_later_nothing(made: Desk) -> None:
    subscribers = made.archive.subscribers
    made.save(finding("carry-over", kind="identity"))
    _send(made)
    subscribers.unsubscribe("telegram", "2", None)
    subscribers.arrive("telegram", "5", kind="private", title=None, at=NOON)
    subscribers.subscribe("telegram", "5", Filter(), NOON)
    made.save(finding("carry-over", kind="identity"), day=1)
    assert _send(made) == [], "it was found before"
    made.save(day=2)
    assert _send(made) == ["1:gone", "2:gone", "@news:gone"]
    made.save(finding("carry-over", kind="identity"), day=3)
    assert _send(made) == ["1:found.2", "@news:found.2"]


def test_what_takes_the_place_of_another_is_said_to_those_who_hear_of_it(made: Desk) -> None:
    """The rest hears that the first is gone."""
    made.save(finding("missing"))
    _release(made, finding("missing"))
    _send(made)
    made.save(finding("late"), day=1)
    assert _send(made) == ["1:found", "1:replaced", "2:gone", "@news:gone"]


def test_each_chat_hears_in_its_language_and_texts_are_made_once_for_each(made: Desk) -> None:
    subscribers = made.archive.subscribers
    subscribers.sync("telegram", ["1"], ["2", "@news"], NOON)
    subscribers.set_language("telegram", "@news", "en")
    made.save(finding("carry-over", kind="identity"))
    texts = {row["subscriber"]: row["text"] for row in made.archive.outbox.each_due(LATER)}
    assert texts["1"] == texts["2"] != texts["@news"] and "Not found there" in texts["@news"]
    assert made.archive.query("SELECT count(*) FROM message_texts") == [(2,)]


def test_a_chat_that_comes_while_judging_is_heard_at_the_next_event(made: Desk) -> None:
    teller, subscribers = Teller(made.archive, made.config, NOON), made.archive.subscribers
    assert len(teller.messages(finding("carry-over", kind="identity"), "found")) == 3
    subscribers.arrive("telegram", "5", kind="private", title=None, at=NOON)
    subscribers.subscribe("telegram", "5", Filter(place="990000"), NOON)
    assert len(teller.messages(finding("carry-over", kind="identity"), "found")) == 4
    assert len(teller.messages(finding("carry-over", kind="identity", agency_id="x"), "found")) == 3
    quiet = Teller(made.archive, made.config, NOON, quiet=lambda key, year: year == 2023)
    assert quiet.messages(finding(), "found") == []


def test_the_outbox_says_what_waits_and_why(made: Desk) -> None:
    assert _run(made, "outbox") == "Nothing waits, and no chat refuses.\n"
    made.save(finding("carry-over", kind="identity"))
    made.archive.subscribers.gone("telegram", "@news", "Forbidden: bot was kicked", NOON)
    made.archive.subscribers.mute("telegram", "2", finding("carry-over").fingerprint, LATER, by=None, at=NOON)
    first = next(row for row in made.archive.outbox.each_due(LATER) if row["subscriber"] == "1")
    made.archive.outbox.mark_failed(first["id"], "no line", NOON.replace(year=2997))
    one, two, news = _run(made, "outbox").splitlines()
    assert "1 (desk): 1 waiting; oldest of 2024-03-01 12:00; next try 2997-03-01 12:00; last try: no line" in one
    assert "1 not to be told for now" in two
    assert "@news (public): 0 waiting; 1 refused, last: Forbidden" in news and "accepts nothing since 2024" in news
    rows = [json.loads(line) for line in _run(made, "outbox", "--json").splitlines()]
    assert [(row["subscriber"], row["waiting"], row["kept_back"], row["refused"]) for row in rows] == [
        ("1", 1, 0, 0), ("2", 1, 1, 0), ("@news", 0, 0, 1),
    ]  # fmt: skip
    failed = _run(made, "outbox", "--failed")
    assert "1 try, next try 2997-03-01 12:00: no line" in failed and "refused: Forbidden" in failed
    assert "@news: accepts again; 1 message to be sent" in _run(made, "outbox", "--retry", "@news")
    assert "@news:found" in _send(made)
    assert "there is no such chat" in _run(made, "outbox", "--retry", "77", status=2)
    assert "one of them" in _run(made, "outbox", "--retry", "1", "--failed", status=2)


def test_chats_are_what_the_settings_say_before_anything_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk(tmp_path, SETTINGS.replace("[1]", "[1, 5]"))
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        made.save(finding("late"))
        made.config.source.write_text(SETTINGS.replace("[2,", "[2, 1,").replace("[1]", "[5]"), "utf-8")
        monkeypatch.delenv(TELEGRAM_TOKEN, raising=False)
        tell(made.archive, load_config(made.config.source), NOON)
        assert _send(made) == ["5:found"], "a desk of before, which is a public chat by now"
