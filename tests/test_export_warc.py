"""The archive as WARC: what the tools of web archives read, digests right, nothing written that was not seen."""

import gzip
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio_main

from db.archive import Archive
from db.records import Visit
from monitor.cli import main
from tests.monitor.evidence_archive import ADDED, CARRIED, READ_DAYS, Season, season


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    with season(tmp_path_factory.mktemp("season")) as played:
        yield played


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _export(made: Season, *more: str, file: str = "a.warc.gz", status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["export", "--warc", file, "--archive", str(made.path), *more])
    assert result.exit_code == status, (result.output, result.exception)
    return result


def _records(file: str = "a.warc.gz") -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    """Type, WARC headers, HTTP headers and content of each record, in lower case."""
    found = []
    with Path(file).open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            http = {n.lower(): v for n, v in record.http_headers.headers} if record.http_headers else {}
            named = {n.lower(): v for n, v in record.rec_headers.headers}
            found.append((record.rec_type, named, http, record.content_stream().read()))
    return found


def test_warcio_finds_every_digest_right(made: Season) -> None:
    said = _export(made).stdout
    visits = made.archive.query("SELECT count(*) FROM visits")[0][0]
    assert f"a.warc.gz: {visits} visits" in said
    with pytest.raises(SystemExit) as ended:
        warcio_main(["check", "a.warc.gz"])
    assert ended.value.code == 0
    kinds = Counter(kind for kind, *_ in _records())
    assert kinds["metadata"] == visits and kinds["warcinfo"] == 1 and kinds["resource"] == 1
    assert kinds["request"] == visits - 1


def test_a_response_is_what_is_kept(made: Season) -> None:
    _export(made)
    responses = [r for r in _records() if r[0] == "response"]
    for _, named, http, body in responses:
        assert named["warc-payload-digest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
        assert made.archive.get_document(hashlib.sha256(body).hexdigest()) == body
        assert "content-encoding" not in http
        if "x-archive-orig-content-encoding" in http:
            assert http["x-archive-orig-content-encoding"] == "gzip"
            assert (http["x-archive-orig-content-length"], http["content-length"]) == ("77", str(len(body)))
    moved = next(r for r in responses if r[1]["warc-target-uri"].endswith("?moved"))
    assert moved[1]["warc-date"].startswith("2024-01-30T02:2") and moved[1]["warc-ip-address"] == "127.0.0.1"
    assert moved[2]["server"] == "%E5%90%8D%E7%A7%B0/1"


def test_what_came_unchanged_is_a_revisit_or_said_in_words(made: Season) -> None:
    _export(made)
    records = _records()
    dates = {(r[1]["warc-target-uri"], r[1]["warc-date"]) for r in records if r[0] == "response"}
    revisits = [r for r in records if r[0] == "revisit"]
    assert {r[1]["warc-profile"].rpartition("/")[2] for r in revisits} == {
        "server-not-modified",
        "identical-payload-digest",
    }
    for _, named, _, body in revisits:
        assert body == b""
        assert (named["warc-refers-to-target-uri"], named["warc-refers-to-date"]) in {
            (url.removesuffix("?moved"), date) for url, date in dates
        }
    same_entries = [r for r in records if r[0] == "metadata" and b"same entries" in r[3]]
    assert len(same_entries) == 6
    for _, named, _, body in same_entries:
        assert b"body-sha256: " + b"ab" * 32 in body
        assert "warc-concurrent-to" not in named, "bytes that were not kept are no record"
    failed = next(r for r in records if r[0] == "metadata" and b"outcome: failed" in r[3])
    assert b"evidence: no answer within 60 s" in failed[3]


def test_what_a_person_added_is_a_resource(made: Season) -> None:
    _export(made)
    (resource,) = [r for r in _records() if r[0] == "resource"]
    assert resource[3] == ADDED
    assert resource[1]["content-type"] == "text/html"


def test_a_part_brings_the_responses_that_it_refers_to(made: Season) -> None:
    _export(made, "--portal", "county_990121", "--since", "2024-02-20")
    records = _records()
    assert {r[1]["warc-target-uri"].split("/")[2] for r in records if r[0] != "warcinfo"} == {
        "county_990121.example.gov.cn"
    }
    referred = {(r[1]["warc-refers-to-date"]) for r in records if r[0] == "revisit"}
    assert referred and referred <= {r[1]["warc-date"] for r in records if r[0] == "response"}
    assert min(r[1]["warc-date"] for r in records) == "2024-01-30T02:00:00.000000Z"
    _export(made, "--year", str(CARRIED.year), file="year.warc.gz")
    urls = {r[1]["warc-target-uri"] for r in _records("year.warc.gz") if r[0] == "response"}
    assert len(urls) == 1 and "/2023/" in urls.pop()


def test_the_same_part_gives_the_same_bytes_packed_or_not(made: Season) -> None:
    _export(made)
    _export(made, file="b.warc.gz")
    assert Path("a.warc.gz").read_bytes() == Path("b.warc.gz").read_bytes()
    _export(made, file="plain.warc")
    assert gzip.decompress(Path("a.warc.gz").read_bytes()) == Path("plain.warc").read_bytes()


def test_a_lost_document_is_named_and_the_rest_is_written(made: Season, here: Path) -> None:
    shutil.copytree(made.path.parent, here / "copy")
    with Archive.open(here / "copy" / "nianbao.db") as archive:
        row = archive.evidence.reports(year=CARRIED.year)[0]
        archive.documents.path(row.sha256).unlink()
    result = CliRunner().invoke(main, ["export", "--warc", "c.warc.gz", "--archive", "copy/nianbao.db"])
    assert result.exit_code == 2
    assert f"{row.sha256}.zst: the document is not there" in result.stderr
    assert len(_records("c.warc.gz")) > 50
    assert not any(r[0] == "response" and r[1]["warc-target-uri"].startswith(row.url) for r in _records("c.warc.gz"))


def test_strange_headers_and_addresses_do_no_harm(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "odd.db") as archive:
        for number, url in enumerate(["https://city.example/年报 1.html?a=b#c", "https://city.example"]):
            at = READ_DAYS[0] + timedelta(seconds=number)
            sha256 = archive.put_document(b"body %d" % number, media=None, seen_at=at)
            headers = {"x-odd": "a\r\nSet-Cookie: b", "名": "值", "content-length": "6"}
            network = {"server": "no address"}
            archive.add_visit(
                Visit("c", url, "detail", at, 799, "ok", response_headers=headers, sha256=sha256, network=network)
            )
    result = CliRunner().invoke(main, ["export", "--warc", "odd.warc.gz", "--archive", "odd.db"])
    assert result.exit_code == 0, result.output
    bodies = [(r[2], r[3]) for r in _records("odd.warc.gz") if r[0] == "response"]
    assert [body for _, body in bodies] == [b"body 0", b"body 1"]
    assert all("set-cookie" not in http for http, _ in bodies)


def test_an_export_that_cannot_be_written_leaves_nothing(made: Season, here: Path) -> None:
    said = _export(made, file="no/such.warc.gz", status=2).stderr
    assert said.startswith("nianbao: no/such.warc.gz: cannot be written")
    assert _export(made, "--portal", "mars", status=2).stderr.startswith(
        "nianbao: --portal mars: the archive has no portal"
    )
    bare = CliRunner().invoke(main, ["export", "--archive", str(made.path)])
    assert bare.exit_code == 2 and bare.stderr.startswith("nianbao: say one thing that is to be written")
    assert list(here.iterdir()) == []
