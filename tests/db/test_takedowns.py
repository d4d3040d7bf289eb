"""The takedown list: what is withheld, from when to when, and that nothing is deleted."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_samples import at, make_report
from click.testing import CliRunner

from db.archive import Archive, ArchiveError
from db.collected.documents import sha256_of
from db.records import Neighbour, Sighting, Stored, Visit
from monitor.cli import main

Store = Callable[..., Stored]
URL = "https://city.example/1.html"
FILE = "https://city.example/1.pdf"


def add(archive: Archive, what: str, days: float = 0) -> int:
    return archive.takedowns.add(what, reason="names a person", asked_by="a letter", at=at(days)).id


def elsewhere(path: Path, expression: str) -> object:
    """What a new process finds in the file; `archive` is open in it."""
    code = (
        "import json; from pathlib import Path; from db.archive import Archive\n"
        f"with Archive.open(Path({str(path)!r})) as archive: print(json.dumps({expression}))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_a_document_is_withheld_until_it_is_lifted(archive: Archive, store: Store) -> None:
    store(make_report())
    sha256 = sha256_of(b"A")
    assert not archive.takedowns.holds(sha256)
    entry = archive.takedowns.add(sha256[:8].upper(), reason=" why ", asked_by="who", at=at())
    assert (entry.sha256, entry.url, entry.reason, entry.documents) == (sha256, None, "why", 1)
    assert archive.takedowns.holds(sha256) and not archive.takedowns.holds(sha256_of(b"B"), (URL,))
    assert elsewhere(archive.path, f"archive.takedowns.holds({sha256!r})") is True
    assert add(archive, sha256, 1) == entry.id, "the same again is the same entry"
    lifted = archive.takedowns.lift(entry.id, why="asked again", at=at(2))
    assert (lifted.lifted_at, lifted.lifted_why) == (at(2).isoformat(), "asked again")
    assert elsewhere(archive.path, f"archive.takedowns.holds({sha256!r})") is False
    assert archive.takedowns.listed() == [] and archive.takedowns.listed(lifted=True) == [lifted]
    assert add(archive, sha256, 3) != entry.id, "what was lifted can be withheld again, and both are in the list"


def test_an_address_withholds_what_was_and_will_be_seen_there(archive: Archive, store: Store) -> None:
    store(make_report(), b"A")
    number = add(archive, URL)
    store(make_report(values={"applications.new.total": 7}), b"B", at(1))
    held = archive.takedowns.held()
    assert held.sha256s == {sha256_of(b"A"), sha256_of(b"B")} and held.urls == {URL}
    assert archive.takedowns.listed()[0].documents == 2
    archive.takedowns.lift(number, why="w", at=at(2))
    assert not archive.takedowns.held()


def test_files_of_a_withheld_page_are_withheld_and_other_reports_of_the_column_are_not(archive: Archive) -> None:
    column, other = "https://city.example/list/", "https://city.example/2.html"
    for url, page, part in ((FILE, URL, "attachment"), (other, column, "page")):
        sha256 = archive.put_document(url.encode(), media=None, seen_at=at())
        archive.add_sighting(Sighting("city", page, url, part, None, None, sha256, at()))
    add(archive, URL)
    add(archive, column)
    assert archive.takedowns.held().sha256s == {sha256_of(FILE.encode())}


def test_what_stands_in_place_of_a_page_is_withheld_nowhere(archive: Archive) -> None:
    refusal = archive.put_document(b"please wait", media=None, seen_at=at())
    page = archive.put_document(b"page", media=None, seen_at=at())
    archive.add_visit(Visit("city", URL, "detail", at(), 412, "blocked", sha256=refusal))
    archive.add_visit(Visit("city", URL, "detail", at(1), 200, "ok", final_url=f"{URL}?moved", sha256=page))
    add(archive, f"{URL}?moved")
    assert archive.takedowns.held().sha256s == {page}
    add(archive, URL)
    assert archive.takedowns.held().sha256s == {page}


def test_other_bytes_that_say_the_same_are_withheld_too(archive: Archive, store: Store) -> None:
    store(make_report(), b"A")
    store(make_report(), b"A with another counter", at(1))
    store(make_report(2022), b"another year", at(1))
    add(archive, sha256_of(b"A"))
    assert archive.takedowns.held().sha256s == {sha256_of(b"A"), sha256_of(b"A with another counter")}


def test_neighbours_of_an_address_are_withheld(archive: Archive) -> None:
    sha256 = archive.put_document(b"list of units", media=None, seen_at=at())
    archive.add_portal("city", "City", "static_list")
    archive.neighbours.add(Neighbour("city", URL, URL, "publication_notice", None, None, sha256, at()))
    add(archive, URL)
    assert archive.takedowns.held().sha256s == {sha256}


@pytest.mark.parametrize("what", ["", "abc", "0" * 64, "g" * 64, "www.city.example/1.html", "https://two words"])
def test_what_is_no_document_and_no_address_is_refused(archive: Archive, what: str) -> None:
    with pytest.raises(ArchiveError, match=r"neither an address nor|no such document"):
        add(archive, what)
    assert archive.takedowns.listed(lifted=True) == []


def test_a_beginning_that_several_documents_share_is_refused(archive: Archive) -> None:
    with archive.write() as connection:
        for end in "ab":
            sha256 = "0123456789" + end * 54
            connection.execute("INSERT INTO documents VALUES (?, 1, NULL, ?, NULL, NULL)", (sha256, at().isoformat()))
    with pytest.raises(ArchiveError, match="several documents begin so"):
        add(archive, "0123456789")


def test_why_and_who_must_be_said(archive: Archive) -> None:
    for reason, who in (("", "who"), ("why", " ")):
        with pytest.raises(ArchiveError, match="say why"):
            archive.takedowns.add(URL, reason=reason, asked_by=who, at=at())
    add(archive, URL)
    with pytest.raises(ArchiveError, match="say why"):
        archive.takedowns.lift(1, why=" ", at=at())


def test_lifting_what_is_not_there_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="there is no takedown 1"):
        archive.takedowns.lift(1, why="w", at=at())
    number = add(archive, URL)
    archive.takedowns.lift(number, why="w", at=at(1))
    with pytest.raises(ArchiveError, match="was lifted at 2024-02-02"):
        archive.takedowns.lift(number, why="w", at=at(2))


def test_the_commands(archive: Archive, store: Store) -> None:
    store(make_report())

    def run(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(main, ["takedown", *words, "--archive", str(archive.path)])
        assert done.exit_code == status, done.output
        return done.stdout + done.stderr

    assert "Nothing is withheld." in run("list")
    said = run("add", URL, "--reason", "names a person", "--asked-by", "a letter\x1b[31m")
    assert said == f"takedown 1: {URL} withholds 1 document\n"
    assert "no document was seen" in run("add", "https://x.example/", "--reason", "r", "--asked-by", "a")
    assert "asked by: a letter" in run("list") and "\x1b" not in run("list")
    first, second = map(json.loads, run("list", "--json").splitlines())
    assert (first["url"], first["sha256"], first["documents"], second["documents"]) == (URL, None, 1, 0)
    assert run("lift", "1", "--why", "w") == f"takedown 1: {URL} is handed out again\n"
    assert URL not in run("list") and "lifted" in run("list", "--all")
    assert "neither an address nor" in run("add", "x", "--reason", "r", "--asked-by", "a", status=2)
    assert "was lifted" in run("lift", "1", "--why", "w", status=2)
