"""A deployment that looks after itself: each kind of trouble in a real archive, who is told and when."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.jobs import FAILED, KILLED, OK
from db.keeping import backup
from db.records import Message
from db.telling.records import Filter
from monitor.clock import VirtualClock
from monitor.config import load_config
from monitor.doctor import Line
from monitor.doctor.telling import chat_lines, token_lines, trouble_lines, watch_lines
from monitor.watch import selfwatch
from monitor.watch.selfwatch import ALIVE_MARK, BOT_CONFLICT_MARK
from monitor.watch.speaking import bot_of
from tests.bot_api import FakeBotApi, refused
from tests.monitor.watched_place import (
    DAY,
    DONGPO,
    HOUR,
    LIUXI,
    NOON,
    SETTINGS,
    Place,
    Portal,
    agency,
    place,
    portal,
)

WELL = {LIUXI: "ok", DONGPO: "ok"}


def _delivered(place: Place) -> None:
    """All that waits gets out."""
    for number in place.archive.outbox.due(place.now):
        place.archive.outbox.mark_sent(number, place.now)


def _days(place: Place, days: float, looks: dict[Portal, str] | None = None) -> list[str]:
    """Every two hours, all of it delivered at once: who was told what."""
    told, end = [], place.now + days * DAY
    while place.now < end:
        told += place.until(place.now + 2 * HOUR, looks=looks, every=2 * HOUR)
        _delivered(place)
    return told


class TestPortals:
    def test_broken_and_well_again(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            told = _days(made, 5, {LIUXI: "failed", DONGPO: "ok"})
            first = "【系统自检】网站无法读取：柳溪县人民政府（liuxi）"
            assert [line for line in told if line.startswith(("7", "8"))] == [
                f"7: {first}", f"8: {first}",  # on the third day
                *(f"{chat}: 【系统自检·已持续1天】网站无法读取：柳溪县人民政府（liuxi）" for chat in "78"),
            ]  # fmt: skip
            assert made.kinds() == [("portal-broken", "liuxi")]
            told = _days(made, 2, WELL)
            assert [line for line in told if line.startswith("7")] == [
                "7: 【系统自检·已恢复】网站恢复读取：柳溪县人民政府（liuxi）"
            ]
            assert made.kinds() == []

    def test_blocked_says_so(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            told = _days(made, 3, {LIUXI: "blocked", DONGPO: "ok"})
            assert "7: 【系统自检】网站拒绝访问：柳溪县人民政府（liuxi）" in told

    def test_what_was_put_off_is_no_failure(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            assert _days(made, 2.5, {LIUXI: "postponed", DONGPO: "ok"}) == []

    def test_runs_that_left_no_crawl_behind_count(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            for day in range(4):
                at = NOON + day * DAY + HOUR / 2
                run = made.archive.jobs.begin("crawl", "liuxi", at, "daily", 0, at)
                made.archive.jobs.end(run, at + HOUR / 6, KILLED, "liuxi: took more memory than it may")
            told = _days(made, 4, {DONGPO: "ok"})
            assert "7: 【系统自检】网站无法读取：柳溪县人民政府（liuxi）" in told
            (row,) = made.archive.query(
                "SELECT t.text FROM outbox o JOIN message_texts t ON t.id = o.text_id WHERE o.subscriber = '7'"
                " AND o.fingerprint = 'trouble portal-broken liuxi' ORDER BY o.id LIMIT 1"
            )
            assert "took more memory" in row[0]

    def test_many_are_told_in_one_message(self, tmp_path: Path) -> None:
        many = [portal(f"p{number}") for number in range(12)]
        with place(tmp_path, DONGPO, *many) as made:
            _days(made, 3, {DONGPO: "ok"} | dict.fromkeys(many, "failed"))
            rows = made.archive.query(
                "SELECT t.text, t.document FROM outbox o JOIN message_texts t ON t.id = o.text_id"
                " WHERE o.subscriber = '7'"
            )
            ((text, document),) = rows
            assert text.startswith("【系统自检】12个网站无法读取\n共12个，名单见附件。")
            assert document.count("网站无法读取：p") == 12

    def test_one_that_is_taken_out_ends_without_a_word(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            _days(made, 4, {LIUXI: "failed", DONGPO: "ok"})
            made.portals.remove(LIUXI)
            assert _days(made, 2, {DONGPO: "ok"}) == []
            assert made.archive.troubles.standing() == []

    def test_stale(self, tmp_path: Path) -> None:
        two = portal("two", columns=2)
        with place(tmp_path, two, DONGPO) as made:
            for day in range(9):
                made.look(two, NOON + day * DAY + HOUR, "partial", bad=1)
            told = _days(made, 8.5, {DONGPO: "ok"})
            assert [line for line in told if line.startswith("7")] == [
                "7: 【系统自检】有栏目长期未能读取：two（two）",
                "7: 【系统自检·已持续1天】有栏目长期未能读取：two（two）",
            ]  # fmt: skip

    def test_nothing_can_be_read(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            told = _days(made, 4, {LIUXI: "failed", DONGPO: "failed"})
            mine = [line for line in told if line.startswith("7")]
            assert mine == ["7: 【系统自检】所有网站均无法读取", "7: 【系统自检·已持续1天】所有网站均无法读取"]


class TestOff:
    def test_the_gap_is_told_once(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            _days(made, 1, WELL)
            made.archive.jobs.mark(ALIVE_MARK, made.now + HOUR / 2)
            made.now += 5 * DAY + HOUR / 2
            made.after()
            rows = made.rows()
            headline = {row["subscriber"]: row["text"].partition("\n")[0] for row in rows}
            assert headline == {
                "7": "【系统自检·已恢复】nianbao 曾停止运行",
                "8": "【系统自检·已恢复】nianbao 曾停止运行",
                "1": "【监测中断】监测自2026年2月21日11时59分起中断",  # when it was last read
                "@liuxi": "【监测中断】监测自2026年2月21日11时59分起中断",
            }
            assert "从2026年2月21日12时30分到2026年2月26日12时30分" in rows[0]["text"]
            _delivered(made)
            assert _days(made, 0.5) == []  # nothing stale, no backlog, nothing twice
            told = _days(made, 1, WELL)
            assert told == [
                "1: 【监测恢复】监测于2026年2月27日12时30分恢复",
                "@liuxi: 【监测恢复】监测于2026年2月27日12时30分恢复",
            ]

    def test_a_night_is_nothing_to_tell(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            for _ in range(4):
                made.look(LIUXI, made.now)
                made.until(made.now + 14 * HOUR, every=2 * HOUR)
                made.now += 10 * HOUR
                made.after()
            assert made.told() == []

    def test_nothing_runs_though_we_are_there(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            told = _days(made, 2)
            assert told == [
                "7: 【系统自检】长时间没有完成任何一次网站读取", "8: 【系统自检】长时间没有完成任何一次网站读取",
                "1: 【监测中断】监测自2026年2月20日11时00分起中断",
                "@liuxi: 【监测中断】监测自2026年2月20日11时00分起中断",
            ]  # fmt: skip


class TestOthers:
    def test_delivery_is_stuck(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.until(NOON + 2 * HOUR)
            made.archive.outbox.put([Message("1", "telegram", "x", "y", "a text")], made.now)
            (number,) = made.archive.outbox.due(made.now)
            made.archive.outbox.mark_failed(number, "no route to host", made.now + 9 * HOUR)
            made.told()
            assert made.until(NOON + 2.5 * HOUR, every=HOUR / 2) == []
            told = made.until(NOON + 8 * HOUR)
            assert told == ["7: 【系统自检】1条消息发不出去（telegram）", "8: 【系统自检】1条消息发不出去（telegram）"]
            # That this very message waits is no reason for another.
            made.archive.outbox.mark_sent(number, made.now)
            assert made.until(NOON + 11 * HOUR)[:1] == ["7: 【系统自检·已恢复】消息已恢复发送（telegram）"]

    def test_a_channel_asks_for_a_long_pause(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.until(NOON + 2 * HOUR)
            made.archive.subscribers.pause("telegram", None, made.now + 5 * HOUR, "Too Many Requests")
            told = made.until(NOON + 3 * HOUR)
            assert told[0] == "7: 【系统自检】telegram要求在2026年2月20日19时00分之前不要发送"

    def test_a_desk_refuses(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.archive.subscribers.gone("telegram", "1", "Forbidden: bot was kicked", made.now)
            told = made.until(NOON + HOUR)
            assert told == ["7: 【系统自检】有聊天不再接收消息：1", "8: 【系统自检】有聊天不再接收消息：1"]
            (line,) = chat_lines(made.archive, made.now)
            assert "Forbidden: bot was kicked" in line.what
            made.archive.subscribers.arrive("telegram", "1", kind="group", title="编辑部", at=made.now)
            told = made.until(NOON + 3 * HOUR)
            assert told[0] == "7: 【系统自检·已恢复】聊天已恢复接收消息：1"

    def test_a_maintainer_refuses_and_the_other_hears(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.archive.subscribers.gone("telegram", "7", "blocked", made.now)
            assert made.until(NOON + HOUR) == ["8: 【系统自检】有聊天不再接收消息：7"]

    def test_a_stranger_who_leaves_is_nobodys_business(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.archive.subscribers.arrive("telegram", "99", kind="private", title=None, at=made.now)
            made.archive.subscribers.gone("telegram", "99", "blocked", made.now)
            assert made.until(NOON + HOUR) == []

    def test_disk(self, tmp_path: Path) -> None:
        with place(
            tmp_path, LIUXI, settings=SETTINGS.replace("disk_free_mb = 1", "disk_free_mb = 999999999999")
        ) as made:
            ((kind, subject),) = made.kinds()
            assert kind == "disk-filling"
            assert Path(subject).is_dir()
            assert "磁盘快满了" in made.told()[0]

    def test_backup_verify_judge(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, settings=SETTINGS.replace('backup = ""', "")) as made:
            jobs = made.archive.jobs

            def ran(job: str, outcome: str) -> None:
                made.now += timedelta(minutes=1)
                jobs.end(jobs.begin(job, "", made.now, "daily", 0, made.now), made.now, outcome, "no room left")

            ran("backup", FAILED)
            ran("verify", FAILED)
            ran("judge", KILLED)
            ran("judge", FAILED)
            ran("digest", FAILED)
            made.after()
            told = [line for line in made.told() if line.startswith("7")]
            assert told == [
                "7: 【系统自检】备份失败，而且还没有任何备份",
                "7: 【系统自检】报告的读取和比对连续2次失败",
                "7: 【系统自检】核验未通过",
            ]
            _delivered(made)
            for job in ("backup", "verify", "judge", "digest"):
                ran(job, OK)
            backup.back_up(made.archive, tmp_path / "a.db.backups", made.now)
            told = [line for line in _days(made, 0.2) if line.startswith("7")]
            assert sorted(told) == [
                "7: 【系统自检·已恢复】任务 judge 恢复正常",
                "7: 【系统自检·已恢复】备份恢复正常",
                "7: 【系统自检·已恢复】核验已通过",
            ]
            told = [line for line in _days(made, 3, {LIUXI: "ok"}) if line.startswith("7")]
            assert told == ["7: 【系统自检】两天以上没有新的备份", "7: 【系统自检·已持续1天】两天以上没有新的备份"]

    def test_bot_conflict(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            for hour in range(1, 5):
                made.archive.jobs.mark(BOT_CONFLICT_MARK, NOON + hour * HOUR)
                made.until(NOON + hour * HOUR)
                _delivered(made)
            assert made.kinds() == [("bot-conflict", "")]
            _days(made, 0.2)
            assert made.kinds() == []
            rows = made.archive.query("SELECT event FROM outbox WHERE subscriber = '7'")
            assert [event.partition(",")[2] for (event,) in rows] == ["", " over"]

    def test_the_bot_notices_another(self, tmp_path: Path) -> None:
        with FakeBotApi(lambda method, *_: refused(409, "Conflict") if method == "getUpdates" else None) as api:
            settings = SETTINGS.replace("[telegram]", f'[telegram]\nbase_url = "{api.base_url}"')
            with place(tmp_path, LIUXI, settings=settings) as made:
                asyncio.run(_listen(made, api))
                assert BOT_CONFLICT_MARK in made.archive.jobs.marks()

    def test_holidays_are_told_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(selfwatch, "unknown_years", lambda now: (2031,))
        with place(tmp_path, LIUXI) as made:
            told = made.told()
            _delivered(made)
            told += _days(made, 9, {LIUXI: "ok"})
            assert told == ["7: 【系统自检】2031年的放假安排尚未收录", "8: 【系统自检】2031年的放假安排尚未收录"]


async def _listen(place: Place, api: FakeBotApi) -> None:
    """The bot of the watch listens until it was refused."""
    bot = bot_of(place.archive, place.config, VirtualClock(place.now), api.token)
    assert bot is not None
    running = asyncio.create_task(bot.run())
    await api.until(lambda: any(method == "getUpdates" for method, *_ in api.calls))
    while BOT_CONFLICT_MARK not in place.archive.jobs.marks():
        await asyncio.sleep(0.01)
    await bot.end()
    await running


class TestSubscribers:
    def test_only_those_whom_it_concerns(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            made.archive.import_agencies([agency(1, "990101", LIUXI), agency(2, "990201", DONGPO, "office")])
            wishes = {
                "101": Filter(place="990100"),
                "102": Filter(place="990200"),
                "103": Filter(agency_id="990101:局1"),
                "104": Filter(organ="office"),
                "105": Filter(kind="identity"),
            }
            for chat, wish in wishes.items():
                made.archive.subscribers.arrive("telegram", chat, kind="private", title=None, at=made.now)
                made.archive.subscribers.subscribe("telegram", chat, wish, made.now)
            told = _days(made, 4, {LIUXI: "failed", DONGPO: "ok"})
            hearers = [line.partition(":")[0] for line in told if "监测中断" in line]
            assert hearers == ["1", "101", "103", "105", "@liuxi"]

    def test_a_portal_that_fails_for_hours_is_not_told(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            told = _days(made, 1.9, {LIUXI: "failed", DONGPO: "ok"})
            assert [line for line in told if "监测" in line] == []

    def test_out_of_the_season_nobody_waits(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO, now=NOON + 150 * DAY) as made:
            told = _days(made, 6, {LIUXI: "failed", DONGPO: "ok"})
            assert told == []

    def test_who_wants_nothing_any_more_hears_nothing_more(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            _days(made, 4, {LIUXI: "failed", DONGPO: "ok"})
            made.archive.subscribers.unsubscribe("telegram", "1", None)
            told = _days(made, 2, WELL)
            assert [line[:7] for line in told if "监测恢复" in line] == ["@liuxi:"]

    def test_each_in_its_language(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            made.archive.subscribers.set_language("telegram", "1", "en")
            told = _days(made, 4, {LIUXI: "failed", DONGPO: "ok"})
            assert "1: [Monitoring interrupted] Monitoring of 1 portal has been interrupted since" in "\n".join(told)

    def test_many_portals_come_as_a_document(self, tmp_path: Path) -> None:
        many = [portal(f"p{number}") for number in range(30)]
        with place(tmp_path, *many, settings=SETTINGS.replace('"zh"', '"both"')) as made:
            _days(made, 2)
            rows = made.archive.query(
                "SELECT t.text, t.document FROM outbox o JOIN message_texts t ON t.id = o.text_id"
                " WHERE o.subscriber = '1'"
            )
            ((text, document),) = rows
            assert len(text) < 1024
            assert document.count("· p") == 60
            assert "Silence about them during this time proves nothing" in text


def test_looking_twice_or_broken_off_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with place(tmp_path, LIUXI, DONGPO) as made:
        _days(made, 1.5, {LIUXI: "failed", DONGPO: "failed"})
        made.look(LIUXI, made.now, "failed")
        made.now += 6 * HOUR

        def rows() -> list[list[tuple[object, ...]]]:
            return [made.archive.query(f"SELECT * FROM {table}") for table in ("troubles", "outbox", "watch_marks")]

        before = rows()
        with monkeypatch.context() as patch:
            patch.setattr(selfwatch, "_remember", _killed)
            with pytest.raises(KeyboardInterrupt):
                made.after()
        assert rows() == before
        made.after()
        after = rows()
        assert after != before
        made.after()
        assert rows() == after


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_thousand_portals(tmp_path: Path) -> None:
    """A hundred that are broken are one message with a list, told once."""
    with place(tmp_path) as made:
        made.portals = [portal(f"p{number}", columns=3) for number in range(1000)]
        with made.archive.write() as connection:
            connection.executemany("INSERT INTO portals VALUES (?, ?, 'x')", [(p.id, p.name) for p in made.portals])
            for day in reversed(range(12)):
                at = (NOON - day * DAY).isoformat()
                connection.executemany(
                    "INSERT INTO crawls (portal, started_at, ended_at, outcome, is_complete, summary)"
                    " VALUES (?, ?, ?, ?, 1, '{}')",
                    [(p.id, at, at, "failed" if day < 9 and p.id[-1] == "7" else "ok") for p in made.portals],
                )
                connection.executemany(
                    "INSERT INTO column_reads (portal, column_url, at, outcome, pages) VALUES (?, ?, ?, ?, 1)",
                    [(p.id, c.url, at, "failed" if day < 9 else "ok") for p in made.portals for c in p.columns],
                )
        made.after()
        told = [row for row in made.rows() if row["subscriber"] == "7" and "portal-broken" in row["fingerprint"]]
        assert len(told) == 1 and told[0]["document_name"]
        assert sum(f"p{number}7" in told[0]["document"] for number in range(1, 100)) == 99
        made.after()
        assert made.rows() == []


class TestDoctor:
    def test_troubles_that_last(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI, DONGPO) as made:
            _days(made, 3, {LIUXI: "blocked", DONGPO: "ok"})
            (line,) = trouble_lines(made.archive)
            assert line.sentence.startswith(
                "A portal refuses us: 柳溪县人民政府 (liuxi), since 2026-02-21 03:59 UTC; It can"
            )
            made.look(LIUXI, made.now)
            made.until(made.now + HOUR)
            assert list(trouble_lines(made.archive)) == []

    def test_sign_of_life(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            assert list(watch_lines(made.archive, NOON)) == []
            made.archive.jobs.mark(ALIVE_MARK, NOON)
            assert [line.level for line in watch_lines(made.archive, NOON + timedelta(minutes=9))] == ["ok"]
            assert [line.level for line in watch_lines(made.archive, NOON + timedelta(minutes=11))] == ["notice"]

    def test_refused_messages(self, tmp_path: Path) -> None:
        with place(tmp_path, LIUXI) as made:
            made.archive.outbox.put([Message("1", "telegram", "x", "y", "a text")], NOON)
            (number,) = made.archive.outbox.due(NOON)
            made.archive.outbox.refuse(number, "Bad Request: chat not found", NOON)
            (line,) = chat_lines(made.archive, NOON)
            assert "1 message(s) to the chat 1 were refused (Bad Request: chat not found)" in line.what

    def test_token(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("NIANBAO_TELEGRAM_TOKEN", raising=False)

        def lines(settings: str) -> list[Line]:
            (tmp_path / "config.toml").write_text(settings, "utf-8")
            return list(token_lines(load_config(tmp_path / "config.toml")))

        assert lines("") == []
        assert [line.level for line in lines("[telegram]\nchats = [1]\n")] == ["notice"]
        (tmp_path / "token").write_text("1:secret", "ascii")
        (tmp_path / "token").chmod(0o644)
        (line,) = lines('[telegram]\ntoken_file = "token"\n')
        assert (line.level, "secret" in line.sentence) == ("fault", False)
        (tmp_path / "token").chmod(0o600)
        (line,) = lines('[telegram]\ntoken_file = "token"\n')
        assert (line.level, "secret" in line.sentence) == ("ok", False)


def test_no_message_says_what_must_not_be_said() -> None:
    text = (Path(selfwatch.__file__).parents[1] / "catalogue" / "selfwatch.toml").read_text("utf-8")
    assert re.findall("未公布|没有公布|错误|违法|抄袭|拒不", text) == []


def test_the_rows_are_plain(tmp_path: Path) -> None:
    """What stands in the table can be read with SQL alone."""
    with place(tmp_path, LIUXI, DONGPO) as made:
        _days(made, 4, {LIUXI: "failed", DONGPO: "ok"})
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        rows = connection.execute("SELECT kind, subject, detail FROM troubles ORDER BY kind, subject").fetchall()
    assert [(kind, subject) for kind, subject, _ in rows] == [
        ("interrupted", "telegram 1"), ("interrupted", "telegram @liuxi"), ("portal-broken", "liuxi")
    ]  # fmt: skip
    assert all(isinstance(json.loads(detail), dict) for *_, detail in rows)
    with Archive.open(tmp_path / "a.db") as archive:
        assert len(archive.troubles.between(NOON, NOON + DAY)) == 3
