"""What people said of findings survives a rebuild, and stops what it stopped before."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from monitor.telling.teller import Teller
from tests.db import rebuild_archive
from tests.db.rebuild_archive import LATER, dump

AFTER = LATER + timedelta(days=1)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the rebuild's tests, with findings that are answered, held, released, and of a suspended rule."""
    path = rebuild_archive.make(tmp_path_factory.mktemp("made"))
    config = rebuild_archive.settings(path.parent)
    with Archive.open(path) as archive:
        standing = [row["fingerprint"] for row in archive.findings() if row["told"]]
        gone = [row["fingerprint"] for row in archive.findings(open_only=False) if not row["is_open"]]
        assert len(standing) >= 4 and gone
        life, messages = archive.life, Teller(archive, config, AFTER).messages

        def answer(number: str, event: str, **more: object) -> None:
            life.answer(
                number, event, by="甲", at=AFTER, messages=messages, **more,  # type: ignore[arg-type]
            )  # fmt: skip

        answer(standing[0], "wrong", reason="看过原件")
        answer(standing[1], "muted", until=AFTER + timedelta(days=9))
        answer(standing[1], "checked")
        reply = archive.put_document("答复".encode(), media="text/plain", seen_at=AFTER)
        answer(gone[0], "answered", sha256=reply)
        with archive.write() as connection:  # as if nothing had been sent yet
            connection.execute("DELETE FROM outbox WHERE fingerprint IN (?, ?)", standing[2:4])
        assert len(life.hold(standing[2:4], why="many", at=AFTER)) == 2
        life.release(standing[3:4], by="甲", reason="看过", at=AFTER, messages=messages)
        life.suspend(archive.findings()[0]["rule"], by="甲", reason="不对", at=AFTER)
    return path


@pytest.mark.parametrize("damage", ["nothing", "findings"])
def test_what_people_said_survives_a_rebuild(answered: Path, damage: str) -> None:
    before = dump(answered)
    with Archive.open(answered) as archive:
        due = list(archive.outbox.each_due(AFTER))
        states = {row["fingerprint"]: archive.life.state(row["fingerprint"]) for row in archive.findings()}
    if damage == "findings":
        connection = sqlite3.connect(answered, isolation_level=None)
        connection.execute("DELETE FROM findings")
        connection.close()
    merged = rebuild_archive.rebuilt(answered).merged
    assert (merged.events, merged.messages, merged.has_findings) == (0, 0, True), "nothing happens a second time"
    after = dump(answered)
    assert {table for table in before if before[table] != after[table]} == set()
    with Archive.open(answered) as archive:
        assert list(archive.outbox.each_due(AFTER)) == due
        assert {number: archive.life.state(number) for number in states} == states
        assert [row["held_why"] for row in archive.life.held()] == ["many"]
