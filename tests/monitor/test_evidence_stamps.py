"""Time stamps from a service on loopback: kept, checked, and refused where they are not what they should be."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive
from db.records import Visit
from monitor.cli import main
from monitor.evidence.stamps import StampError, check_stamp, request_stamp
from tests.monitor.loopback_tsa import LoopbackTsa, openssl

DATA = b"nianbao manifest 1\n"
DAYS = [datetime(2024, 2, day, 2, tzinfo=UTC) for day in (19, 20)]


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackTsa]:
    with LoopbackTsa(tmp_path_factory.mktemp("tsa")) as service:
        yield service


@pytest.fixture(autouse=True)
def honest(tsa: LoopbackTsa) -> Iterator[None]:
    yield
    tsa.status, tsa.spoil = 200, lambda answer: answer


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment with two days of visits."""
    monkeypatch.chdir(tmp_path)
    with Archive.open(tmp_path / "nianbao.db") as archive:
        for at in DAYS:
            sha256 = archive.put_document(at.isoformat().encode(), media=None, seen_at=at)
            archive.add_visit(Visit("city", "https://city.example/", "list", at, 200, "ok", sha256=sha256))
    return tmp_path


def _run(*arguments: str, status: int) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result


def test_a_stamp_is_for_these_bytes_and_this_request(tsa: LoopbackTsa) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    token, at = request_stamp(DATA, tsa.url, tsa.ca)
    assert before <= at <= datetime.now(UTC) + timedelta(seconds=2)
    assert check_stamp(token, DATA) == check_stamp(token, DATA, tsa.ca) == at
    assert DATA not in tsa.asked[-1], "only a hash is sent"
    with pytest.raises(StampError, match="is for other bytes"):
        check_stamp(token, DATA + b"x")


def test_a_stamp_of_others_or_a_damaged_one_is_refused(tsa: LoopbackTsa, tmp_path: Path) -> None:
    token, _ = request_stamp(DATA, tsa.url)
    stranger = LoopbackTsa(tmp_path)
    with pytest.raises(StampError, match=r"signature does not hold by .*ca\.pem"):
        check_stamp(token, DATA, stranger.ca)
    with pytest.raises(StampError, match="is no time stamp"):
        check_stamp(token[:99], DATA)
    signed = bytearray(token)
    signed[-1] ^= 1  # the end of the signature
    with pytest.raises(StampError, match="signature does not hold"):
        check_stamp(bytes(signed), DATA, tsa.ca)
    with pytest.raises(StampError, match="is no file of certificates"):
        check_stamp(token, DATA, tsa.folder / "serial")


def test_an_answer_to_another_request_is_refused(tsa: LoopbackTsa) -> None:
    old, _ = request_stamp(DATA, tsa.url)
    tsa.spoil = lambda answer: old
    with pytest.raises(StampError, match=r"^127\.0\.0\.1:\d+: the time stamp answers another request"):
        request_stamp(DATA, tsa.url)


@pytest.mark.parametrize(
    ("status", "spoil", "said"),
    [
        (503, lambda answer: answer, "answered with status 503"),
        (200, lambda answer: b"<html>sign in</html>", "is no time stamp"),
        (200, lambda answer: b"x" * (1 << 21), "too large for a time stamp"),
        # A PKIStatus of 2 (rejection), without a token.
        (200, lambda answer: bytes.fromhex("3005300302010200"[:14]), "refused to stamp"),
    ],
)
def test_a_service_that_fails_is_one_sentence(tsa: LoopbackTsa, status: int, spoil, said: str) -> None:
    tsa.status, tsa.spoil = status, spoil
    with pytest.raises(StampError, match=said) as raised:
        request_stamp(DATA, tsa.url)
    assert "\n" not in str(raised.value)


def test_a_service_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(StampError, match=r"127\.0\.0\.1:1: the time stamp service cannot be reached"):
        request_stamp(DATA, "http://127.0.0.1:1/")


def test_manifests_are_stamped_checked_and_accepted_by_openssl(tsa: LoopbackTsa, here: Path) -> None:
    (here / "config.toml").write_text(f'[evidence]\ntimestamp_url = "{tsa.url}"\ntimestamp_ca = "{tsa.ca}"\n')
    lines = [json.loads(line) for line in _run("manifest", "--stamp", "--json", status=0).stdout.splitlines()]
    assert [(line["day"], line["entries"], line["service"]) for line in lines] == [
        ("2024-02-19", 1, tsa.url),
        ("2024-02-20", 1, tsa.url),
    ]
    asked = len(tsa.asked)
    _run("manifest", "--stamp", status=0)
    assert len(tsa.asked) == asked, "what is stamped is not stamped again"
    assert "2 time stamps: 0 faults" in _run("verify", status=0).stdout
    _run("evidence", "https://city.example/", status=2)  # a list is no report
    with Archive.open(here / "nianbao.db") as archive:
        manifest = archive.manifests.listed()[0]
        assert manifest.token is not None
        (here / "m.tsr").write_bytes(manifest.token)
        (here / "m.txt").write_bytes(archive.get_document(manifest.sha256))
    said = openssl("ts", "-verify", "-in", "m.tsr", "-data", "m.txt", "-CAfile", str(tsa.ca))
    assert b"Verification: OK" in said


def test_a_service_that_fails_leaves_the_manifest_unstamped(tsa: LoopbackTsa, here: Path) -> None:
    (here / "config.toml").write_text(f'[evidence]\ntimestamp_url = "{tsa.url}"\n')
    tsa.status = 500
    result = _run("manifest", "2024-02-19", "--stamp", status=2)
    assert "nianbao: the manifest of 2024-02-19: 127.0.0.1" in result.stderr
    assert "answered with status 500" in result.stderr
    tsa.status = 200
    assert "stamped" in _run("manifest", "2024-02-19", "--stamp", status=0).stdout
    assert "stamped" in _run("manifest", "--stamp", status=0).stdout


def test_a_changed_manifest_no_longer_has_its_stamp(tsa: LoopbackTsa, here: Path) -> None:
    (here / "config.toml").write_text(f'[evidence]\ntimestamp_url = "{tsa.url}"\ntimestamp_ca = "{tsa.ca}"\n')
    _run("manifest", "--stamp", status=0)
    with Archive.open(here / "nianbao.db") as archive:
        tokens = [manifest.token or b"" for manifest in archive.manifests.listed()]
        archive.manifests.add_stamp(DAYS[0].date(), tokens[1], tsa.url, DAYS[1])
    result = _run("verify", status=2)
    assert "the manifest of 2024-02-19: the time stamp is for other bytes" in result.stdout


def test_settings_and_days_that_do_not_fit_are_sentences(here: Path) -> None:
    assert "evidence.timestamp_url is empty" in _run("manifest", "--stamp", status=2).stderr
    assert "--print needs a DAY" in _run("manifest", "--print", status=2).stderr
    (here / "config.toml").write_text('[evidence]\ntimestamp_url = "tsa"\ntimestamp_ca = "no.pem"\n')
    assert "evidence.timestamp_url: must be the web address" in _run("manifest", status=2).stderr
    (here / "config.toml").write_text('[evidence]\ntimestamp_ca = "no.pem"\n')
    assert "evidence.timestamp_ca: there is no file" in _run("manifest", status=2).stderr


def test_the_text_is_printed_as_it_is_kept(here: Path) -> None:
    _run("manifest", status=0)
    printed = _run("manifest", "2024-02-20", "--print", status=0).stdout
    with Archive.open(here / "nianbao.db") as archive:
        manifest = archive.manifests.listed()[1]
        assert printed.encode() == archive.get_document(manifest.sha256)
    assert _run("manifest", "2024-02-20", status=0).stdout.startswith(f"2024-02-20  {manifest.sha256}")
    assert _run("manifest", status=0).stdout == "No day is over that has visits and no manifest.\n"
    assert "is not over in Beijing" in _run("manifest", "2999-01-01", status=2).stderr
