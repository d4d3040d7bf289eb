"""What stands in a column: every planned report once, with the traps of real columns, written only when asked for."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sandbox.country import Country
from crawler.sandbox.portal_site import ENDINGS, MEDIA_TYPES
from crawler.sandbox.publications import (
    PublishedReport,
    ReportText,
    changed_figures,
    changed_title,
    publications,
)

COUNTRY = Country.build(1)
ALL = ("html", "pdf", "docx", "xlsx", "text")
HEADS = {"pdf": b"%PDF", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04"}


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), size=st.integers(40, 90), formats=st.sets(st.sampled_from(ALL)))
def test_every_planned_report_is_published_once(seed: int, size: int, formats: set[str]) -> None:
    country = Country.build(seed, agencies=size)
    for place in country.places:
        items = publications(country, place, sorted(formats))
        plans = [plan for plan in country.plans if plan.agency.region_code == place.code]
        reports = [item for item in items if item.kind == "report"]
        assert Counter((i.agency_id, i.year, i.published_at) for i in reports) == Counter(
            (p.agency.id, p.year, p.published_at) for p in plans
        )
        assert [item.number for item in items] == list(range(len(items)))
        assert [item.published_at for item in items] == sorted(item.published_at for item in items)
        assert all((item.agency_id is None) == (item.kind != "report") for item in items)
        assert {file.media for item in items for file in item.files} <= formats - {"html"}


def test_the_traps_stand_among_the_reports() -> None:
    for place in COUNTRY.places:
        items = publications(COUNTRY, place)
        kinds = {item.kind for item in items}
        assert kinds == {
            "report",
            "website_form",
            "interpretation",
            "guide",
            "publication_notice",
            "enforcement_statistics",
            "other",
        }
        for year in COUNTRY.years:
            of_year = [item for item in items if item.kind == "report" and item.year == year]
            organs = Counter(str(item.agency_id).partition(":")[2] for item in of_year)
            assert organs["人民政府"] == organs["人民政府办公室"] == 1
        nameless = [i for i in items if i.kind == "report" and re.match(r"20\d\d年(度)?政府信息公开", i.title)]
        assert len({item.agency_id for item in nameless}) == 1
        assert all(item.publisher.startswith(place.name) for item in nameless), "the page names the publisher"
        short = [i for i in items if i.kind == "report" and place.name not in i.title and i not in nameless]
        assert 1 <= len({i.agency_id for i in short if str(i.agency_id).endswith("局")}) <= 2


def test_a_notice_names_those_who_had_published_and_nobody_else() -> None:
    for place in COUNTRY.places:
        items = publications(COUNTRY, place)
        notices = [item for item in items if item.kind == "publication_notice"]
        assert len(notices) == len(COUNTRY.years)
        for notice, year in zip(notices, COUNTRY.years, strict=True):
            named = re.findall(r"<td>\d+</td><td>([^<]+)</td>", notice.body(notice.day))
            there = [i for i in items if i.kind == "report" and i.year == year and i.published_at < notice.published_at]
            assert sorted(named) == sorted(item.publisher for item in there)


def test_no_explanation_speaks_of_a_report_that_is_not_there() -> None:
    for place in COUNTRY.places:
        items = publications(COUNTRY, place)
        for item in items:
            if item.kind == "interpretation":
                named = item.title.partition("：")[2]
                year = re.search(r"20\d\d", named)
                assert year
                assert any(
                    report.kind == "report"
                    and str(report.year) == year[0]
                    and report.publisher.startswith(named.partition("20")[0])
                    and report.published_at < item.published_at
                    for report in items
                ), item.title


def test_formats_are_mixed_and_their_files_are_what_they_say() -> None:
    seen: Counter[tuple[bool, tuple[str, ...]]] = Counter()
    made = set()
    for place in COUNTRY.places:
        for item in publications(COUNTRY, place, ALL):
            if not isinstance(item, PublishedReport):
                continue
            seen[item.only_attached, item.media] += 1
            assert (item.body(item.day) == "<p>全文见附件。</p>") == item.only_attached
            for file in item.files:
                assert file.name == f"{item.title}.{ENDINGS[file.media]}"
                if file.media not in made:
                    made.add(file.media)
                    data = file.make()
                    assert data.startswith(HEADS.get(file.media, b"")) and (data == file.make() or file.media == "pdf")
    assert made == set(MEDIA_TYPES) - {"html"}
    assert set(seen) == {(False, ()), (False, ("docx", "pdf")), *((True, (media,)) for media in ALL[1:])}
    assert seen[False, ()] > sum(seen.values()) / 3
    with pytest.raises(ValueError, match="unknown format 'wps'"):
        publications(COUNTRY, COUNTRY.places[0], ("wps",))


def test_a_seed_decides_and_another_one_decides_otherwise() -> None:
    place = COUNTRY.places[0]

    def shown(seed: int | None) -> list[tuple[str, tuple[str, ...]]]:
        return [(i.title, tuple(f.media for f in i.files)) for i in publications(COUNTRY, place, ALL, seed)]

    assert shown(None) == shown(COUNTRY.seed) == shown(1)
    assert len({str(shown(seed)) for seed in range(4)}) == 4


def test_nothing_is_written_before_it_is_asked_for() -> None:
    items = publications(COUNTRY, COUNTRY.places[0], ALL)
    texts = [item.body for item in items if isinstance(item.body, ReportText)]
    assert len(texts) > 10 and not any("_html" in vars(text) for text in texts)
    assert texts[0](items[0].day) is texts[0](items[-1].day)


def test_changed_publications_keep_what_is_not_changed() -> None:
    items = [i for i in publications(COUNTRY, COUNTRY.places[0], ALL) if isinstance(i, PublishedReport)]
    for item in (items[0], next(i for i in items if i.files and not i.only_attached)):
        other = changed_figures(item)
        different = {name for name, value in item.sample.figures.items() if other.sample.figures[name] != value}
        assert different == {"disclosure.penalties.decisions"}
        assert (other.number, other.title, other.published_at, other.agency_id) == (
            item.number,
            item.title,
            item.published_at,
            item.agency_id,
        )
        assert other.body(item.day) != item.body(item.day)
        assert [file.name for file in other.files] == [file.name for file in item.files]
        assert all(new.make() != old.make() for new, old in zip(other.files, item.files, strict=True))
        renamed = changed_title(item)
        assert renamed.title == f"{item.title}（更新）" and renamed.number == item.number
