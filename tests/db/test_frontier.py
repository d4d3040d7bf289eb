"""Crawls, the frontier and the neighbours."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from archive_samples import at

from db.archive import Archive
from db.collected.looks import Body
from db.records import Address, ColumnRead, Crawl, ListedLink, Neighbour, Sighting, Visit

HOST = "https://city.example"
COLUMN = f"{HOST}/nb/"


def address(name: str, found: float = 0, **more: object) -> Address:
    url = f"{HOST}/{name}"
    plain = Address(
        portal="city",
        url=url,
        part="page",
        kind="report",
        page_url=url,
        column_url=COLUMN,
        title="2023年报",
        listed_on="2024-01-20",
        agency_hint=None,
        year=2023,
        found_at=at(found),
        due_at=at(found),
    )
    return dataclasses.replace(plain, **more)


def seen(archive: Archive, found: Address, day: float, due: float, outcome: str = "ok") -> Address:
    """Write down a visit to an address."""
    after = dataclasses.replace(
        found,
        visits=found.visits + 1,
        outcome=outcome,
        visited_at=at(day),
        due_at=at(due),  # type: ignore[arg-type]
    )
    archive.looks.keep([(Visit("city", found.url, "detail", at(day), 200, "ok"), None)], visited=after)
    return after


def names(found: list[Address]) -> list[str]:
    return [each.url.rpartition("/")[2] for each in found]


def test_addresses_come_back_as_they_went_in(archive: Archive) -> None:
    archive.frontier.add([address("1")])
    assert archive.frontier.due("city", at(0), 9) == [address("1")]
    assert archive.frontier.due("city", at(-1), 9) == []
    assert archive.frontier.due("elsewhere", at(0), 9) == []


def test_what_was_never_seen_comes_first_the_latest_found_before_all(archive: Archive) -> None:
    archive.frontier.add([address("1"), address("2"), address("3", found=5), address("4", found=9)])
    seen(archive, address("1"), 1, due=4)
    assert names(archive.frontier.due("city", at(5), 9)) == ["3", "2"]
    assert archive.frontier.count_due("city", at(5)) == 3
    for number in ("2", "3"):
        seen(archive, address(number), 5, due=6)
    assert names(archive.frontier.due("city", at(6), 9)) == ["1", "2", "3"]
    assert names(archive.frontier.due("city", at(6), 2)) == ["1", "2"]


def test_a_list_may_say_new_things_of_a_known_address_and_does_not_make_it_due(archive: Archive) -> None:
    archive.frontier.add([address("1")])
    after = seen(archive, address("1"), 1, due=8)
    archive.frontier.add([address("1", found=2, title="更名", listed_on=None, agency_hint="财政局")])
    (found,) = archive.frontier.due("city", at(8), 9)
    assert found == dataclasses.replace(after, title="更名", listed_on=None, agency_hint="财政局")


def test_of_two_columns_or_pages_that_lead_to_an_address_the_first_counts(archive: Archive) -> None:
    file = address("a.pdf", part="attachment", page_url=f"{HOST}/1")
    archive.frontier.add([address("1", agency_hint="财政局"), file])
    archive.frontier.add([address("1", column_url=f"{HOST}/all/"), address("a.pdf", title="other")])
    assert {found.url: found for found in archive.frontier.due("city", at(0), 9)} == {
        f"{HOST}/1": address("1", agency_hint="财政局"),
        f"{HOST}/a.pdf": file,
    }


def test_everything_is_made_due_but_what_was_seen_since(archive: Archive) -> None:
    archive.frontier.add([address(str(number)) for number in range(3)])
    seen(archive, address("0"), 1, due=99)
    seen(archive, address("1"), 6, due=99)
    archive.frontier.make_due("city", at(5))
    assert sorted(names(archive.frontier.due("city", at(5), 9))) == ["2"]
    seen(archive, address("2"), 6, due=99)
    assert names(archive.frontier.due("city", at(5), 9)) == ["0"]


def test_known_good_addresses_of_a_host(archive: Archive) -> None:
    archive.frontier.add([address(str(n)) for n in range(4)] + [address("x", url="https://other.example/x")])
    for number, outcome in enumerate(("ok", "gone", "unchanged")):
        seen(archive, address(str(number)), number, due=9, outcome=outcome)
    assert archive.frontier.known_good("city", f"{HOST}/9", 3) == [f"{HOST}/2", f"{HOST}/0"]
    assert archive.frontier.known_good("city", f"{HOST}/2", 3) == [f"{HOST}/0"]
    assert archive.frontier.known_good("city", "https://other.example/9", 3) == []
    assert archive.frontier.knows("city", f"{HOST}/3") and not archive.frontier.knows("city", f"{HOST}/9")


def test_a_look_is_kept_whole_or_not_at_all(archive: Archive, dump) -> None:
    archive.frontier.add([address("1")])
    before = dump()
    visit = Visit("city", f"{HOST}/1", "detail", at(1), 200, "ok", sha256="0" * 64)
    with pytest.raises(Exception, match="put_document must come first"):
        archive.looks.keep([(visit, None)], visited=dataclasses.replace(address("1"), visits=1, due_at=at(9)))
    assert dump() == before
    archive.documents.write(b"A", sha256 := "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd")
    visit.sha256 = sha256
    sighting = Sighting("city", f"{HOST}/1", f"{HOST}/1", "page", "2023年报", None, sha256, at(1))
    body = Body(sha256, b"A", "text/html", at(1))
    file = address("a.pdf", part="attachment", page_url=f"{HOST}/1")
    archive.documents.path(sha256).unlink()  # another process has just dropped the same bytes
    for _ in range(2):
        numbers, new = archive.looks.keep(
            [(visit, body)],
            shows=sighting,
            visited=dataclasses.replace(address("1"), visits=1, due_at=at(9)),
            attached=[file],
        )
    assert (numbers, new, archive.get_document(sha256)) == ([1], 0, b"A")
    assert [s.visit_id for s in archive.sightings_to_read("none")] == [1]
    assert archive.frontier.due("city", at(2), 9) == [file]


def test_a_crawl_without_an_end_is_gone_on_with_for_half_a_day(archive: Archive) -> None:
    first = archive.crawls.begin("city", at(0))
    assert (first.resumed, first.started_at) == (False, at(0))
    again = archive.crawls.begin("city", at(0.4))
    assert again == Crawl(first.id, "city", at(0), resumed=True)
    assert archive.crawls.begin("city", at(-0.1)).id == first.id  # a clock that was set back
    assert archive.crawls.begin("elsewhere", at(0)).id != first.id
    later = archive.crawls.begin("city", at(0.6))
    assert later.id != first.id and not later.resumed
    archive.crawls.end(later, at(0.7), outcome="partial", is_complete=False, summary={"left": 3})
    third = archive.crawls.begin("city", at(0.8))
    assert not third.resumed and not archive.crawls.has_complete("city")
    archive.crawls.end(third, at(0.9), outcome="ok", is_complete=True, summary={})
    assert archive.crawls.has_complete("city") and not archive.crawls.has_complete("elsewhere")


def test_what_a_crawl_has_seen(archive: Archive) -> None:
    before = archive.crawls.begin("city", at(0))
    archive.crawls.end(before, at(1), outcome="ok", is_complete=True, summary={})
    crawl = archive.crawls.begin("city", at(2))
    assert archive.crawls.last_time(crawl) == at(2)
    sha256 = archive.put_document(b"A", media=None, seen_at=at(2))
    for day, kind, outcome in ((3.0, "list", "ok"), (3.1, "list", "blocked"), (3.2, "robots", "gone")):
        kept = sha256 if outcome == "ok" else None
        visit = Visit("city", f"{HOST}/{kind}", kind, at(day), 200, outcome, sha256=kept, crawl_id=crawl.id)  # type: ignore[arg-type]
        archive.add_visit(visit)
    assert archive.crawls.last_time(crawl) == at(3.2)
    found = archive.crawls.list_visit(crawl, f"{HOST}/list")
    assert found is not None and (found.visit.outcome, found.visit.at) == ("ok", at(3))
    assert archive.crawls.list_visit(before, f"{HOST}/list") is None
    assert [visit.outcome for visit in archive.crawls.robots_visits(crawl)] == ["gone"]
    links = [ListedLink(f"{HOST}/{n}", str(n)) for n in range(3)]
    for column, day, some in (("a", 1, links), ("b", 3, links[:2]), ("c", 3, links[1:]), ("d", 3, links[:2])):
        archive.add_column_read(ColumnRead("city", f"{HOST}/{column}/", at(day), "ok", 1, some))
    assert archive.crawls.column_read(crawl, f"{HOST}/a/") is None
    assert archive.crawls.column_read(crawl, f"{HOST}/b/") == ("ok", 1)
    archive.add_column_read(ColumnRead("city", f"{HOST}/e/", at(3), "blocked", 1))
    assert archive.crawls.column_read(crawl, f"{HOST}/e/") is None, "it is asked for again"
    assert archive.crawls.listed(crawl) == 3


def test_neighbours_are_kept_once_for_each_of_their_documents(archive: Archive) -> None:
    for day, body in ((0, b"A"), (1, b"A"), (2, b"B")):
        sha256 = archive.put_document(body, media=None, seen_at=at(day))
        archive.neighbours.add(
            Neighbour("city", f"{HOST}/n", f"{HOST}/n", "website_form", "报表", None, sha256, at(day))
        )
    assert [(n.first_seen_at, n.seen_at) for n in archive.neighbours.listed()] == [(at(0), at(1)), (at(2), at(2))]
    assert archive.neighbours.listed(kind="publication_notice") == []
    assert len(archive.neighbours.listed(kind="website_form", portal="city", since=at(2))) == 1


def test_writes_of_one_transaction_are_seen_by_those_that_follow_in_it(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "b.db") as archive, archive.write():
        archive.frontier.add([address("1")])
        assert archive.frontier.count_due("city", at(0) + timedelta(seconds=1)) == 1
