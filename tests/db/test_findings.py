"""A finding is told once, and what was told is told again when it is gone."""

import dataclasses
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from archive_samples import at

from db.archive import Archive, ArchiveError
from db.records import Finding, Message

RULES = {"applications-balance"}
ROOT = Path(__file__).parents[2]


def _finding(**changes: object) -> Finding:
    finding = Finding(
        "applications-balance",
        "identity",
        "error",
        "certain",
        "printed",
        "990000:财政局",
        "示例市财政局",
        2023,
        "applications.processed.total",
        ["applications.processed.total", "applications.new.total"],
        5,
        4,
        "总计不符。",
        "The total does not match.",
        [{"year": 2023, "sha256": "0" * 64, "figure": "applications.new.total", "place": [1, None, 0, 2, 3]}],
    )
    return dataclasses.replace(finding, **changes)


def _messages(finding: Finding, event: str) -> list[Message]:
    return [Message(who, "telegram", finding.fingerprint, event, f"{event} {finding.observed}") for who in ("a", "b")]


def _save(archive: Archive, *findings: Finding, judged=None, day: float = 0, rules=RULES) -> list[str]:
    saved = archive.save_findings(list(findings), judged=judged, rules=rules, messages=_messages, at=at(day))
    return [f"{event} {finding.figure}" for finding, event in saved]


def _told(archive: Archive, day: float = 99) -> list[tuple]:
    return [(row["subscriber"], row["text"]) for row in archive.outbox.each_due(at(day))]


def test_saving_twice_tells_once(archive: Archive, dump) -> None:
    assert _save(archive, _finding()) == ["found applications.processed.total"]
    before = dump()
    assert _save(archive, _finding(), _finding()) == []
    assert dump() == before
    assert _told(archive) == [("a", "found 5"), ("b", "found 5")]
    (row,) = archive.findings()
    assert (row["observed"], row["expected"], row["is_open"], row["told"]) == (5, 4, True, True)
    assert row["figures"] == _finding().figures
    assert row["places"] == _finding().places


def test_what_is_no_longer_found_is_gone_and_told(archive: Archive, dump) -> None:
    _save(archive, _finding())
    assert _save(archive, day=1) == ["gone applications.processed.total"]
    before = dump()
    assert _save(archive, day=1) == []
    assert dump() == before
    assert archive.findings() == []
    assert [row["gone_at"] for row in archive.findings(open_only=False)] == [at(1).isoformat()]
    assert [text for who, text in _told(archive) if who == "a"] == ["found 5", "gone 5"]


def test_only_what_was_judged_by_these_rules_can_be_gone(archive: Archive) -> None:
    _save(archive, _finding())
    assert _save(archive, judged={("990000:财政局", 2022), ("990000:教育局", 2023)}, day=1) == []
    assert _save(archive, rules={"missing"}, day=1) == []
    assert _save(archive, rules=set(), day=1) == []
    assert _save(archive, judged={("990000:财政局", 2023)}, day=1) == ["gone applications.processed.total"]


def test_what_is_only_shown_is_told_once_it_may_be(archive: Archive) -> None:
    assert _save(archive, _finding(told=False)) == ["found applications.processed.total"]
    assert _told(archive) == []
    assert _save(archive, _finding(), day=1) == ["found applications.processed.total"]
    assert len(_told(archive)) == 2
    assert _save(archive, _finding(), day=2) == []


def test_findings_that_are_judged_anew_are_not_told_again(archive: Archive) -> None:
    _save(archive, _finding())
    archive._connection.execute("DELETE FROM findings")  # derived data may be thrown away
    assert _save(archive, _finding(), day=1) == []
    assert len(archive.findings()) == 1


_RESTORE = """
import sys
from pathlib import Path
from db.archive import Archive
from db.rebuilding.restore import restore
with Archive.open(Path(sys.argv[1])) as archive, archive.write() as connection:
    print(restore(connection))
"""


def _restored(archive: Archive) -> int:
    """Make findings again from their events, in a process that knows nothing else of them."""
    words = [sys.executable, "-P", "-c", _RESTORE, str(archive.path)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT).stdout)


def test_findings_can_be_made_again_from_their_events(archive: Archive) -> None:
    other = _finding(figure=None, agency_id=None, agency="教育局", figures=[], observed=None, told=False)
    _save(archive, _finding(), other)
    _save(archive, _finding(observed=7), other, day=1)  # the same claim with other numbers
    _save(archive, other, day=2)
    _save(archive, _finding(observed=8), other, day=3)  # found once more: first found on the first day all the same
    _save(archive, other, day=4)
    before = archive.query("SELECT * FROM findings ORDER BY fingerprint")
    assert [row["first_found_at"] for row in archive.findings(open_only=False)] == [at().isoformat()] * 2
    assert [row["gone_at"] is None for row in archive.findings(open_only=False)] == [True, False]
    archive._connection.execute("DELETE FROM findings")
    assert (_restored(archive), _restored(archive)) == (2, 0)
    assert archive.query("SELECT * FROM findings ORDER BY fingerprint") == before
    assert _save(archive, other, day=5) == []
    assert archive.query("SELECT * FROM findings ORDER BY fingerprint") == before


def test_every_event_has_the_claim_as_it_was(archive: Archive) -> None:
    _save(archive, _finding())
    _save(archive, day=1)
    claims = [json.loads(claim) for (claim,) in archive.query("SELECT claim FROM finding_events ORDER BY id")]
    assert claims == [dataclasses.asdict(_finding())] * 2


def test_an_event_from_before_there_were_claims_is_left_alone(archive: Archive) -> None:
    _save(archive, _finding())
    _save(archive, day=1)
    archive._connection.execute("UPDATE finding_events SET claim = NULL")
    before = archive.query("SELECT * FROM findings")
    assert _restored(archive) == 0
    assert archive.query("SELECT * FROM findings") == before


def test_what_is_found_as_it_was_is_not_written(archive: Archive) -> None:
    _save(archive, _finding())
    written = archive._connection.total_changes
    _save(archive, _finding(), day=1)
    assert archive._connection.total_changes == written
    _save(archive, _finding(places=[]), day=1)
    assert archive._connection.total_changes == written + 1
    assert archive.findings()[0]["places"] == []


def test_nothing_to_judge_waits_for_nobody(archive: Archive) -> None:
    with Archive.open(archive.path, wait_s=0.1) as other, other.write():
        assert _save(archive, judged={("990000:财政局", 2023)}) == []


def test_many_findings_are_read_some_at_a_time(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [_finding(year=year, figure=figure) for year in (2021, 2022, 2023) for figure in ("b", None, "a")]
    _save(archive, *many)
    whole = archive.findings()
    assert [(row["year"], row["figure"]) for row in whole] == [
        (year, figure) for year in (2023, 2022, 2021) for figure in (None, "a", "b")
    ]
    monkeypatch.setattr("db.findings._BATCH", 2)
    assert list(archive.each_finding()) == whole
    rows = archive.each_finding(2022)
    assert next(rows)["year"] == 2022
    _save(archive, *many[:3], day=1)  # others may write meanwhile
    assert [row["is_open"] for row in rows] == [True, False], "some were read before"


def test_finding_and_message_are_kept_together_or_not_at_all(archive: Archive, dump) -> None:
    before = dump()

    def fails(finding: Finding, event: str) -> list[Message]:
        raise RuntimeError("no sentence")

    with pytest.raises(RuntimeError, match="no sentence"):
        archive.save_findings([_finding()], judged=None, rules=RULES, messages=fails, at=at())
    assert dump() == before


def test_findings_can_be_asked_for(archive: Archive) -> None:
    _save(archive, _finding(), _finding(year=2022), _finding(agency_id=None, agency="教育局"))
    assert [row["year"] for row in archive.findings(2022)] == [2022]
    for name in ("示例市财政局", "990000:财政局"):
        assert [row["year"] for row in archive.findings(agency=name)] == [2023, 2022]
    assert [row["agency"] for row in archive.findings(agency="?:教育局")] == ["教育局"]


def test_fingerprint_is_of_the_claim_not_of_its_numbers() -> None:
    assert _finding(observed=6).fingerprint == _finding().fingerprint
    assert (
        len({_finding(**change).fingerprint for change in ({}, {"year": 2022}, {"figure": None}, {"rule": "x"})}) == 4
    )
    assert len(_finding().fingerprint) == 16


def test_outbox_sends_in_order_and_tries_again(archive: Archive, dump) -> None:
    _save(archive, _finding())
    first, second = list(archive.outbox.each_due(at()))
    archive.outbox.mark_failed(first["id"], "timeout", at(2))
    archive.outbox.mark_failed(first["id"], "timeout", at(2))
    archive.outbox.mark_sent(second["id"], at())
    assert list(archive.outbox.each_due(at(1))) == []
    _save(archive, day=1)
    assert _told(archive, 1) == [("b", "gone 5")]  # "a" has not yet heard that it was found
    assert _told(archive, 2) == [("a", "found 5"), ("a", "gone 5"), ("b", "gone 5")]
    (again, *_) = archive.outbox.each_due(at(2) + timedelta(seconds=1))
    assert (again["attempts"], again["error"], again["state"]) == (1, "timeout", "pending")
    archive.outbox.mark_sent(again["id"], at(2))
    before = dump()
    archive.outbox.mark_sent(again["id"], at(3))
    assert dump() == before
    assert _told(archive) == [("a", "gone 5"), ("b", "gone 5")]
    with pytest.raises(ArchiveError, match="message 99"):
        archive.outbox.mark_sent(99, at())
