"""An archive that may only be read is readable by every reading command; whatever would write says so in a sentence.

The commands run in a process of their own, where root has lost the right to set permissions aside.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.archive import Archive
from tests.monitor.evidence_archive import CARRIED, READ_DAYS, season

ROOT = Path(__file__).parents[2]
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2

CHILD = """
import json, sys
from click.testing import CliRunner
from monitor.cli import main
if __name__ == "__main__":
    results = [CliRunner().invoke(main, command) for command in json.loads(sys.argv[1])]
    print(json.dumps([(r.exit_code, r.stdout, r.stderr, repr(r.exception)) for r in results]))
"""


def _obey_permissions() -> None:
    """In the child, before it becomes a Python: what it starts as root may only do what the permissions say."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def _obeys_permissions() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        script = f"import os; print(os.access({folder!r}, os.W_OK))"
        command = [sys.executable, "-c", script]
        said = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, preexec_fn=_obey_permissions).stdout
        return said.strip() == b"False"


pytestmark = pytest.mark.skipif(
    os.geteuid() == 0 and not (sys.platform == "linux" and _obeys_permissions()), reason="root may write anywhere"
)


@dataclass(slots=True)
class Protected:
    folder: Path
    path: Path
    carry_over: str


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("season")
    with season(folder) as made:
        fingerprint = made.carry_over
        made.archive.manifests.make(READ_DAYS[0].date(), READ_DAYS[1])
    yield folder, fingerprint


@pytest.fixture
def protected(whole: tuple[Path, str]) -> Iterator[Protected]:
    """A copy that will be protected, and a place to write beside it."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(whole[0], folder / "kept")
    try:
        yield Protected(folder, folder / "kept" / "nianbao.db", whole[1])
    finally:
        _protect(folder, 0o755)
        shutil.rmtree(folder)


def _protect(folder: Path, mode: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(mode if path.is_dir() else mode & 0o666)


def _run(protected: Protected, *commands: list[str]) -> list[tuple[int, str, str, str]]:
    """Protect the archive, and run the commands without the right to write it."""
    _protect(protected.folder, 0o555)
    out = protected.folder / "out"
    protected.folder.chmod(0o755)
    out.mkdir(exist_ok=True)
    out.chmod(0o777)
    whole = [[*command, "--archive", str(protected.path)] for command in commands]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(whole)],
        capture_output=True, text=True, timeout=120, cwd=out, env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=_obey_permissions,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    results = json.loads(child.stdout.splitlines()[-1])
    for status, stdout, stderr, error in results:
        assert "Traceback" not in stdout + stderr and (error == "None" or "SystemExit" in error), error
        assert status in (0, 1, 2)
    return [tuple(result) for result in results]


def test_every_reading_command_works(protected: Protected) -> None:
    said = _run(
        protected,
        ["verify"],
        ["findings", "--json"],
        ["missing", "2023"],
        ["check"],
        ["diff", CARRIED.agency, str(CARRIED.year)],
        ["evidence", protected.carry_over, "--out", "e.zip"],
        ["export", "--warc", "a.warc.gz"],
        ["manifest"],
        ["manifest", READ_DAYS[0].date().isoformat(), "--print"],
    )
    for status, stdout, stderr, _ in said[:-2]:
        assert (status in (0, 1), stderr) == (True, ""), (stdout, stderr)
    verified, findings = said[0][1], said[1][1]
    assert "1 manifest, 0 time stamps: 0 faults, 0 notices." in verified
    assert protected.carry_over in findings
    assert (protected.folder / "out" / "e.zip").stat().st_size > 1000
    (status, listed, told, _), (_, printed, _, _) = said[-2:]
    assert status == 0 and listed.startswith("2024-01-30  ") and listed.count("\n") == 1
    assert "may only be read here; without a manifest: 3 days, from 2024-02-05 on" in told
    assert printed.startswith("nianbao manifest 1\n")
    assert sorted(path.name for path in protected.path.parent.iterdir()) == [
        "config.toml", "nianbao.db", "nianbao.db.documents",
    ]  # fmt: skip


def test_what_would_write_says_so(protected: Protected) -> None:
    report = protected.folder / "r.html"
    report.write_text("<html>x</html>", "utf-8")
    added, stamped, made = _run(
        protected, ["add", str(report)], ["manifest", "--stamp"], ["manifest", READ_DAYS[1].date().isoformat()]
    )
    assert added[0] == 2 and "cannot be written" in added[2] and added[2].count("\n") == 1
    assert stamped[0] == 2
    assert made[0] == 2 and "has no manifest of 2024-02-05, and may only be read here" in made[2]


def test_what_another_process_has_just_written_is_read(protected: Protected) -> None:
    """The newest rows are in the journal, which the reader may not write either."""
    with Archive.open(protected.path) as writer:
        with writer.write() as connection:
            connection.execute(
                "UPDATE findings SET sentence_en = 'the newest' WHERE fingerprint = ?", (protected.carry_over,)
            )
        assert protected.path.with_name("nianbao.db-wal").stat().st_size > 0
        ((_, said, stderr, _),) = _run(protected, ["findings", "--json"])
        assert "the newest" in said and stderr == ""
