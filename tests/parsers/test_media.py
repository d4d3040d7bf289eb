"""What kind of file some bytes are, and zip containers that nobody vouches for."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from parsers import archives, media
from parsers.errors import (
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnreadableDocument,
    UnsupportedMedia,
)
from parsers.media import sniff

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def word_file() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("一、总体情况")
    document.save(out)
    return out.getvalue()


def excel_file() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write(0, 0, "一、总体情况")
    return out.getvalue()


def ole(*streams: str) -> bytes:
    return OLE + b"".join(stream.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for stream in streams)


HTML = {
    "page": b"<!DOCTYPE html>\n<html><body>x</body></html>",
    "upper case": b"<HTML><BODY>x",
    "byte order mark and blanks": b"\xef\xbb\xbf \r\n\t<html>x",
    "comment in front": "<!-- 生成 --><p>年报</p>".encode("gb18030"),
    "XHTML": b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y"><html xmlns="z">',
    "XHTML without doctype": b'<?xml version="1.0" encoding="gbk"?><html>',
    "paragraph": "<p>一、总体情况".encode(),
    "table": b'<table border="1"><tr><td>1</td></tr></table>',
    "text in front": "一、总体情况<br/>本年度".encode(),
    "Word's own element": b"x<o:p></o:p>",
    "Word's declaration": b"<?xml:namespace prefix = st1 /><st1:x></st1:x><p>x",
    "one-letter element, closed": "见<a href='x'>年报</a>".encode(),
    "UTF-16": "<p>年报</p>".encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + "<p>年报</p>".encode("utf-16-be"),
    "tag behind a long text": "公开信息。".encode() * 2000 + b"<br>",
}
TEXT = {
    "UTF-8": "一、总体情况\n".encode(),
    "GBK": "一、总体情况\r\n".encode("gbk"),
    "byte order mark": "\ufeff一、总体情况".encode(),
    "UTF-16": "一、总体情况".encode("utf-16"),
    "name in angle brackets": "根据<中华人民共和国政府信息公开条例>第五十条".encode(),
    "less than": "办结率 < 100%，a<b>c".encode(),
    "mentions PDF": "本报告有 %PDF-1.4 版本".encode(),
    "a stray control character": "一、总体情况\x07".encode() + "文字。".encode() * 100,
    "cut in the middle of a character": ("公" * 100_000).encode()[:-1],
}


@pytest.mark.parametrize("data", HTML.values(), ids=HTML.keys())
def test_html(data: bytes) -> None:
    assert sniff(data) == "html"


@pytest.mark.parametrize("data", TEXT.values(), ids=TEXT.keys())
def test_text(data: bytes) -> None:
    assert sniff(data) == "text"


@pytest.mark.parametrize("front", [b"", b"\xef\xbb\xbf", b"\r\n \n", b"X-Header: 1\r\n\r\n", bytes(1000)])
def test_pdf_header_may_stand_within_the_first_kilobyte(front: bytes) -> None:
    assert sniff(front + b"%PDF-1.7\n1 0 obj\n<<>>\nendobj") == "pdf"


def test_office_files() -> None:
    assert sniff(word_file()) == "docx"
    assert sniff(excel_file()) == "xlsx"


REFUSED: dict[str, tuple[bytes, type[UnreadableDocument], str]] = {
    "nothing": (b"", EmptyDocument, "empty"),
    "white space": (b"\xef\xbb\xbf \r\n\t\n", EmptyDocument, "empty"),
    "ideographic blanks": ("\u3000\u3000\n".encode(), EmptyDocument, "white space"),
    "blanks in UTF-16": (" \n".encode("utf-16"), EmptyDocument, "white space"),
    "doc": (ole("Root Entry", "WordDocument"), UnsupportedMedia, "binary Word file"),
    "xls": (ole("Root Entry", "Workbook"), UnsupportedMedia, "binary Excel file"),
    "OLE": (ole("Root Entry", "Something"), UnsupportedMedia, "OLE"),
    "encrypted": (ole("EncryptionInfo", "EncryptedPackage"), EncryptedDocument, "password"),
    "ofd": (zipped({"OFD.xml": b"<x/>"}), UnsupportedMedia, "OFD"),
    "odt": (zipped({"mimetype": b"x", "content.xml": b"<x/>"}), UnsupportedMedia, "OpenDocument"),
    "pptx": (zipped({"ppt/presentation.xml": b"<x/>"}), UnsupportedMedia, "PowerPoint"),
    "xlsb": (zipped({"xl/workbook.bin": b"x"}), UnsupportedMedia, "xlsb"),
    "zip": (zipped({"a.docx": b"x", "b.docx": b"x"}), UnsupportedMedia, "zip archive of 2 files"),
    "empty zip": (zipped({}), UnsupportedMedia, "zip archive of 0 files"),
    "truncated zip": (word_file()[:-40], TruncatedDocument, "cut off"),
    "rar": (b"Rar!\x1a\x07\x01\x00", UnsupportedMedia, "RAR"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", UnsupportedMedia, "7z"),
    "gzip": (b"\x1f\x8b\x08" + bytes(9), UnsupportedMedia, "gzip"),
    "rtf": (b"{\\rtf1\\ansi", UnsupportedMedia, "RTF"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", ImageOnlyDocument, "JPEG"),
    "png": (b"\x89PNG\r\n\x1a\n\0", ImageOnlyDocument, "PNG"),
    "gif": (b"GIF89a\1", ImageOnlyDocument, "GIF"),
    "tiff": (b"II*\0\1", ImageOnlyDocument, "TIFF"),
    "bmp": (b"BM\x10\0\0\0\0\0\0\0\x36\0", ImageOnlyDocument, "BMP"),
    "webp": (b"RIFF\1\2\3\4WEBPVP8 ", ImageOnlyDocument, "WebP"),
    "mhtml": (
        b"From: <Saved by x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n<html>",
        UnsupportedMedia,
        "MHTML",
    ),
    "Word 2003 XML": (
        b'<?xml version="1.0"?><?mso-application?><w:wordDocument><w:p>',
        UnsupportedMedia,
        "wordDocument",
    ),
    "unknown binary": (bytes(range(256)) * 20, UnsupportedMedia, "unknown binary"),
    "compressed bytes": (zlib.compress(random.Random(1).randbytes(5000)), UnsupportedMedia, "unknown"),
}


@pytest.mark.parametrize(("data", "error", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(data: bytes, error: type[UnreadableDocument], says: str) -> None:
    with pytest.raises(error) as caught:
        sniff(data)
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sixty_megabytes_are_refused_without_a_look() -> None:
    with pytest.raises(OversizedDocument, match="60 MB"):
        sniff(bytes(60 * 2**20))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_kind_or_a_sentence(data: bytes) -> None:
    try:
        assert sniff(data) in {"html", "pdf", "docx", "xlsx", "text"}
    except UnreadableDocument as error:
        assert str(error)


@pytest.mark.parametrize("hostile", [b"<a>" * 80_000, b"<!--" * 60_000, b"<?xml " + b"<?" * 100_000, b"<p " * 80_000])
def test_hostile_markup_takes_linear_time(hostile: bytes) -> None:
    assert sniff(hostile) in {"html", "text"}


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports lie beside the repository, not in it")
def test_real_reports() -> None:
    kinds = {".txt": "text", ".html": "html", ".pdf": "pdf"}
    found = {
        path.name: (sniff(path.read_bytes()), kinds[path.suffix]) for path in REPORTS.iterdir() if path.suffix in kinds
    }
    assert found
    assert {name: pair for name, pair in found.items() if pair[0] != pair[1]} == {}


# Zip containers.


def test_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(OversizedDocument, match="bomb"):
        archives.open_container(zipped({"word/document.xml": bytes(20 * archives.MB)}))


def test_many_parts_that_promise_too_much() -> None:
    noise = random.Random(1).randbytes(1000) + bytes(3 * archives.MB)
    with pytest.raises(OversizedDocument, match="200 MB"):
        archives.open_container(zipped({f"{n}.xml": noise for n in range(80)}))


def test_too_many_members() -> None:
    with pytest.raises(OversizedDocument, match="parts"):
        archives.open_container(zipped({f"{n}": b"" for n in range(archives.MAX_MEMBERS + 1)}, zipfile.ZIP_STORED))


def lying_header(size: int, claimed: int) -> bytes:
    """A zip of one part whose headers claim another unpacked size than it has."""
    data = bytearray(zipped({"word/document.xml": bytes(size)}))
    real = struct.pack("<I", size)
    for at in (data.find(real), data.rfind(real)):
        data[at : at + 4] = struct.pack("<I", claimed)
    return bytes(data)


def test_header_that_promises_too_little_cannot_unpack_more() -> None:
    container = archives.open_container(lying_header(20 * archives.MB, 1000))
    with pytest.raises(TruncatedDocument):
        container.read("word/document.xml")


def test_bound_of_a_part_holds_while_inflating() -> None:
    container = archives.open_container(zipped({"a": random.Random(1).randbytes(5000)}))
    with pytest.raises(OversizedDocument):
        container.read("a", limit=4999)
    assert len(container.read("a", limit=5000)) == 5000


def test_parts_read_again_and_again_use_up_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 10_000)
    container = archives.open_container(zipped({"a": random.Random(1).randbytes(4000)}))
    container.read("a")
    container.read("a")
    with pytest.raises(OversizedDocument):
        container.read("a")


def test_encrypted_part() -> None:
    data = bytearray(zipped({"word/document.xml": b"x" * 50}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(magic) + offset] |= 1
    with pytest.raises(EncryptedDocument):
        sniff(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_named(method: int) -> None:
    with pytest.raises(UnsupportedMedia, match="compression method"):
        archives.open_container(zipped({"a": b"x" * 100}, method)).read("a")


@pytest.mark.parametrize("build", [word_file, excel_file])
def test_damaged_containers_never_raise_anything_else(build: Callable[[], bytes]) -> None:
    whole, dice = build(), random.Random(7)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            container = archives.open_container(
                bytes(data[: dice.randint(len(data) // 2, len(data))] if dice.random() < 0.3 else data)
            )
            for name in container.names:
                container.read(name)
        except UnreadableDocument as error:
            assert str(error)


def test_limit_of_size_is_where_it_is_said() -> None:
    assert media.MAX_BYTES == 50 * 2**20
