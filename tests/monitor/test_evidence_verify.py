"""`nianbao verify` as a user calls it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from tests.monitor.evidence_archive import season


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with season(tmp_path):
        pass
    return tmp_path


def _verify(*arguments: str, status: int) -> Result:
    result = CliRunner().invoke(main, ["verify", *arguments])
    assert result.exit_code == status, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


def test_one_flipped_byte_ends_with_status_2_and_a_sentence(here: Path) -> None:
    said = _verify(status=0).stdout
    assert said.count("\n") == 1 and said.endswith("0 manifests, 0 time stamps: 0 faults, 0 notices.\n")
    path = max(here.glob("nianbao.db.documents/*/*.zst"), key=lambda file: file.stat().st_size)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    fault, summary = _verify(status=2).stdout.splitlines()
    assert fault.startswith("fault: ") and path.name in fault and fault.endswith("; restore the file from a copy")
    assert "1 fault, 0 notices" in summary
    (line,) = _verify("--json", status=2).stdout.splitlines()
    found = json.loads(line)
    assert list(found) == ["kind", "severity", "what", "do"]
    assert (found["kind"], found["severity"]) == ("document", "error")


def test_notices_are_no_faults(here: Path) -> None:
    (here / "nianbao.db.documents" / "left.partial").touch()
    said = _verify(status=0).stdout
    assert said.startswith("notice: ") and "0 faults, 1 notice." in said
    shutil.rmtree(here / "nianbao.db.documents")
    assert _verify(status=2).stdout.count("is not there; restore the file from a copy") > 5


def test_wrong_words_are_sentences(here: Path) -> None:
    assert "no.db: there is no archive yet" in _verify("--archive", "no.db", status=2).stderr
    assert _verify("--since", "yesterday", status=2).stdout == ""
    assert "0 documents" in _verify("--since", "2999-01-01", status=0).stdout
