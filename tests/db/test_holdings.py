"""What is asked of reports without reading them: by year, by address, by agency."""

from archive_samples import at, make_report

from db.archive import Archive
from db.records import Agency, Sighting

FINANCE = Agency("990000:财政局", "示例市财政局（正式名称）", organ="department")


def _fill(archive: Archive, store) -> None:
    archive.import_agencies([FINANCE])
    store(make_report(2022), b"2022", agency_id=FINANCE.id, url="https://city.example/2022.html")
    store(make_report(2023), b"2023", agency_id=FINANCE.id, url="https://city.example/f/2023.pdf")
    store(make_report(2023), b"other", url="https://city.example/other.html", source="added")


def test_by_address_of_the_report_or_of_the_page_that_links_it(archive: Archive, store) -> None:
    _fill(archive, store)
    page, file = "https://city.example/page.html", "https://city.example/f/2023.pdf"
    sha256 = archive.put_document(b"2023", media=None, seen_at=at())
    for day in (0, 1):
        archive.add_sighting(Sighting("city", page, file, "attachment", None, None, sha256, at(day)))
    asked = [page, file, "https://city.example/2022.html", "https://city.example/other.html", "https://b.example/"]
    found = archive.holdings.at(asked * 2, "city")
    assert found == archive.holdings.at(asked, None) and archive.holdings.at(asked, "added") == {}
    assert {url: [(h.agency_id, h.year) for h in some] for url, some in found.items()} == {
        page: [(FINANCE.id, 2023)],
        file: [(FINANCE.id, 2023)],
        "https://city.example/2022.html": [(FINANCE.id, 2022)],
    }
    assert archive.holdings.at([], None) == {}


def test_whether_a_source_has_it(archive: Archive, store) -> None:
    _fill(archive, store)
    has = archive.holdings.has
    assert has(FINANCE.id, 2022, {"city", "added"}) and has("?:示例市财政局", 2023, ["added"])
    assert (
        not has(FINANCE.id, 2022, {"added"}) and not has(FINANCE.id, 2021, {"city"}) and not has(FINANCE.id, 2022, ())
    )


def test_by_any_name_of_an_agency(archive: Archive, store) -> None:
    _fill(archive, store)
    of = archive.holdings.keys_of
    (known,) = of(FINANCE.id)
    assert of(FINANCE.name) == of(FINANCE.id, FINANCE.name) == [known]
    assert len(of("示例市财政局")) == 1 and of("示例市财政局") == of("?:示例市财政局") != [known]
    assert of("财政局") == of() == []
    assert [report.year for report in archive.latest_of([known])] == [2022, 2023]
    assert archive.agency(FINANCE.id) == FINANCE
    assert archive.agency("990000:教育局") is None and archive.agency(None) is None
