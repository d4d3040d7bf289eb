"""A finding's life: told once a claim, never while people or doubts keep it back; answers are never lost."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archive_samples import at, make_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive, ArchiveError
from db.finding_state import claim_of
from db.records import Finding, Message
from db.rule_record import RuleRecord
from db.telling.outbox import TAKES_BACK, TELLS, base

ROOT = Path(__file__).parents[2]
RULES = {"withdrawn", "revised", "carry-over"}


def _finding(**changes: object) -> Finding:
    finding = Finding(
        "withdrawn",
        "time",
        "warning",
        "certain",
        "observation",
        "990000:财政局",
        "示例市财政局",
        2023,
        None,
        [],
        5,
        None,
        "不见了。",
        "It is gone.",
    )
    return dataclasses.replace(finding, **changes)


NUMBER = _finding().fingerprint


def _messages(finding: Finding, event: str) -> list[Message]:
    if event in TELLS and not finding.told:
        return []
    return [Message(who, "telegram", finding.fingerprint, event, f"{event} {finding.observed}") for who in ("a", "b")]


def _notices(rule: str, record: RuleRecord) -> list[Message]:
    return [Message("m", "telegram", f"rule {rule}", f"suspended {record.wrong}", f"{rule} suspended")]


def _save(archive: Archive, *findings: Finding, day: float = 0, hold: str | None = None) -> list[str]:
    events = archive.save_findings(
        list(findings), judged=None, rules=RULES, messages=_messages, at=at(day), hold=lambda f: hold
    )
    return [event for _, event in events]


def _answer(archive: Archive, event: str, by: str = "甲", day: float = 1, number: str = NUMBER, **more: object):
    more = {"reason": "看过网站"} | more if event == "wrong" else more
    return archive.life.answer(number, event, by=by, at=at(day), messages=_messages, notices=_notices, **more)


def _send(archive: Archive, day: float = 9) -> list[str]:
    """Send what is due; what subscriber a heard."""
    heard = []
    for row in archive.outbox.each_due(at(day)):
        archive.outbox.mark_sent(row["id"], at(day))
        heard += [row["text"]] if row["subscriber"] == "a" else []
    return heard


def _lives(archive: Archive, number: str = NUMBER) -> list[str]:
    return [event.event for event in archive.life.events(number)]


# Found, confirmed, gone, corrected


def test_what_rests_on_one_look_is_told_once_it_is_confirmed(archive: Archive) -> None:
    unsure = _finding(told=False, confirmed=False)
    assert _save(archive, unsure) == ["found"]
    assert _save(archive, unsure, day=1) == []
    assert _send(archive) == []
    assert _save(archive, _finding(), day=2) == ["confirmed"]
    assert _save(archive, _finding(), day=3) == []
    assert _send(archive) == ["confirmed 5"]
    (row,) = archive.findings()
    assert (row["confirmed"], row["told"]) == (True, True)


def test_what_was_never_confirmed_goes_in_silence(archive: Archive) -> None:
    _save(archive, _finding(told=False, confirmed=False))
    assert _save(archive, day=1) == ["gone"]
    assert _send(archive) == []


def test_a_message_waits_while_the_finding_is_in_doubt(archive: Archive) -> None:
    _save(archive, _finding())
    _save(archive, _finding(told=False, confirmed=False), day=1)  # judged again: it rests on one fetch after all
    assert _send(archive) == []
    _save(archive, _finding(), day=2)
    assert _send(archive) == ["found 5"]


def test_who_was_told_hears_that_it_is_gone_and_nobody_else(archive: Archive) -> None:
    _save(archive, _finding())
    (first, _) = archive.outbox.each_due(at(0))
    assert first["subscriber"] == "a"
    archive.outbox.mark_sent(first["id"], at(0))
    _answer(archive, "muted")  # before b has heard of it
    assert _save(archive, day=2) == ["gone"]
    assert [(row["subscriber"], row["text"]) for row in archive.outbox.each_due(at(9))] == [("a", "gone 5")]


def test_what_is_recorded_and_not_told_is_not_taken_back(archive: Archive) -> None:
    archive.save_findings([_finding()], judged=None, rules=RULES, messages=lambda f, e: [], at=at())  # a first load
    assert _save(archive, day=1) == ["gone"]
    assert _save(archive, _finding(), day=2) == ["found"]
    assert _send(archive) == [], "a first load tells nothing, later neither"


def test_what_is_found_again_after_it_was_taken_back_is_told_again(archive: Archive) -> None:
    _save(archive, _finding())
    assert _send(archive) == ["found 5"]
    _save(archive, day=1)
    _save(archive, _finding(), day=2)
    assert _send(archive) == ["gone 5", "found 5"]


def _revise(archive: Archive, day: float, number: int) -> None:
    sha256 = archive.put_document(str(number).encode(), media=None, seen_at=at(day))
    archive.store_report(
        make_report(values={"applications.new.total": number}), sha256=sha256, agency_id=None, agency="示例市财政局",
        source="city", url="https://city.example/1.html", seen_at=at(day), parser_version="1", portal=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "revised", "event"),
    [("asked", 3, "corrected"), ("answered", 3, "corrected"), ("asked", 1, "gone"), (None, 3, "gone")],
)
def test_gone_from_a_newer_revision_after_the_agency_was_asked_is_corrected(
    archive: Archive, asked: str | None, revised: float, event: str
) -> None:
    finding = _finding(agency_id=None, rule="carry-over")
    _revise(archive, 0, 5)
    _save(archive, finding)
    _send(archive)
    if asked:
        _answer(archive, asked, number=finding.fingerprint, day=2)
    _revise(archive, revised, 4)
    assert _save(archive, day=4) == [event]
    assert _send(archive)[-1] == f"{event} 5"


def test_without_a_newer_revision_it_is_gone(archive: Archive) -> None:
    finding = _finding(agency_id=None, rule="carry-over")
    _revise(archive, 0, 5)
    _save(archive, finding)
    _answer(archive, "asked", number=finding.fingerprint, day=2)
    _revise(archive, 3, 5)  # the same content, seen again
    assert _save(archive, day=4) == ["gone"], "the rule or the parser has changed, not the report"


# Answers


def test_what_is_answered_wrong_is_withdrawn_once_and_not_told_again(archive: Archive) -> None:
    _save(archive, _finding())
    _send(archive)
    assert _answer(archive, "wrong") == (True, None, 2, False)
    assert _answer(archive, "wrong") == (False, None, 0, False), "the same person, the same words"
    assert _answer(archive, "wrong", by="乙").messages == 0
    assert _send(archive) == ["withdrawn 5"]
    _save(archive, _finding(), day=2)
    _save(archive, day=3)
    _save(archive, _finding(), day=4)
    assert _send(archive) == [], "as long as it says the same"
    assert _lives(archive) == ["found", "wrong", "wrong", "gone", "found"]


def test_what_is_answered_wrong_before_it_was_sent_is_not_sent(archive: Archive) -> None:
    _save(archive, _finding())
    assert _answer(archive, "wrong").messages == 0
    assert _send(archive) == []
    assert _answer(archive, "right", day=2).is_new, "he has looked again"
    assert _send(archive) == ["found 5"]
    assert archive.life.record("withdrawn") == RuleRecord(1, 0, 1, 0, 0)


def test_what_was_withdrawn_and_is_right_after_all_is_told_again(archive: Archive) -> None:
    _save(archive, _finding())
    _send(archive)
    _answer(archive, "wrong")
    _answer(archive, "wrong", by="乙", reason="别的原因")
    _answer(archive, "right", day=2)
    assert _send(archive) == ["withdrawn 5"], "another still says that it is wrong"
    _answer(archive, "right", by=" 乙 ", day=3)
    assert _send(archive) == ["found 5"], "two who were wrong about one report have not suspended the rule"


def test_a_changed_claim_is_told_again_with_the_earlier_answer(archive: Archive) -> None:
    _save(archive, _finding())
    _send(archive)
    _answer(archive, "wrong")
    assert _send(archive) == ["withdrawn 5"]
    assert _save(archive, _finding(observed=6), day=2) == ["found"]
    assert _save(archive, _finding(observed=6), day=3) == []
    assert _send(archive) == ["found-after-wrong 6"]
    assert _save(archive, _finding(), day=4) == [], "and back: what is answered stays answered"
    assert _send(archive) == []


def test_a_mute_ends_with_its_last_moment(archive: Archive) -> None:
    _save(archive, _finding())
    _answer(archive, "muted", until=at(3))
    assert _send(archive, 3) == []
    assert _send(archive, 3.01) == ["found 5"], "nobody was told so far"
    _save(archive, _finding(), day=4)
    assert _send(archive) == []


def test_a_mute_is_taken_back_and_made_again(archive: Archive) -> None:
    _save(archive, _finding())
    assert _answer(archive, "muted").is_new
    assert not _answer(archive, "muted").is_new
    assert _send(archive) == []
    assert _answer(archive, "unmuted", by="乙").is_new
    assert _answer(archive, "muted").is_new
    assert _send(archive) == []
    with pytest.raises(ArchiveError, match="is not muted"):
        _answer(archive, "unmuted"), _answer(archive, "unmuted")


def test_a_muted_claim_that_changes_is_told(archive: Archive) -> None:
    _save(archive, _finding())
    _send(archive)
    _answer(archive, "muted")
    _save(archive, _finding(observed=6), day=2)
    assert _send(archive) == ["found-after-muted 6"]


def test_the_agencys_answer_is_a_document_and_told_to_who_was_told(archive: Archive) -> None:
    _save(archive, _finding())
    _send(archive)
    sha256 = archive.put_document("答复：已重新公开。".encode(), media="text/plain", seen_at=at(1))
    _answer(archive, "answered", sha256=sha256)
    assert archive.life.events(NUMBER)[-1].sha256 == sha256
    assert _send(archive) == ["answered 5"]
    with pytest.raises(ArchiveError, match="0000"):
        _answer(archive, "answered", sha256="0" * 64)
    assert archive.query("PRAGMA foreign_key_check") == []


def test_published_needs_as_many_names_as_are_configured(archive: Archive) -> None:
    _save(archive, _finding())
    for by, spelling in (("王敏", "王敏"), ("Ann Li", " ann  li ")):
        with pytest.raises(ArchiveError, match="2 different people must have checked it"):
            _answer(archive, "published", checks_needed=2)
        assert _answer(archive, "checked", by=by).is_new
        assert not _answer(archive, "checked", by=spelling).is_new
    with pytest.raises(ArchiveError, match="there is no finding"):
        _answer(archive, "published", number="0" * 16)
    assert _answer(archive, "published", checks_needed=2).is_new
    _save(archive, _finding(observed=6), day=2)
    with pytest.raises(ArchiveError, match="nobody has checked it as it stands"):
        _answer(archive, "published", day=3)


@pytest.mark.parametrize("why", ["wrong", "unconfirmed", "held", "gone", "suspended"])
def test_what_is_not_to_be_told_is_not_to_be_published(archive: Archive, why: str) -> None:
    _save(archive, _finding(confirmed=why != "unconfirmed"), hold="many" if why == "held" else None)
    _answer(archive, "checked")
    if why == "wrong":
        _answer(archive, "wrong", by="乙")
    elif why == "gone":
        _save(archive, day=2)
    elif why == "suspended":
        archive.life.suspend("withdrawn", by="乙", reason="不对", at=at(2))
    said = {"wrong": "乙 says that it is wrong", "unconfirmed": "a single look", "gone": "stands no more"}
    with pytest.raises(ArchiveError, match=said.get(why, why)):
        _answer(archive, "published", day=3)


@pytest.mark.parametrize(
    ("event", "more", "said"),
    [("wrong", {"reason": " "}, "say why it is wrong"), ("right", {"by": " "}, "say who says so"),
     ("liked", {}, "is nothing that a person says")],
)  # fmt: skip
def test_what_cannot_be_said(archive: Archive, dump: Callable, event: str, more: dict, said: str) -> None:
    _save(archive, _finding())
    before = dump()
    with pytest.raises(ArchiveError, match=said):
        _answer(archive, event, **more)
    assert dump() == before


def test_a_finding_is_named_by_the_beginning_of_its_number(archive: Archive) -> None:
    _save(archive, _finding())
    assert archive.life.find(NUMBER[:8].upper()) == NUMBER
    for start, said in ((NUMBER[:7], "8 of its 16"), ("zzzzzzzz", "is no number"), ("0" * 8, "there is no finding")):
        with pytest.raises(ArchiveError, match=said):
            archive.life.find(start)
    archive._connection.execute("UPDATE findings SET fingerprint = ? WHERE 1", (NUMBER[:8] + "0" * 8,))
    _save(archive, _finding(), _finding(year=2022))
    with pytest.raises(ArchiveError, match="several findings begin so"):
        archive.life.find(NUMBER[:8])


# Holding


def test_what_is_held_is_told_once_a_person_releases_it(archive: Archive) -> None:
    assert _save(archive, _finding(), hold="one of many") == ["found", "held"]
    assert _save(archive, _finding(), day=1, hold="one of many") == []
    assert [row["held_why"] for row in archive.life.held()] == ["one of many"]
    _save(archive, day=2)
    _save(archive, _finding(), day=3)
    assert _send(archive) == [], "that it went and came releases nothing"
    with pytest.raises(ArchiveError, match="say why"):
        archive.life.release([NUMBER], by="甲", reason=" ", at=at(4))
    for left in (1, 0):
        released = archive.life.release([NUMBER], by="甲", reason="看过", at=at(4), messages=_messages)
        assert len(released) == left
    assert _send(archive) == ["released 5"]
    assert list(archive.life.held()) == []
    assert _save(archive, _finding(), day=5, hold="one of many") == []


def test_what_went_while_it_was_held_is_news_when_it_comes_back(archive: Archive) -> None:
    _save(archive, _finding(), hold="one of many")
    _save(archive, day=1)
    archive.life.release([NUMBER], by="甲", reason="看过", at=at(2), messages=_messages)
    assert _send(archive) == [], "it does not stand"
    _save(archive, _finding(), day=3)
    assert _send(archive) == ["found 5"]


def test_messages_that_wait_are_held_and_those_that_went_out_are_not(archive: Archive) -> None:
    other = _finding(year=2022)
    _save(archive, _finding())
    _send(archive)
    _save(archive, _finding(), other)
    held = archive.life.hold([NUMBER, other.fingerprint], why="many", at=at(1))
    assert [finding.year for finding in held] == [2022]
    assert archive.life.hold([NUMBER, other.fingerprint], why="many", at=at(1)) == []
    assert _send(archive) == []
    archive.life.release([other.fingerprint], by="甲", reason="看过", at=at(2), messages=_messages)
    assert _send(archive) == ["released 5"]


# Rules


def _some(archive: Archive, count: int) -> list[str]:
    found = [_finding(year=2000 + number) for number in range(count)]
    _save(archive, *found)
    return [finding.fingerprint for finding in found]


def test_a_rule_that_was_wrong_twice_is_suspended_and_released(archive: Archive) -> None:
    numbers = _some(archive, 4)
    assert _answer(archive, "wrong", number=numbers[0]).suspended is None
    assert _answer(archive, "wrong", number=numbers[0], reason="另一说").suspended is None, "one finding, one person"
    assert "its findings on 2 reports" in (_answer(archive, "wrong", number=numbers[1]).suspended or "")
    assert list(archive.life.suspended()) == ["withdrawn"]
    assert [row["text"] for row in archive.outbox.each_due(at(9))] == ["withdrawn suspended"]
    assert _answer(archive, "wrong", number=numbers[2], day=2).suspended is None, "it is already"
    archive.life.release_rule("withdrawn", by="乙", reason="已修正", at=at(3))
    assert archive.life.suspended() == {}
    assert _send(archive) == ["found 5"], "what waited because of it, and was not answered"
    with pytest.raises(ArchiveError, match="is not suspended; no rule is"):
        archive.life.release_rule("withdrawn", by="乙", reason="已修正", at=at(3))
    assert _answer(archive, "wrong", number=numbers[3], day=4).suspended is None, "the first since it was released"


def test_one_report_that_was_misread_counts_once(archive: Archive) -> None:
    """Same agency and year, however many of its figures a rule spoke of."""
    one = [_finding(figure=f"disclosure.a.{number}") for number in range(3)]
    other = _finding(figure="disclosure.a.0", year=2022)
    _save(archive, *one, other)
    for finding in one:
        assert _answer(archive, "wrong", number=finding.fingerprint).suspended is None
    record = archive.life.record("withdrawn")
    assert (record.wrong, record.wrong_since_release, record.wrong_last_100) == (3, 1, 1)
    assert _answer(archive, "wrong", number=other.fingerprint).suspended is not None


def test_right_after_wrong_says_what_it_takes_back(archive: Archive) -> None:
    _save(archive, _finding())
    assert not _answer(archive, "right", by="乙").takes_back
    assert not _answer(archive, "wrong").takes_back
    assert not _answer(archive, "right", by="丙").takes_back, "somebody else's word stands"
    assert _answer(archive, "right").takes_back


def test_a_suspended_rule_is_judged_and_shown_and_not_told(archive: Archive) -> None:
    archive.life.suspend("withdrawn", by="乙", reason="不对", at=at(0))
    assert not archive.life.suspend("withdrawn", by="乙", reason="不对", at=at(0))
    assert _save(archive, _finding(), _finding(rule="revised")) == ["found", "found"]
    assert len(archive.findings()) == 2
    assert _send(archive) == ["found 5"]
    assert _save(archive, _finding(rule="revised"), day=1) == ["gone"]
    assert _send(archive) == [], "nobody was told"


def test_more_than_two_in_a_hundred(archive: Archive) -> None:
    numbers = _some(archive, 101)
    for number in numbers[:2]:
        _answer(archive, "wrong", number=number)
    archive.life.release_rule("withdrawn", by="乙", reason="已修正", at=at(2))
    for number in numbers[2:99]:
        _answer(archive, "right", number=number, day=3)
    assert archive.life.record("withdrawn") == RuleRecord(97, 2, 99, 2, 0)
    assert archive.life.suspended() == {}
    why = _answer(archive, "wrong", number=numbers[99], day=4).suspended
    assert why == "its findings on 3 reports were wrong, of the last 100 that were judged"
    archive.life.release_rule("withdrawn", by="乙", reason="已修正", at=at(5))
    assert _answer(archive, "right", number=numbers[100], day=6).suspended is None, "the person knew of all three"
    assert archive.life.record("withdrawn") == RuleRecord(98, 3, 100, 2, 0)


def test_two_who_call_one_finding_wrong_suspend_nothing(archive: Archive) -> None:
    _save(archive, _finding())
    _answer(archive, "wrong")
    assert _answer(archive, "wrong", by="乙").suspended is None
    assert archive.life.record("withdrawn").wrong == 2


# Nothing is lost

_REOPEN = """
import json, sys
from datetime import datetime
from pathlib import Path
from db.archive import Archive
with Archive.open(Path(sys.argv[1])) as archive:
    number = sys.argv[2]
    print(json.dumps([[e.event, e.made_by, e.reason] for e in archive.life.events(number)]))
    print(json.dumps([row["text"] for row in archive.outbox.each_due(datetime.fromisoformat(sys.argv[3]))]))
    print(json.dumps(archive.life.suspended()))
"""


def _seen_by_another(archive: Archive, day: float = 9) -> list[object]:
    words = [sys.executable, "-P", "-c", _REOPEN, str(archive.path), NUMBER, at(day).isoformat()]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT).stdout
    return [json.loads(line) for line in said.splitlines()]


def test_another_process_knows_what_was_said(archive: Archive) -> None:
    _save(archive, _finding())
    _answer(archive, "muted", until=at(5))
    _answer(archive, "checked", by="乙")
    events = [["found", None, None], ["muted", "甲", None], ["checked", "乙", None]]
    assert _seen_by_another(archive, 4) == [events, [], {}]
    assert _seen_by_another(archive, 6) == [events, ["found 5"] * 2, {}]
    archive._connection.execute("DELETE FROM findings")  # derived data may be thrown away
    _save(archive, _finding(), day=2)
    assert _seen_by_another(archive, 4) == [events, [], {}]


# Told at most once a claim, whatever happens

_JUDGED = st.tuples(st.just("judge"), st.sampled_from([5, 5, 6, None]), *[st.sampled_from([True, True, False])] * 2)
_SAID = st.sampled_from(["right", "wrong", "wrong", "muted", "muted", "unmuted", "checked", "asked"])
_ANSWERED = st.tuples(st.just("answer"), _SAID, st.sampled_from("甲乙"), st.booleans())
_SENT = st.sampled_from([("send",), ("send",), ("fail",)])
_DONE = st.sampled_from([("hold",), ("release",), ("suspend",), ("release_rule",), ("forget",)])
_STEPS = st.lists(st.one_of(_JUDGED, _JUDGED, _ANSWERED, _ANSWERED, _SENT, _SENT, _DONE), min_size=6, max_size=16)


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("lives") / "a.db") as opened:
        yield opened


class _Subscriber:
    """What one of those who are told has heard: the claims that it takes to stand. was_tried: it may have heard one
    that the channel says it did not take."""

    def __init__(self) -> None:
        self.stands: list[int] = []
        self.was_tried = False

    def hear(self, event: str, claim: int) -> None:
        if base(event) in TELLS:
            assert claim not in self.stands, "told twice"
            self.stands.append(claim)
        elif base(event) in TAKES_BACK:
            assert self.stands or self.was_tried, "taken back, and was not told"
            self.stands.clear()
            self.was_tried = False


def _play(archive: Archive, steps: list[tuple], number: str, year: int) -> None:
    subscribers = {who: _Subscriber() for who in "ab"}
    said: list[tuple[str, str]] = []
    for day, (what, *how) in enumerate(steps):
        life = archive.life
        if what == "judge":
            observed, is_confirmed, is_free = how
            found = [] if observed is None else [
                _finding(observed=observed, year=year, told=is_confirmed, confirmed=is_confirmed)
            ]  # fmt: skip
            archive.save_findings(
                found, judged={("990000:财政局", year)}, rules=RULES, messages=_messages, at=at(day),
                hold=lambda f, why=None if is_free else "many": why,
            )  # fmt: skip
        elif what == "answer":
            event, by, has_end = how
            try:
                done = _answer(archive, event, by=by, day=day, number=number,
                               **({"until": at(day + 2.5)} if event == "muted" and has_end else {}))  # fmt: skip
            except ArchiveError:
                continue
            said += [(event, by)] if done.is_new else []
        elif what in ("send", "fail"):
            _deliver(archive, number, subscribers, day, is_failing=what == "fail")
        elif what == "forget":
            archive.query("DELETE FROM findings WHERE fingerprint = ? RETURNING 1", (number,))
        elif what == "suspend":
            life.suspend("withdrawn", by="乙", reason="试", at=at(day))
        elif what == "release_rule":
            if life.suspended():
                life.release_rule("withdrawn", by="乙", reason="试", at=at(day))
        elif life.rows([number]):
            if what == "hold":
                life.hold([number], why="many", at=at(day))
            else:
                life.release([number], by="乙", reason="试", at=at(day), messages=_messages)
    by_people = [(e.event, e.made_by) for e in archive.life.events(number) if e.event in _BY_PEOPLE]
    assert by_people == said, "what people said is kept, in order"


_BY_PEOPLE = ("right", "wrong", "muted", "unmuted", "checked", "asked")


def _deliver(archive: Archive, number: str, subscribers: dict, day: int, *, is_failing: bool) -> None:
    state, suspended = archive.life.state(number), archive.life.suspended()
    rows = archive.life.rows([number])
    for row in archive.outbox.each_due(at(day)):
        if row["fingerprint"] != number:
            continue
        if base(row["event"]) in TELLS:
            (finding,) = rows  # what was forgotten waits until it is judged again
            stands = _finding(observed=finding["observed"])
            assert not suspended and finding["held_why"] is None and state.held_why is None
            assert finding["told"] and finding["confirmed"]
            assert not state.is_silenced(claim_of(stands), at(day).isoformat())
        subscriber = subscribers[row["subscriber"]]
        if is_failing:
            subscriber.was_tried |= base(row["event"]) in TELLS
            archive.outbox.mark_failed(row["id"], "no line", at(day + 0.1))
        else:
            archive.outbox.mark_sent(row["id"], at(day))
            subscriber.hear(row["event"], int(row["text"].split()[-1]))


_YEARS = iter(range(1, 10**6))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_happens_a_claim_is_told_once_and_answers_are_kept(long_lived: Archive, steps: list[tuple]) -> None:
    year = next(_YEARS)
    _play(long_lived, steps, _finding(year=year).fingerprint, year)
    with long_lived.write() as connection:
        for table in ("rule_events", "finding_events", "outbox", "findings"):
            connection.execute(f"DELETE FROM {table}")
