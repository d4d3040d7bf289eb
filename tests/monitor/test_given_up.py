"""A list page that was given up by the rules of retention is said to be, wherever its bytes would be shown."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator

from monitor.cli import main
from tests.monitor.evidence_archive import READ_DAYS, season

SAID = "was given up by the rules of retention on 2025-01-01 (list page older than 90 days)"


@dataclass(slots=True)
class GivenUp:
    path: Path
    finding: str
    sha256: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GivenUp]:
    """A played season of which one list page is given up, as db.keeping.retention does it."""
    with season(tmp_path_factory.mktemp("season")) as played:
        archive = played.archive
        archive.manifests.make(READ_DAYS[0].date(), READ_DAYS[1])
        ((sha256,),) = archive.query(
            "SELECT v.sha256 FROM findings f JOIN json_each(f.places) n"
            " JOIN column_reads c ON c.column_url = json_extract(n.value, '$.place.column')"
            " JOIN column_read_pages p ON p.read_id = c.id JOIN visits v ON v.id = p.visit_id"
            " WHERE f.fingerprint = ? AND v.sha256 IS NOT NULL AND v.status = 200 ORDER BY c.at, p.position LIMIT 1",
            (played.missing,),
        )
        with archive.write() as connection:
            connection.execute(
                "UPDATE documents SET dropped_at = '2025-01-01T00:00:00+00:00', dropped_why ="
                " 'list page older than 90 days' WHERE sha256 = ?",
                (sha256,),
            )
        archive.documents.path(sha256).unlink()
        yield GivenUp(played.path, played.missing, sha256)


def _nianbao(made: GivenUp, *words: str) -> Result:
    result = CliRunner().invoke(main, [*words, "--archive", str(made.path)])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def test_verify_and_the_doctor(made: GivenUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = _nianbao(made, "verify").stdout
    assert "notice:" in said and "1 document was given up by the rules of retention on 2025-01-01" in said
    assert "0 faults, 1 notice." in said
    assert "1 document was given up by the rules of retention" in _nianbao(made, "doctor", "--deep").stdout


def test_a_web_archive(made: GivenUp, tmp_path: Path) -> None:
    file = tmp_path / "a.warc.gz"
    done = _nianbao(made, "export", "--warc", str(file))
    assert "Of 1 list page only the visit is in it" in done.stdout and done.stderr == ""
    with file.open("rb") as stream:
        metadata = [r.content_stream().read().decode() for r in ArchiveIterator(stream) if r.rec_type == "metadata"]
    (told,) = (text for text in metadata if "given up" in text)
    assert f"document: {SAID}" in told and made.sha256 in told
    assert not any(str(made.path.parent) in text for text in metadata)


def test_a_bundle_of_evidence(made: GivenUp, tmp_path: Path) -> None:
    file = tmp_path / "e.zip"
    _nianbao(made, "evidence", made.finding, "--out", str(file))
    with zipfile.ZipFile(file) as bundle:
        page, data = bundle.read("index.html").decode(), json.loads(bundle.read("data.json"))
        assert "were given up by the rules of retention on 2025-01-01" in page
        assert "已按保存规则于2025-01-01清除" in page
        assert {d["sha256"]: d["given_up"] for d in data["documents"]}[made.sha256] == "2025-01-01"
        assert not [name for name in bundle.namelist() if name.startswith(f"documents/{made.sha256[:12]}")]
