"""Messages: what they say, in both languages, and how they are shown on a terminal."""

import io
from dataclasses import replace

import pytest

from db.records import Finding
from monitor.catalogue import CatalogueError
from monitor.channels.console import ConsoleChannel
from monitor.telling.messages import message_text

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
