"""The weekly digest: who has one, what it says, and that there is one only for each week."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from db.telling.records import Filter
from monitor.telling.digest import LISTED, digest_day, queue_digest
from monitor.telling.teller import Teller
from tests.monitor.life_archive import NOON, SETTINGS, Desk, agencies, desk, finding
from tests.monitor.test_selfwatch import _days as days_of
from tests.monitor.watched_place import DONGPO, LIUXI, place

DAY = timedelta(days=1)
# 1 March 2024 is a Friday, so that the digest before is of Monday the 26th.
PUBLIC = SETTINGS.replace("chats = [1]", 'chats = [1]\npublic = ["@liuxi"]')


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    made = desk(tmp_path, PUBLIC)
    agencies(made.archive, [("柳溪", "static_list", 40)])
    made.archive.subscribers.sync("telegram", ["1"], ["@liuxi"], NOON - DAY)
    return made


def sent(made: Desk, day: float) -> None:
    """All that waits gets out."""
    at = NOON + day * DAY
    for number in made.archive.outbox.due(at):
        made.archive.outbox.mark_sent(number, at)


def digests(made: Desk, day: float) -> dict[str, tuple[str, str | None]]:
    """What is queued on a day: subscriber -> text and document."""
    last = made.archive.query("SELECT coalesce(max(id), 0) FROM outbox")[0][0]
    count = queue_digest(made.archive, made.config, NOON + day * DAY)
    numbers = [n for (n,) in made.archive.query("SELECT id FROM outbox WHERE id > ? ORDER BY id", (last,))]
    rows = made.archive.outbox.rows(numbers)
    assert len(rows) == count
    assert all(row["fingerprint"] == "digest" for row in rows)
    return {row["subscriber"]: (row["text"], row["document"]) for row in rows}


def test_what_was_told_taken_back_and_stands(made: Desk) -> None:
    one, two, sums = finding(number=1), finding(number=2), finding("applications-balance", number=3, kind="identity")
    made.save(one, two, sums)
    sent(made, 0)
    made.save(two, sums, day=1)
    sent(made, 1)
    found = digests(made, 3)
    text, document = found["1"]
    assert text.startswith(
        "【小结】2024年2月29日至2024年3月4日\n告知您3条提示。\n其间告知您不再成立的提示：1条。\n历次告知您、目前仍在列的提示共2条。"
    )
    assert "其中还没有放行给公开频道的：1条" in text
    assert document is not None
    assert document.count("柳溪县1局 2023年") == 2  # told, and told to hold no longer
    text, document = found["@liuxi"]
    assert "告知您1条提示" in text  # of arithmetic
    assert "放行" not in text
    assert document is None
    assert text.count("柳溪县3局") == 1
    assert "柳溪县2局" not in text


def test_what_waits_was_not_told(made: Desk) -> None:
    made.save(finding(number=1))
    assert "没有告知您新的提示" in digests(made, 3)["1"][0]


def test_only_one_for_each_week(made: Desk) -> None:
    assert set(digests(made, 0)) == {"1", "@liuxi"}
    assert digests(made, 0) == {}
    assert digests(made, 2.4) == {}  # Sunday evening
    made.save(finding(number=1), day=3.1)
    sent(made, 3.1)
    text, _ = digests(made, 3.2)["1"]
    assert text.startswith("【小结】2024年3月1日至2024年3月4日")  # from where the last one ended
    assert digests(made, 9) == {}


def test_out_of_the_season_only_where_something_happened(made: Desk) -> None:
    summer = 120.0
    assert digests(made, summer) == {}
    made.save(finding(number=1), day=summer)
    sent(made, summer)
    assert set(digests(made, summer + 1)) == {"1"}
    assert digests(made, summer + 30) == {}


def test_muted_findings_are_not_listed(made: Desk) -> None:
    one, two = finding(number=1), finding(number=2)
    made.save(one, two)
    sent(made, 0)
    made.archive.subscribers.mute("telegram", "1", one.fingerprint, NOON + 30 * DAY, by=None, at=NOON)
    text, document = digests(made, 1)["1"]
    assert "告知您2条提示" in text
    assert document is None
    assert two.fingerprint in text
    assert one.fingerprint not in text


def test_a_long_list_is_a_document_and_the_text_a_caption(made: Desk) -> None:
    made.archive.subscribers.set_language("telegram", "1", "both")
    made.save(*(finding(number=number) for number in range(LISTED + 1)))
    sent(made, 0)
    text, document = digests(made, 1)["1"]
    assert document is not None
    assert len(text) <= 1024
    assert document.count("Not found there since 1 March.") == LISTED + 1
    assert "详见附件" in text
    assert "The list is in the attached file" in text


def test_what_a_person_released_no_more_the_public_does_not_read(made: Desk) -> None:
    one = finding(number=1)
    made.save(one)
    teller = Teller(made.archive, made.config, NOON)
    made.archive.life.release([one.fingerprint], by="A", reason="checked", at=NOON, messages=teller.messages)
    sent(made, 0)
    assert "自3月1日起" in digests(made, 1)["@liuxi"][0]
    made.save(finding(number=1, observed="x", sentence_zh="别的话。"), day=2)
    sent(made, 2)
    text, document = digests(made, 8)["@liuxi"]
    assert "别的话" not in text + (document or "")


def test_held_findings_are_counted_for_desks_alone(made: Desk) -> None:
    made.save(finding(number=1), hold=lambda *_: "many at once")
    found = digests(made, 1)
    assert "暂缓、待人工核对的提示：1条" in found["1"][0]
    assert "暂缓" not in found["@liuxi"][0]


def test_who_wants_nothing_has_none(made: Desk) -> None:
    made.archive.subscribers.unsubscribe("telegram", "1", None)
    made.archive.subscribers.gone("telegram", "@liuxi", "blocked", NOON)
    made.archive.subscribers.arrive("telegram", "5", kind="private", title=None, at=NOON)
    assert digests(made, 1) == {}
    made.archive.subscribers.subscribe("telegram", "5", Filter(place="990101"), NOON)
    assert set(digests(made, 1)) == {"5"}


def test_looks_and_interruptions(tmp_path: Path) -> None:
    with place(tmp_path, LIUXI, DONGPO) as made:
        days_of(made, 4, {LIUXI: "failed", DONGPO: "ok"})
        queue_digest(made.archive, made.config, made.now)
        (first,) = [row["text"] for row in made.rows() if row["subscriber"] == "1"]
        assert "读取成功4次，未成功4次" in first
        assert "监测曾中断的网站（1个）" in first
        assert "· 柳溪县人民政府：自2026年2月20日11时00分起，尚未恢复" in first
        days_of(made, 7, {LIUXI: "ok", DONGPO: "ok"})
        queue_digest(made.archive, made.config, made.now)
        (second,) = [row["text"] for row in made.rows() if row["subscriber"] == "1"]
        assert "· 柳溪县人民政府：2026年2月20日11时00分至" in second
        days_of(made, 7, {LIUXI: "ok", DONGPO: "ok"})
        queue_digest(made.archive, made.config, made.now)
        (third,) = [row["text"] for row in made.rows() if row["subscriber"] == "1"]
        assert "监测没有较长的中断" in third


def test_nothing_read_proves_nothing(made: Desk) -> None:
    text, _ = digests(made, 1)["1"]
    assert "没有读到任何网站，没有提示不等于没有情况" in text
    assert "没有较长的中断" not in text


@pytest.mark.parametrize(
    ("setting", "now", "day"),
    [
        ("Mon 09:00", "2024-02-26T09:00+08:00", date(2024, 2, 26)),
        ("Mon 09:00", "2024-02-25T23:59+08:00", date(2024, 2, 19)),
        ("Mon 09:00", "2024-02-26T00:00+08:00", date(2024, 2, 26)),
        ("Sun 09:00", "2024-02-26T09:00+08:00", date(2024, 2, 25)),
        ("", "2024-02-28T09:00+08:00", date(2024, 2, 26)),
    ],
)
def test_the_day_that_a_digest_is_for(setting: str, now: str, day: date) -> None:
    assert digest_day(setting, datetime.fromisoformat(now)) == day
