"""What killed work has left; each function fails if it is not consistent."""

from contextlib import closing
from pathlib import Path

from archive_samples import make_report
from disasters import LISTS

from db.archive import Archive
from db.keeping import backup, snapshot, verify
from db.readings.latest import choose
from db.schema.migrations import VERSION


def whole(path: Path) -> None:
    """The database, its references, its documents; no half report."""
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA integrity_check") == [("ok",)], path
        assert [f for f in verify.database_faults(archive, deep=True) if f.is_damage] == []
        for batch in verify.batches(archive):
            assert verify.check_batch(batch).faults == [], path
        halves = archive.query(
            "SELECT id FROM reports r WHERE id NOT IN (SELECT report_id FROM wide)"
            " OR id NOT IN (SELECT report_id FROM readings WHERE report_id IS NOT NULL)"
            " OR NOT EXISTS (SELECT 1 FROM places p WHERE p.report_id = r.id)"
            " OR NOT EXISTS (SELECT 1 FROM sections p WHERE p.report_id = r.id)"
        )
        assert halves == [], path
        for report in archive.reports():
            assert report.report.figures == make_report(values={"applications.new.total": int(report.url)}).figures, (
                report.url
            )
        # Of each agency and year exactly one report is the one to trust, and it is the right one.
        before = archive.query("SELECT report_id FROM wide WHERE is_latest = 1 ORDER BY report_id")
        with archive.write() as connection:
            for key, year in archive.query("SELECT DISTINCT agency_key, year FROM reports"):
                choose(connection, key, year)
        assert archive.query("SELECT report_id FROM wide WHERE is_latest = 1 ORDER BY report_id") == before


def storing(folder: Path) -> None:
    whole(folder / "a.db")


def judging(folder: Path) -> None:
    whole(folder / "a.db")
    with Archive.open(folder / "a.db") as archive:
        wrong = archive.query(
            "SELECT f.fingerprint, f.is_open, e.event FROM findings f LEFT JOIN finding_events e ON e.id ="
            " (SELECT max(id) FROM finding_events x WHERE x.fingerprint = f.fingerprint)"
            " WHERE e.event IS NOT CASE f.is_open WHEN 1 THEN 'found' ELSE 'gone' END"
        )
        assert wrong == [], "each finding is as its last event says"
        untold = archive.query(
            "SELECT f.fingerprint, f.is_open, o.event FROM findings f LEFT JOIN outbox o ON o.id ="
            " (SELECT max(id) FROM outbox x WHERE x.fingerprint = f.fingerprint)"
            " WHERE o.event IS NULL OR o.event NOT GLOB CASE f.is_open WHEN 1 THEN 'found*' ELSE 'gone*' END"
        )
        assert untold == [], "what happened last has its message"


def backing_up(folder: Path) -> None:
    whole(folder / "a.db")
    kept = [b for b in backup.listed(folder / "kept") if b.is_there]
    assert kept, "there is always a backup"
    for one in kept:
        plain = folder / "plain.db"
        digests = snapshot.unpack(one.path, plain)
        assert digests.packed == one.sha256
        assert snapshot.check(plain, one.counts) == []
    sums = {backup._sum_of(path) for path in (folder / "kept").glob("*.zst")}
    assert all(path.exists() for path in sums), "no backup without its sum"


def restoring(folder: Path) -> None:
    whole(folder / "a.db")
    aside = list(folder.glob("a.db.replaced-*"))
    assert aside and not [path for path in aside if path.name.endswith(("-wal", "-shm"))]
    for path in aside:
        with closing(snapshot.opened(path)) as connection:
            assert connection.execute("SELECT count(*) FROM reports").fetchone() == (1,)
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


def giving_up(folder: Path) -> None:
    whole(folder / "a.db")  # among it: every document that was not given up has its bytes
    with Archive.open(folder / "a.db") as archive:
        ((given_up, kept),) = archive.query("SELECT total(dropped_at IS NOT NULL), count(*) FROM documents")
        assert given_up > 0 and kept == 2 * LISTS + 1
        assert {f.kind for f in verify.folder_faults(archive)} <= {"left", "partial"}


def migrating(folder: Path) -> None:
    made = list(folder.glob("m*/a.db"))
    assert made
    for path in made:
        with Archive.open(path) as archive:
            assert archive.query("PRAGMA user_version") == [(VERSION,)]
            assert archive.query("PRAGMA integrity_check") == [("ok",)]
            assert archive.query("PRAGMA foreign_key_check") == []
            assert archive.query("SELECT count(*) FROM sightings") == [(2,)]
        backups = [b for b in backup.listed(path.with_name("a.db.backups")) if b.is_there]
        assert backups and {(b.schema, b.is_before_migration) for b in backups} == {(1, True)}


def look(kind: str, folder: Path) -> None:
    """To be called in a process that has not done the work."""
    globals()[kind](folder)
