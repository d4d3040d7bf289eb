"""`nianbao answer`, `release`, `findings`, `history`: what people say, what is shown of it after, and who is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive
from db.keeping import verify
from db.keeping.retention import Retention
from monitor.catalogue import load_catalogue
from monitor.cli import main
from monitor.life.marks import marks
from monitor.telling.messages import message_text
from tests.monitor.life_archive import NOON, SETTINGS, Desk, agencies, desk, finding

SAID = ("wrong", "--by", "王敏", "--reason", "栏目改版")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path)
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        yield made


def _run(made: Desk, *words: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--config", str(made.config.source)])
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result


def _one(made: Desk, number: str) -> dict:
    return json.loads(_run(made, "findings", number, "--json").stdout)


def test_what_is_answered_wrong_is_withdrawn_and_shown_as_such(made: Desk) -> None:
    one = finding()
    made.save(one)
    assert made.heard() == ["【提醒】柳溪县0局 2023年年度报告"]
    said = _run(made, "answer", one.fingerprint[:8], *SAID)
    assert "1 message to those who were told" in said.stdout
    assert made.heard() == ["【撤回提示】柳溪县0局 2023年年度报告"]
    shown = _run(made, "findings").stdout
    assert "(answered wrong by 王敏: 栏目改版)" in shown
    life = _one(made, one.fingerprint)["life"]
    assert (life["wrong"]["by"], life["wrong"]["reason"], life["is_open"]) == ("王敏", "栏目改版", True)
    assert "says so already" in _run(made, "answer", one.fingerprint, *SAID).stdout


def test_one_finding_with_its_whole_life_and_what_else_it_may_be(made: Desk) -> None:
    one = finding("carry-over", agency="柳溪县0局", observed=3, expected=5)
    made.save(one)
    _run(made, "answer", one.fingerprint, "checked", "--by", "李强")
    _run(made, "answer", one.fingerprint, "mute", "--by", "王敏", "--until", "2999-01-31")
    row = _one(made, one.fingerprint)
    assert [event["event"] for event in row["events"]] == ["found", "checked", "muted"]
    assert row["events"][2]["until"] == "2999-01-31T15:59:59.999999+00:00", "the whole day in Beijing"
    assert row["life"]["checked_by"] == ["李强"]
    assert row["life"]["muted"]["by"] == "王敏"
    assert row["defect"] == "不准确不全面"
    assert {entry["excluded"] for entry in row["innocent"]} == {True, False}
    assert row["record"]["right"] == 0
    shown = _run(made, "findings", one.fingerprint[:9]).stdout
    assert "official word: 不准确不全面" in shown
    assert shown.index("what else it might be, and is not:") < shown.index("look before you publish it:")
    assert "judged so far, of carry-over: 0 right" in shown
    assert shown.index("checked by 李强") < shown.index("muted by 王敏, until 2999-01-31 23:59")
    made.archive.life.answer(one.fingerprint, "unmuted", by="王敏", at=NOON)
    assert _one(made, one.fingerprint)["life"]["muted"] is None


def test_names_and_reasons_are_one_line_and_a_mute_may_last(made: Desk) -> None:
    one = finding()
    made.save(one)
    _run(made, "answer", one.fingerprint, "wrong", "--by", "王\n敏", "--reason", "第3页\r\n\x1b[31m跨页")
    _run(made, "answer", one.fingerprint, "mute", "--by", "李强", "--until", "9999-12-31")
    life = _one(made, one.fingerprint)["life"]
    assert (life["wrong"]["by"], life["wrong"]["reason"]) == ("王 敏", "第3页 [31m跨页")
    assert life["muted"]["until"] == "9999-12-31T15:59:59.999999+00:00"
    refused = _run(made, "answer", one.fingerprint, "right", "--by", "\u200b\n", status=2)
    assert "say who says so" in refused.stderr


def test_the_agencys_answer_is_kept_for_good(made: Desk, tmp_path: Path) -> None:
    one = finding()
    made.save(one)
    made.heard()
    letter = tmp_path / "答复.txt"
    letter.write_text("已重新公开。", "utf-8")
    _run(made, "answer", one.fingerprint, "answered", "--by", "李强", "--file", str(letter))
    assert made.heard() == ["【机关已答复】柳溪县0局 2023年年度报告"]
    sha256 = _one(made, one.fingerprint)["events"][-1]["sha256"]
    assert made.archive.get_document(sha256).decode() == "已重新公开。"
    faults = [fault for batch in verify.batches(made.archive, backups=tmp_path) for fault in
              verify.check_batch(batch).faults]  # fmt: skip
    assert faults == []
    made.archive.documents.path(sha256).unlink()
    faults = [fault for batch in verify.batches(made.archive, backups=tmp_path) for fault in
              verify.check_batch(batch).faults]  # fmt: skip
    assert len(faults) == 1, "it is among what is verified"
    Retention(made.archive).apply(before=NOON.replace(year=2999), owed=[], at=NOON.replace(year=2999), why="old")
    assert made.archive.query("SELECT dropped_at FROM documents WHERE sha256 = ?", (sha256,)) == [(None,)]


def test_two_names_where_configured(made: Desk, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS + "[findings]\nchecks_needed = 2\n", "utf-8")
    one = finding()
    made.save(one)
    published = ("answer", one.fingerprint, "published", "--by", "王敏")
    for name in ("王敏", "王敏", "李强"):
        refused = _run(made, *published, status=2)
        assert "2 different people must have checked it before it is published" in refused.stderr
        _run(made, "answer", one.fingerprint, "checked", "--by", name)
    _run(made, *published)
    assert _one(made, one.fingerprint)["life"]["checked_by"] == ["王敏", "李强"]


def test_a_rule_that_is_wrong_twice_is_suspended_and_released(made: Desk) -> None:
    some = [finding(number=number) for number in range(3)]
    made.save(*some)
    _run(made, "answer", some[0].fingerprint, *SAID)
    said = _run(made, "answer", some[1].fingerprint, *SAID)
    assert "the rule withdrawn is suspended: its findings on 2 reports were judged wrong" in said.stderr
    (notice,) = made.heard()
    assert notice.startswith("【规则停用】规则 withdrawn")
    assert "(rule suspended)" in _run(made, "findings").stdout
    assert _one(made, some[2].fingerprint)["life"]["suspended"].startswith("its findings on 2 reports")
    doctor = CliRunner().invoke(main, ["doctor", "--config", str(made.config.source)]).output
    assert "the rule withdrawn is suspended" in doctor
    released = ("release", "--rule", "withdrawn", "--by", "李强", "--reason", "规则已修正")
    _run(made, *released)
    assert made.heard() == ["【提醒】柳溪县2局 2023年年度报告"], "what waited is due"
    assert "is not suspended; no rule is" in _run(made, *released, status=2).stderr


def test_what_is_held_is_listed_and_released(made: Desk) -> None:
    some = [finding(number=number) for number in range(3)]
    made.save(*some, hold=lambda one: "one of 3 withdrawn at once")
    assert made.heard() == []
    shown = _run(made, "findings", "--held").stdout
    assert shown.count("(held: one of 3 withdrawn at once)") == 3
    doctor = CliRunner().invoke(main, ["doctor", "--config", str(made.config.source)]).output
    assert "3 finding(s) of withdrawn are held" in doctor
    said = _run(made, "release", some[0].fingerprint, "--by", "王敏", "--reason", "看过").stdout
    assert said.endswith("1 finding released.\n")
    why = ("--by", "王敏", "--reason", "看过")
    assert "0 findings released" in _run(made, "release", "--held", "--portal", "临江", *why).stdout
    assert "2 findings released" in _run(made, "release", "--held", "--portal", "柳溪", *why).stdout
    assert len(made.heard()) == 3
    again = _run(made, "release", some[0].fingerprint, *why).stdout
    assert "0 findings released; 1 finding left alone." in again
    assert _run(made, "findings", "--held").stdout == "0 findings.\n"


def test_history_shows_what_people_said(made: Desk) -> None:
    one = finding()
    made.save(one)
    sha256 = made.archive.put_document(b"a", media=None, seen_at=NOON)
    with made.archive.write() as connection:
        connection.execute(
            "INSERT INTO agency_keys (key, agency_id, name) VALUES (?1, ?1, ?2)", [*one.key[:1], one.agency]
        )
    made.archive.life.answer(one.fingerprint, "answered", by="李强", at=NOON, sha256=sha256)
    made.archive.life.answer(one.fingerprint, "muted", by="李强", at=NOON, until=NOON.replace(year=2999))
    shown = _run(made, "history", one.agency, "2023").stdout
    assert f"answered, by 李强, document {sha256}: withdrawn {one.fingerprint}" in shown
    assert "muted, by 李强, until 2999-03-01 12:00: withdrawn" in shown
    rows = [json.loads(line) for line in _run(made, "history", one.agency, "2023", "--json").stdout.splitlines()]
    assert [(row["event"], row["made_by"], row["sha256"], row["until"]) for row in rows if row["kind"] == "event"] == [
        ("found", None, None, None),
        ("answered", "李强", sha256, None),
        ("muted", "李强", None, "2999-03-01T04:00:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("answer", "NUMBER", "wrong", "--by", "王敏"), "say why it is wrong"),
        (("answer", "NUMBER", "right", "--by", " "), "say who says so"),
        (("answer", "12", "right", "--by", "王敏"), "give 8 of its 16 hex digits or more"),
        (("answer", "0" * 16, "right", "--by", "王敏"), "there is no finding 0000000000000000"),
        (("answer", "NUMBER", "right", "--by", "王敏", "--until", "2999-01-01"), "--until goes with mute"),
        (("answer", "NUMBER", "mute", "--by", "王敏", "--until", "2001-01-01"), "is over already"),
        (("answer", "NUMBER", "right", "--by", "王敏", "--file", "x"), "--file goes with answered"),
        (("answer", "NUMBER", "answered", "--by", "王敏", "--file", "nowhere.pdf"), "nowhere.pdf: cannot be read"),
        (("answer", "NUMBER", "unmute", "--by", "王敏"), "is not muted"),
        (("release", "--by", "王敏", "--reason", "x"), "one of them"),
        (("release", "NUMBER", "--held", "--by", "王敏", "--reason", "x"), "one of them"),
        (("release", "NUMBER", "--portal", "x", "--by", "王敏", "--reason", "x"), "--portal goes with --held"),
        (("release", "NUMBER", "--by", "王敏", "--reason", " "), "say why it is released"),
        (("findings", "NUMBER", "--held"), "goes alone"),
        (("findings", "99999999"), "there is no finding 99999999"),
    ],
)
def test_a_slip_is_one_sentence_and_changes_nothing(made: Desk, words: tuple[str, ...], said: str) -> None:
    one = finding()
    made.save(one)
    before = made.archive.query("SELECT count(*) FROM finding_events")
    result = _run(made, *(one.fingerprint if word == "NUMBER" else word for word in words), status=2)
    (line,) = result.stderr.splitlines()
    assert said in line
    assert made.archive.query("SELECT count(*) FROM finding_events") == before


@pytest.mark.parametrize(
    "event",
    ["found", "confirmed", "released", "held", "found-after-wrong", "found-after-muted", "gone", "corrected",
     "replaced", "withdrawn", "answered"],
)  # fmt: skip
def test_every_event_has_words_in_both_languages(event: str) -> None:
    text = message_text(finding(), event, "both")
    zh, _, en = text.partition("\n\n")
    assert "自3月1日起在原栏目未查到。" in zh
    assert "Not found there since 1 March." in en
    assert f"headline-{event}" in load_catalogue()


def test_what_simply_stands_has_no_marks(made: Desk) -> None:
    made.save(finding())
    (row,) = (json.loads(line) for line in _run(made, "findings", "--json").stdout.splitlines())
    assert marks(row["life"]) == []
    assert row["life"] == {
        "is_open": True, "first_found_at": NOON.isoformat(), "gone_at": None, "told": True, "confirmed": True,
        "held": None, "suspended": None, "wrong": None, "muted": None, "checked_by": [], "asked_at": None,
    }  # fmt: skip


def test_unconfirmed_and_gone_are_marked(made: Desk) -> None:
    made.save(finding(told=False, confirmed=False))
    assert "(unconfirmed: rests on a single look)" in _run(made, "findings").stdout
    made.save(day=1)
    assert "(gone 2024-03-02)" in _run(made, "findings", "--all").stdout


def test_another_process_sees_it_all(made: Desk) -> None:
    one = finding()
    made.save(one)
    _run(made, "answer", one.fingerprint, *SAID)
    with Archive.open(made.archive.path) as again:
        assert [event.event for event in again.life.events(one.fingerprint)] == ["found", "wrong"]


def test_what_is_replaced_is_not_told_to_be_gone(made: Desk) -> None:
    """Another finding about the time of the same report takes its place in the same judgement."""
    notice, late = finding("dated-after-deadline"), finding("late")
    made.save(notice)
    made.heard()
    assert made.save(late, day=1) == ["found", "replaced"]
    texts = [row["text"] for row in made.archive.outbox.each_due(NOON.replace(year=2998))]
    assert len(made.heard()) == 2
    assert len(texts) == 2 and texts[1].startswith("【提示已更新】") and late.fingerprint in texts[1]
    assert "不再成立" not in texts[1]
    assert made.archive.life.events(notice.fingerprint)[-1].reason == f"replaced by {late.fingerprint}"
    assert made.save(notice, late, day=2) == ["found"]
    assert made.heard() == ["【提醒】柳溪县0局 2023年年度报告"], "who heard that it was replaced hears that it is back"


def test_what_is_missing_and_then_late_is_said_to_be_found(made: Desk) -> None:
    made.save(finding("missing"))
    made.heard()
    assert made.save(finding("late"), day=1) == ["found", "replaced"]
    (_, text) = [row["text"] for row in made.archive.outbox.each_due(NOON.replace(year=2998))]
    assert "该报告已查到" in text and "不再成立" not in text


def test_what_is_gone_is_gone_where_the_other_is_not_told_or_of_another_report(made: Desk) -> None:
    others = [
        finding("late", told=False), finding("late", certainty="doubtful"), finding("late", year=2022),
        finding("late", number=1), finding("late", kind="change"),
    ]  # fmt: skip
    for day, other in enumerate(others):
        made.save(finding("missing"), day=2 * day)
        made.heard()
        assert "gone" in made.save(other, day=2 * day + 1), other
        due = made.archive.outbox.each_due(NOON.replace(year=2998))
        (text,) = [row["text"] for row in due if "gone" in row["event"]]
        assert "不再成立（报告已查到" in text
        made.heard()


def test_what_was_never_sent_needs_no_replacing(made: Desk) -> None:
    made.save(finding("dated-after-deadline"))
    made.save(finding("late"), day=1)
    assert made.heard() == ["【提醒】柳溪县0局 2023年年度报告"]


def test_an_answer_names_its_word_and_says_what_it_takes_back(made: Desk) -> None:
    one = finding()
    made.save(one)
    wrong = CliRunner().invoke(main, ["answer", one.fingerprint, "maybe", "--by", "甲"])
    assert wrong.exit_code == 2 and "Invalid value for 'WORD': 'maybe' is not one of 'right'" in wrong.output
    _run(made, "answer", one.fingerprint, "wrong", "--by", "甲", "--reason", "看错")
    assert (
        "甲 called it wrong before: that is taken back"
        in _run(made, "answer", one.fingerprint, "right", "--by", "甲").stdout
    )


def test_a_life_is_told_in_the_time_of_the_sentences(made: Desk) -> None:
    one = finding()
    made.save(one, day=0.5)  # 16:00 in UTC, midnight in Beijing
    shown = _run(made, "findings", one.fingerprint).stdout
    assert "its life (Beijing time):" in shown and "2024-03-02 00:00 found" in shown
    history = _run(made, "history", one.agency, "2023").stdout
    assert "(times in Beijing)" in history and "2024-03-02 00:00 found" in history
    made.save(day=1.5)
    assert "(gone 2024-03-03)" in _run(made, "findings", "--all").stdout


def test_what_rests_on_a_local_date_has_no_official_word() -> None:
    from monitor.life.marks import rule_dict
    from monitor.rules import rules

    assert rule_dict(rules()["late"], "law")["defect"] == "不按时发布"
    assert rule_dict(rules()["late"], "local")["defect"] is None
    assert rule_dict(rules()["late"], "local")["article"] is None
    assert rule_dict(rules()["withdrawn"], "observation")["article"]["en"].endswith("Article 49")
