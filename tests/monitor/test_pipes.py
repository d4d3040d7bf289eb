"""`nianbao … | head` ends with status 0 and says nothing; a clean-up that fails hides no error."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.archive import Archive
from db.errors import ArchiveError
from monitor.cli import main
from monitor.commands.answers import write
from monitor.demo import DemoFolderError, prepare
from monitor.evidence.bundle import BundleError, write_bundle
from monitor.evidence.case import Case
from monitor.exports import ExportError, whole_file


def _without_reader(*words: str) -> tuple[int, str]:
    """Status and standard error of a command whose reader goes away before it writes."""
    read, written = os.pipe()
    os.close(read)
    try:
        code = "from monitor.cli import entry; entry()"
        command = [sys.executable, "-P", "-c", code, *words]
        done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(written)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipes") / "nianbao.db"
    Archive.open(path).close()
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["query"],
        ["sql", "SELECT 1"],
        ["sql", "SELECT 1", "--format", "csv"],
        ["sql", "SELECT 1", "--format", "json"],
        ["query", "visits"],
        ["search", "公开"],
        ["schema"],
        ["findings"],
    ],
)
def test_a_reader_that_has_seen_enough_is_no_failure(words: list[str], archive: Path) -> None:
    more = ["--archive", str(archive)] if words[0] in ("sql", "search", "schema", "findings") or len(words) > 1 else []
    status, said = _without_reader(*words, *more)
    assert status == 0 and "Traceback" not in said and "Broken" not in said, said


def test_what_cannot_be_done_is_none_the_less_said(archive: Path) -> None:
    status, said = _without_reader("sql", "SELEC", "--archive", str(archive))
    assert status == 2 and said.startswith("nianbao: ") and "Traceback" not in said


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that takes neither a new file nor the order to delete one, as a read-only one does."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr(Path, "mkdir", refused)
    monkeypatch.setattr("zipfile.ZipFile.__init__", refused)


def test_on_a_read_only_file_system_the_first_error_is_told(
    archive: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    opened = Archive.open(archive)
    request.addfinalizer(opened.close)
    request.getfixturevalue("read_only")
    with pytest.raises(BundleError, match=r"a\.zip: cannot be written \(Read-only file system\)"):
        write_bundle(opened, Case("a", "示例市财政局", 2023, None, [], []), tmp_path / "a.zip")
    with pytest.raises(ArchiveError, match=r"a\.csv: cannot be written \(Read-only file system\)"):
        write(["a"], [(1,)], "csv", tmp_path / "a.csv")
    with pytest.raises(ExportError, match=r"a\.warc: cannot be written \(Read-only"), whole_file(tmp_path / "a.warc"):
        pass
    with pytest.raises(DemoFolderError, match=r"demo: cannot be written \(Read-only"):
        prepare(tmp_path / "demo")


def test_commands_say_it_in_one_sentence(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def refused(path: Path, mode: str = "r", *more: object, **how: object) -> object:
        if path.parent == tmp_path and "w" in mode:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(path, mode, *more, **how)  # type: ignore[call-overload]

    def kept(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "unlink", kept)
    for words in (
        ["sql", "SELECT 1", "--out", str(tmp_path / "a.csv")],
        ["export", "--warc", str(tmp_path / "a.warc")],
    ):
        done = CliRunner().invoke(main, [*words, "--archive", str(archive)])
        assert done.exit_code == 2, done.exception
        assert done.stderr.startswith("nianbao: ") and "cannot be written (Read-only file system)" in done.stderr
        assert done.stderr.count("\n") == 1
