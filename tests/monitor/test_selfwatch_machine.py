"""A look after ourselves where the machine itself was wrong: its clock, its folders."""

from datetime import timedelta
from pathlib import Path

from db.records import Message
from tests.monitor.watched_place import LIUXI, NOON, SETTINGS, place


def test_a_clock_that_was_wrong_silences_nobody(tmp_path: Path) -> None:
    """It was a year ahead while Telegram could not be reached; now it is right."""
    wrong = NOON + timedelta(days=365)
    with place(tmp_path, LIUXI) as there:
        archive = there.archive
        archive.outbox.put([Message("1", "telegram", name, "told", "t") for name in "xy"], NOON)
        first, second = archive.outbox.due(NOON)
        archive.outbox.mark_failed(first, "a test", wrong)
        archive.outbox.mark_failed(second, "a test", NOON + timedelta(days=1))
        for chat in (None, "1"):
            archive.subscribers.pause("telegram", chat, wrong, "a test")
        assert not archive.outbox.due(NOON)
        there.after()
        assert list(archive.outbox.due(NOON)) == [first]
        archive.subscribers.pause("telegram", None, NOON + timedelta(days=1), "who asks us to wait is heard")
        there.after()
        assert not archive.outbox.due(NOON)


def test_folders_that_cannot_be_looked_into(tmp_path: Path) -> None:
    """A disk that fails, or belongs to others: the look after ourselves goes on without it."""
    settings = SETTINGS.replace('backup = ""\n', "") + f'[backup]\nfolder = "{"x" * 300}"\n'
    with place(tmp_path, LIUXI, settings=settings) as there:
        there.until(NOON + timedelta(days=4), looks={LIUXI: "ok"})
        assert ("backup-failed", "") in there.kinds()
