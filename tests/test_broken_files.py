"""Files that are no good: each gives one clear sentence, nothing is lost, and the good file beside it is read."""

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from db.archive import Archive
from monitor.cli import main
from parsers.errors import UnreadableDocument
from parsers.read import read_report
from tests.monitor.judged import quiet_sample

SAMPLE = quiet_sample()
WHOLE = {"html": html.write(SAMPLE), "pdf": pdf.write(SAMPLE), "docx": docx.write(SAMPLE), "xlsx": xlsx.write(SAMPLE)}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CUTS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def _encrypted_pdf() -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 720, "2023")
    canvas.save()
    return buffer.getvalue()


def _scanned_pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.save()
    return buffer.getvalue()


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _damaged(data: bytes) -> bytes:
    """A docx whose directory is whole and whose text is not."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("word/document.xml")
    middle = info.header_offset + 100
    return data[:middle] + bytes(200) + data[middle + 200 :]


def _without_tables() -> bytes:
    """The report's title and sections, the tables taken out."""
    return re.sub(rb"<table.*?</table>", b"", WHOLE["html"], flags=re.S | re.I)


# name -> (bytes, kind, what the sentence must say)
BROKEN: dict[str, tuple[bytes, str, str]] = {
    "empty.html": (b"", "empty", "is empty"),
    "blank.html": (b" \r\n\t\n", "empty", "is empty"),
    "blank-wide.txt": ("\ufeff\u3000\u3000\n\xa0\n".encode(), "empty", "white space"),
    "zeros.pdf": (bytes(5000), "empty", "empty"),
    "header.pdf": (b"%PDF-1.7\n", "truncated", "cut short or damaged"),
    "encrypted.pdf": (_encrypted_pdf(), "encrypted", "asks for a password"),
    "scan.pdf": (_scanned_pdf(), "image-only", "a scan"),
    "encrypted.docx": (OLE + "EncryptedPackage\0".encode("utf-16-le") + bytes(400), "encrypted", "asks for a password"),
    "binary.doc": (OLE + "WordDocument\0".encode("utf-16-le") + bytes(400), "unsupported", "save it as docx"),
    "binary.xls": (OLE + "Workbook\0".encode("utf-16-le") + bytes(400), "unsupported", "save it as xlsx"),
    "unknown.ole": (OLE, "unsupported", "OLE container"),
    "damaged.docx": (_damaged(WHOLE["docx"]), "truncated", "damaged or cut off"),
    "no-xml.docx": (_zipped({"word/document.xml": b"<w:document"}), "truncated", ""),
    "other.zip": (_zipped({"a.html": WHOLE["html"]}), "unsupported", "zip archive of 1 files: unpack it"),
    "bomb.docx": (_zipped({"word/document.xml": bytes(30_000_000)}), "too-large", "zip bomb"),
    "bomb.xlsx": (_zipped({"xl/workbook.xml": bytes(30_000_000)}), "too-large", "zip bomb"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "image-only", "PNG image"),
    "picture.html": (b"\xff\xd8\xff\xe0" + bytes(100), "image-only", "JPEG image"),
    "noise.bin": (bytes(range(256)) * 20, "unsupported", "unknown binary kind"),
    "data.json": (json.dumps({"agency": "柳溪县水利局", "figures": [1, 2]}).encode(), "unsupported", "a JSON file"),
    "figures.json": (
        json.dumps({"title": SAMPLE.agency, "figures": dict(SAMPLE.figures)}, indent=1).encode(),
        "unsupported",
        "a JSON file",
    ),
    "feed.xml": (b'<?xml version="1.0"?><rss><item/></rss>', "unsupported", "XML file with the root 'rss'"),
    "news.html": (
        "<html><title>通知</title><p>关于召开会议的通知</p><table><tr><td>1</td></tr></table></html>".encode(),
        "not-a-report",
        "right file",
    ),
    "missing-page.html": (b"<html><title>404 Not Found</title><h1>404</h1></html>", "not-a-report", "right file"),
    "no-tables.html": (_without_tables(), "no-tables", "without the form's tables"),
    "no-tables.txt": (text.write(replace(SAMPLE, sections=SAMPLE.sections[:1])), "no-tables", "without the form's"),
}
# Nothing was there that could be kept.
NOT_KEPT = ("empty.html", "blank.html")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.html").write_bytes(WHOLE["html"])
    return tmp_path


def _run(*arguments: str, status: int) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == status, (result.exit_code, result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def _one_complaint(result: Result, file: str) -> str:
    """The sentence about the file, which must be the only line on standard error."""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"nianbao: {file}: ")
    sentence = line.removeprefix(f"nianbao: {file}: ")
    assert 10 < len(sentence) < 250
    return sentence


def _figures(data: bytes) -> dict[str, int | float | None]:
    return {name: figure.value for name, figure in read_report(data).figures.items()}


GOOD_FIGURES = _figures(WHOLE["html"])


def _refused(file: str, kind: str) -> str:
    """parse and check say the same sentence, and do the good file all the same; the sentence."""
    result = _run("parse", "--json", file, "good.html", status=2)
    broken, good = [json.loads(line) for line in result.stdout.splitlines()]
    sentence = _one_complaint(result, file)
    assert broken == {"file": file, "error": sentence, "kind": kind}
    assert (good["file"], good["figures"]) == ("good.html", GOOD_FIGURES)
    shown = _run("parse", file, "good.html", status=2)
    assert _one_complaint(shown, file) == sentence
    assert SAMPLE.title in shown.stdout
    judged = _run("check", "--json", "good.html", file, status=2)
    assert _one_complaint(judged, file) == sentence
    assert judged.stdout == ""
    return sentence


@pytest.mark.parametrize("file", BROKEN)
def test_a_broken_file_is_one_clear_sentence(here: Path, file: str) -> None:
    data, kind, words = BROKEN[file]
    (here / file).write_bytes(data)
    assert words in _refused(file, kind)


@pytest.mark.parametrize("media", ["pdf", "docx", "xlsx"])
def test_a_truncated_file_is_one_clear_sentence(here: Path, media: str) -> None:
    whole, file = WHOLE[media], f"cut.{media}"
    for share in CUTS:
        (here / file).write_bytes(whole[: int(len(whole) * share)])
        result = _run("parse", "--json", file, "good.html", status=2)
        broken, good = [json.loads(line) for line in result.stdout.splitlines()]
        assert broken == {"file": file, "error": _one_complaint(result, file), "kind": "truncated"}
        assert good["figures"] == GOOD_FIGURES
    (here / file).write_bytes(whole[: len(whole) // 2])
    _refused(file, "truncated")


@pytest.mark.parametrize(
    "whole",
    [
        WHOLE["html"],
        html.write(SAMPLE, page=True, encoding="gbk"),
        html.write(SAMPLE, unclosed=True),
        html.write(SAMPLE, page=True, litter=True, nested=True, seed=4),
    ],
    ids=["fragment", "page-gbk", "unclosed", "litter-nested"],
)
def test_truncated_html_gives_no_wrong_figure(whole: bytes) -> None:
    """Cut before every digit and behind every tag of a table: what still comes out is what was printed."""
    last = whole.lower().rindex(b"</table")
    cuts = [m.start() for m in re.finditer(rb"(?<=\d)\d|(?<=>)", whole[:last])]
    read = 0
    for cut in cuts[::2] + [m.start() for m in re.finditer(rb"(?<=\d)\d", whole[:last])]:
        try:
            found = _figures(whole[:cut])
        except UnreadableDocument:
            continue
        read += 1
        wrong = {n: v for n, v in found.items() if v is not None and v != GOOD_FIGURES[n]}
        assert not wrong, (cut, whole[cut - 60 : cut])
    assert read > 5
    assert _figures(whole) == GOOD_FIGURES


def test_html_that_ends_inside_a_cell_is_truncated(here: Path) -> None:
    inside = next(m.start() for m in re.finditer(rb"(?<=\d)\d</td>", WHOLE["html"]))
    (here / "cut.html").write_bytes(WHOLE["html"][:inside])
    assert "ends in the middle of a table cell" in _refused("cut.html", "truncated")


@pytest.mark.parametrize(
    "end", [b"<script>var row = '<td>' + 5;</script>", b"<!-- <td>5 -->", b"<p>2024</p></body></html>"]
)
def test_a_whole_page_is_not_taken_for_a_truncated_one(end: bytes) -> None:
    assert _figures(WHOLE["html"] + end) == GOOD_FIGURES


def test_a_file_too_large_is_not_opened(here: Path) -> None:
    with (here / "large.pdf").open("wb") as file:
        file.truncate(60_000_000)
    assert "is 60 MB; no report is larger" in _refused("large.pdf", "too-large")
    result = _run("add", "large.pdf", "good.html", status=2)
    assert "is 60 MB" in _one_complaint(result, "large.pdf")
    _kept_only_the_good_one(here)


def test_a_file_that_is_not_there(here: Path) -> None:
    assert _refused("nowhere.html", "not-found") == "there is no such file; check the path"
    assert (
        _refused("good.html/inside.html", "unreadable") == "cannot be opened (Not a directory); check its permissions"
    )
    _one_complaint(_run("add", "nowhere.html", "good.html", status=2), "nowhere.html")
    _kept_only_the_good_one(here)


def test_a_folder_is_for_add(here: Path) -> None:
    (here / "folder").mkdir()
    assert "is a folder" in _refused("folder", "folder")


def test_many_files_at_once_are_all_read_in_their_order(here: Path) -> None:
    for name, (data, _, _) in BROKEN.items():
        (here / name).write_bytes(data)
    files = [f for name in BROKEN for f in (name, "good.html")]
    result = _run("parse", "--json", *files, status=2)
    read = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["file"] for r in read] == files
    assert [r["kind"] for r in read if "kind" in r] == [kind for _, kind, _ in BROKEN.values()]
    assert all(r["figures"] == GOOD_FIGURES for r in read if r["file"] == "good.html")
    assert len(result.stderr.splitlines()) == len(BROKEN)


def test_add_keeps_what_it_cannot_read(here: Path) -> None:
    (here / "in").mkdir()
    for name, (data, _, _) in BROKEN.items():
        (here / "in" / name).write_bytes(data)
    kept = {name: data for name, (data, _, _) in BROKEN.items() if name not in NOT_KEPT}
    result = _run("add", "in", "good.html", status=2)
    assert result.stdout == (
        f"{len(BROKEN) + 1} files: 1 new report, 0 revised, {len(kept)} kept unread, 0 already there.\n"
    )
    assert len(result.stderr.splitlines()) == len(BROKEN)
    for name in NOT_KEPT:
        assert f"nianbao: in/{name}: is empty; there is nothing to add\n" in result.stderr
    with Archive.open(here / "nianbao.db") as archive:
        unread = {row["url"].rpartition("/")[2]: row for row in archive.unread()}
        assert {name: row["kind"] for name, row in unread.items()} == {name: BROKEN[name][1] for name in kept}
        assert {name: archive.get_document(row["sha256"]) for name, row in unread.items()} == kept
        for name, row in unread.items():
            assert f"nianbao: {row['url']}: kept, but not read: {row['sentence']}\n" in result.stderr, name
        assert [r.agency for r in archive.reports()] == [SAMPLE.agency]
    again = _run("add", "in", "good.html", status=2)
    assert ": 0 new reports, 0 revised" in again.stdout
    with Archive.open(here / "nianbao.db") as archive:
        assert len(archive.unread()) == len(kept)


def _kept_only_the_good_one(here: Path) -> None:
    with Archive.open(here / "nianbao.db") as archive:
        assert archive.unread() == []
        assert len(list(archive.reports())) == 1
    assert len(list((here / "nianbao.db.documents").rglob("*.zst"))) == 1


@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_deeply_nested_html_brings_nothing_down(here: Path, depth: int) -> None:
    page = b"<html><body>" + b"<div>" * depth + b"<p>2023</p>" + b"</div>" * depth + b"</body></html>"
    (here / "deep.html").write_bytes(page)
    result = _run("parse", "--json", "deep.html", "good.html", status=2)
    broken, good = [json.loads(line) for line in result.stdout.splitlines()]
    assert broken["kind"] in ("not-a-report", "too-large")
    assert good["figures"] == GOOD_FIGURES
    result = _run("add", "deep.html", "good.html", status=2)
    assert "1 new report" in result.stdout
    assert "1 kept unread" in result.stdout
