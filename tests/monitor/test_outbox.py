"""Messages: what they say, who gets them, and that none is lost or told early."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from fake_telegram import TOKEN, FakeTelegram, refused

from db.archive import Archive
from db.records import Finding
from monitor.catalogue import CatalogueError
from monitor.channels import SendError
from monitor.channels.console import ConsoleChannel
from monitor.channels.telegram import TelegramChannel
from monitor.config import Config, Telegram, load_config
from monitor.telling.courier import LONGEST_WAIT, back_off, deliver, message_text, messages_for

START = datetime(2024, 2, 8, 1, tzinfo=UTC)
FINDING = Finding(
    rule="challenges-total",
    kind="identity",
    severity="error",
    certainty="certain",
    basis="arithmetic",
    agency_id="320800:教育局",
    agency="临江市教育局",
    year=2023,
    figure="challenges.reconsideration.total",
    figures=["challenges.reconsideration.total"],
    observed=0,
    expected=11,
    sentence_zh="印为0，各类结果之和为11。",
    sentence_en="Printed as 0, the outcomes add up to 11.",
    places=[{"year": 2023, "sha256": "ab" * 32, "figure": "challenges.reconsideration.total", "place": None}] * 2,
)


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


class Desk:
    """A channel that keeps what it is sent, and fails as told: by text, or on opening."""

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.sent: list[tuple[str, str]] = []
        self.fail: dict[str, SendError] = {}
        self.closed: SendError | None = None
        self.opened = 0
        self.open = False

    async def __aenter__(self) -> Self:
        self.opened += 1
        if self.closed:
            raise self.closed
        self.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open = False

    async def send(self, subscriber: str, text: str) -> None:
        for part, error in self.fail.items():
            if part in text:
                raise error
        self.sent.append((subscriber, text))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.toml"
    path.write_text('[telegram]\nchats = [11, 22]\nlanguage = "zh"', "utf-8")
    return load_config(path)


def finding(number: int) -> Finding:
    return replace(FINDING, agency=f"第{number}局", agency_id=f"320800:第{number}局")


def put(archive: Archive, config: Config, *findings: Finding, at: datetime = START) -> None:
    archive.save_findings(
        list(findings),
        judged={f.key for f in findings},
        rules={FINDING.rule},
        messages=lambda f, event: messages_for(f, event, config),
        at=at,
    )


def told(desk: Desk, subscriber: str) -> list[str]:
    return [text.splitlines()[0] for whom, text in desk.sent if whom == subscriber]


def headline(number: int) -> str:
    return f"【重点提示】第{number}局 2023年年度报告"


def test_all_is_sent_once_oldest_first(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1), finding(2))
    put(archive, config, finding(3))
    result = deliver(archive, [desk], clock)
    assert (result.sent, result.failed, result.waiting) == (6, 0, 0)
    assert told(desk, "11") == told(desk, "22") == [headline(1), headline(2), headline(3)]
    assert not desk.open
    put(archive, config, finding(1), finding(2))
    assert deliver(archive, [desk], clock).sent == 0
    assert desk.opened == 1  # a channel with nothing to send is not opened


def test_a_failure_waits_and_the_rest_goes_on(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1), finding(2))
    desk.fail["第1局"] = SendError("no")
    result = deliver(archive, [desk], clock)
    assert (result.sent, result.failed, result.waiting) == (2, 2, 0)
    assert "to 11 was not sent: no" in result.errors[0]
    desk.fail.clear()
    clock.time += back_off(0) - timedelta(seconds=1)
    assert deliver(archive, [desk], clock).sent == 0
    clock.time += timedelta(seconds=1)
    assert deliver(archive, [desk], clock).sent == 2
    assert told(desk, "11") == [headline(2), headline(1)]


def test_each_failure_waits_longer() -> None:
    waits = [back_off(attempts) for attempts in range(100)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_attempts_are_counted_in_the_archive(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1))
    desk.fail["第1局"] = SendError("no")
    deliver(archive, [desk], clock)
    clock.time += back_off(0)
    deliver(archive, [desk], clock)
    clock.time += back_off(0)
    assert archive.due_messages(clock()) == []
    clock.time += back_off(1) - back_off(0)
    assert [(row["attempts"], row["error"]) for row in archive.due_messages(clock())] == [(2, "no")] * 2


def test_a_wait_holds_all_of_one_subscriber(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1), finding(2))

    async def send(subscriber: str, text: str) -> None:
        if subscriber == "11":
            raise SendError("wait", scope="subscriber", retry_after=timedelta(seconds=90))
        desk.sent.append((subscriber, text))

    real, desk.send = desk.send, send  # type: ignore[method-assign]
    result = deliver(archive, [desk], clock)
    assert (result.sent, result.failed, result.waiting) == (2, 1, 1)
    desk.send = real  # type: ignore[method-assign]
    clock.time += timedelta(seconds=89)
    assert deliver(archive, [desk], clock).sent == 0
    clock.time += timedelta(seconds=1)
    assert deliver(archive, [desk], clock).sent == 2
    assert told(desk, "11") == [headline(1), headline(2)]


def test_a_channel_that_does_not_open_is_tried_once_a_round(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1), finding(2))
    desk.closed = SendError("down", scope="channel")
    result = deliver(archive, [desk], clock)
    assert (result.sent, result.failed, result.waiting, desk.opened) == (0, 1, 3, 1)
    desk.closed = None
    clock.time += back_off(0)
    assert deliver(archive, [desk], clock).sent == 4
    assert told(desk, "11") == [headline(1), headline(2)]


def test_a_later_event_does_not_overtake_an_earlier_one(archive: Archive, config: Config) -> None:
    desk, clock = Desk(), Clock()
    put(archive, config, finding(1))
    archive.save_findings(
        [],
        judged={finding(1).key},
        rules={FINDING.rule},
        messages=lambda f, event: messages_for(f, event, config),
        at=START,
    )
    desk.fail["重点提示"] = SendError("no")
    assert deliver(archive, [desk], clock).sent == 0
    desk.fail.clear()
    clock.time += back_off(0)
    assert deliver(archive, [desk], clock).sent == 4
    assert told(desk, "11") == [headline(1), "【提示不再成立】第1局 2023年年度报告"]


def test_a_message_for_a_channel_that_is_not_there_waits_untouched(archive: Archive, config: Config) -> None:
    put(archive, config, finding(1))
    before = archive.due_messages(START)
    result = deliver(archive, [Desk("mail")], Clock())
    assert (result.sent, result.failed, result.waiting) == (0, 0, 2)
    assert archive.due_messages(START) == before


def test_killed_between_sending_and_marking_it_is_told_again(archive: Archive, config: Config) -> None:
    class Killed(BaseException):
        pass

    desk, clock = Desk(), Clock()
    put(archive, config, finding(1))
    with pytest.MonkeyPatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(Archive, "mark_sent", die)
        with pytest.raises(Killed):
            deliver(archive, [desk], clock)
    assert not desk.open
    assert deliver(archive, [desk], clock).sent == 2
    assert told(desk, "11") == [headline(1)] * 2


def test_over_telegram(archive: Archive, config: Config) -> None:
    clock = Clock()
    waits = iter([refused(429, "Too Many Requests", retry_after=30)])
    with FakeTelegram(lambda chat, text: next(waits, None) if chat == "11" else None) as fake:
        channel = TelegramChannel(Telegram(base_url=fake.base_url), TOKEN, timeout_s=5)
        put(archive, config, finding(1))
        result = deliver(archive, [channel], clock)
        assert (result.sent, result.failed) == (1, 1)
        assert archive.due_messages(clock() + timedelta(seconds=29)) == []
        clock.time += timedelta(seconds=30)
        assert deliver(archive, [channel], clock).sent == 1
    assert [message["chat_id"] for message in fake.sent] == ["22", "11"]
    assert all(message["text"].startswith(f"<b>{headline(1)}</b>\n") for message in fake.sent)


def test_who_is_told(config: Config) -> None:
    messages = messages_for(FINDING, "found", config)
    assert [(m.subscriber, m.channel, m.event) for m in messages] == [
        ("11", "telegram", "found"),
        ("22", "telegram", "found"),
    ]
    assert {m.fingerprint for m in messages} == {FINDING.fingerprint}
    assert messages_for(replace(FINDING, told=False), "found", config) == []
    assert messages_for(replace(FINDING, certainty="doubtful"), "found", config) == []
    assert messages_for(FINDING, "found", replace(config, telegram=Telegram())) == []


def test_what_a_message_says() -> None:
    assert message_text(FINDING, "found", "zh").splitlines() == [
        "【重点提示】临江市教育局 2023年年度报告",
        "印为0，各类结果之和为11。",
        "证据：2023 sha256:abababababababab",
        f"类别：数字关系；把握程度：确定；依据：算术；编号：{FINDING.fingerprint}",
    ]
    both = message_text(FINDING, "gone", "both")
    zh, en = both.split("\n\n")
    assert zh.startswith("【提示不再成立】临江市教育局 2023年年度报告\n此前的下列提示，经再次核对已不再出现：\n印为0")
    assert en.startswith("[Finding no longer holds] 临江市教育局, annual report for 2023\nOn a new check")
    assert both == f"{message_text(FINDING, 'gone', 'zh')}\n\n{message_text(FINDING, 'gone', 'en')}"


@pytest.mark.parametrize("event", ["found", "gone", "corrected", "withdrawn", "answered"])
@pytest.mark.parametrize("severity", ["error", "warning", "notice"])
def test_every_event_has_its_frame(event: str, severity: str) -> None:
    text = message_text(replace(FINDING, severity=severity), event, "en")
    assert text.count("\n") >= 3
    assert severity not in text.splitlines()[0]  # a word of ours, not the code's


def test_an_unknown_event_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="headline-lost"):
        message_text(FINDING, "lost", "zh")


def test_the_console_shows_fetched_text_as_text() -> None:
    stream = io.StringIO()
    nasty = replace(FINDING, agency="[bold]局[/bold]\x1b[2J\u202e", told=False)
    ConsoleChannel(stream, "zh").show(nasty)
    assert "[bold]局[/bold][2J 2023年年度报告" in stream.getvalue()
    assert not {"\x1b", "\u202e"} & set(stream.getvalue())
    assert FINDING.sentence_zh in stream.getvalue()
