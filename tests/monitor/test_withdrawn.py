"""Withdrawn: gone from the portal, and not from its address alone; and everything near it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Finding
from monitor.judging.season import CopySeen, Gone, Look, Publication, Season
from tests.monitor.seasons_made import (
    AGENCY,
    LIST,
    ME,
    MORE,
    NEWS,
    PAGE,
    PEER,
    THERE,
    YEAR,
    feb,
    one,
    publication,
    read,
    season,
)

BYTES = "ab" * 32
FILE = "https://www.example.gov.cn/nb/jyj.pdf"
SHOWN = [read(feb(day), THERE) for day in (1, 5)]
EMPTY = [read(feb(day), NEWS) for day in (12, 13, 14)]


def looks(*days: int, url: str = PAGE, outcome: str = "gone", before: bool = True) -> tuple[Look, ...]:
    good = [Look(url, "detail", feb(day), "ok", 200, BYTES) for day in (2, 6)] if before else []
    return (*good, *(Look(url, "detail", feb(day, 11), outcome, 404, None) for day in days))


def gone(**changes) -> Gone:
    values = {
        "since": feb(12, 11), "alive": 12, "listed_before": 20, "listed_still": 20, "kept": frozenset([BYTES]),
        "is_searched": True,
    }  # fmt: skip
    return Gone(**values | changes)


def there(**changes) -> Publication:
    return publication(feb(2), **{"owner": ME, "looks": looks(12, 13, 14), "last_seen_at": feb(6)} | changes)


def withdrawn(reads=None, publications=None, **changes) -> Season:
    known = {"gone": gone()} | changes
    return season([*SHOWN, *EMPTY] if reads is None else reads, publications or [there()], **known)


def said(made: Season) -> tuple[str, str] | None:
    found = one(made, "withdrawn")
    return found and (found.severity, found.certainty)


def test_gone_from_address_and_lists_on_three_days() -> None:
    found = one(withdrawn(), "withdrawn")
    assert isinstance(found, Finding)
    assert (found.severity, found.certainty, found.told, found.confirmed) == ("error", "certain", True, True)
    assert f"曾载于{PAGE}，末次见到为2024年2月6日10时00分（北京时间）" in found.sentence_zh
    assert "至少3个不同日期" in found.sentence_zh and "该报告可能载于别处" in found.sentence_zh
    kinds = ["shown_at" in p["place"] or "looked_at" in p["place"] or "read_at" in p["place"] for p in found.places]
    assert all(kinds) and len(found.places) == 1 + 3 + 3
    assert found.places[0]["sha256"] == BYTES


@pytest.mark.parametrize("outcome", ["blocked", "failed", "unknown", "empty"])
def test_what_did_not_answer_plainly_is_no_evidence(outcome: str) -> None:
    assert said(withdrawn(publications=[there(looks=looks(12, 13, 14, outcome=outcome))])) is None
    mixed = (*looks(12, 13), *looks(14, outcome=outcome, before=False))
    assert said(withdrawn(publications=[there(looks=mixed)])) is None
    bad = [replace(r, good=False, complete=False) if r.at == feb(14) else r for r in [*SHOWN, *EMPTY]]
    assert said(withdrawn(bad)) is None


def test_two_days_are_not_enough() -> None:
    assert said(withdrawn(publications=[there(looks=looks(12, 13))])) is None
    assert said(withdrawn(publications=[there(looks=(*looks(12, 13), *looks(13, before=False)))])) is None
    assert said(withdrawn([*SHOWN, *EMPTY[:2]])) is None


def test_gone_from_its_address_and_still_listed_or_from_the_list_and_still_there() -> None:
    assert said(withdrawn([*SHOWN, *EMPTY[:2], read(feb(14), THERE)])) is None
    assert said(withdrawn(publications=[there(looks=looks())])) is None  # a list of the newest rows lets it go


def test_every_column_that_could_carry_it_is_read() -> None:
    more = [read(feb(day), NEWS, MORE) for day in (12, 13, 14)]
    assert said(withdrawn([*SHOWN, *EMPTY, *more], columns=[LIST, MORE])) == ("error", "certain")
    assert said(withdrawn([*SHOWN, *EMPTY, *more[:2]], columns=[LIST, MORE])) is None
    moved = [*more[:2], read(feb(14), THERE, MORE)]
    assert said(withdrawn([*SHOWN, *EMPTY, *moved], columns=[LIST, MORE])) is None
    assert said(withdrawn([*SHOWN, *EMPTY, moved[-1]])) is None  # the portal's file names that list no more


def test_a_list_that_shows_nobody_else_bears_no_witness() -> None:
    assert said(withdrawn([*SHOWN, *(read(feb(day), ()) for day in (12, 13, 14))])) is None
    assert said(withdrawn([*SHOWN, *EMPTY[:2], read(feb(14), {(PEER, YEAR - 1)})])) is None


def test_found_elsewhere() -> None:
    other = there(url=PAGE + "?2", page_url=PAGE + "?2", looks=looks(url=PAGE + "?2"))
    assert said(withdrawn(publications=[there(), other])) is None
    assert said(withdrawn(publications=[there(), replace(other, looks=())])) is None  # nobody has looked
    both_gone = replace(other, looks=looks(12, 13, 14, url=other.url))
    assert said(withdrawn(publications=[there(), both_gone])) == ("error", "certain")
    copy = CopySeen("other-portal", "https://other.example/x.html", feb(1), is_gone=False)
    assert said(withdrawn(gone=gone(copies=(copy,)))) is None
    assert said(withdrawn(gone=gone(copies=(copy._replace(is_gone=True),)))) == ("error", "certain")
    added = publication(feb(3), source="added", url="https://other.example/x.html", owner=ME, looks=())
    assert said(withdrawn(publications=[there(), added])) == ("error", "certain")  # put in by a person before
    assert said(withdrawn(publications=[there(), replace(added, last_seen_at=feb(15))])) is None


def test_a_file_goes_and_its_page_stays() -> None:
    file = there(url=FILE, page_url=PAGE, looks=looks(12, 13, 14, url=FILE))
    page = looks(12, 13, 14, url=PAGE)
    assert said(withdrawn(publications=[replace(file, looks=(*file.looks, *page))])) == ("error", "certain")
    still = looks(12, 13, 14, url=PAGE, outcome="ok")
    assert said(withdrawn(publications=[replace(file, looks=(*file.looks, *still))])) is None


def test_redesign() -> None:
    assert said(withdrawn(gone=gone(gone_with=3, alive=11))) is None
    assert said(withdrawn(gone=gone(gone_with=2, alive=8))) == ("error", "certain")
    assert said(withdrawn(gone=gone(alive=0, listed_still=9))) is None
    assert said(withdrawn(gone=gone(listed_still=15))) == ("warning", "likely")


def test_reform_and_mention() -> None:
    assert said(withdrawn(is_reformed=True)) is None
    assert said(withdrawn(gone=gone(is_mentioned=True))) is None


def test_what_leaves_a_doubt() -> None:
    for doubt, made in {
        "原件未留存": withdrawn(gone=gone(kept=frozenset())),
        "未能全部检索": withdrawn(gone=gone(is_searched=False)),
        "未能读取": withdrawn(publications=[there(kind="image-only", owner=None)]),
        "未能辨明": withdrawn([replace(r, unresolved=frozenset([YEAR])) for r in (*SHOWN, *EMPTY)]),
    }.items():
        found = one(made, "withdrawn")
        assert found and (found.severity, found.certainty) == ("warning", "likely") and doubt in found.sentence_zh


@pytest.mark.parametrize("may_be", [{"unresolved": frozenset([YEAR])}, {"mistitled": frozenset([(ME, YEAR)])}])
def test_what_came_to_be_listed_since_and_may_be_it(may_be: dict[str, frozenset]) -> None:
    assert said(withdrawn([*SHOWN, *EMPTY[:2], replace(EMPTY[2], **may_be)])) is None


def test_all_reports_of_a_body_went_together() -> None:
    left = [read(feb(day), NEWS - {(ME, YEAR - 1)}) for day in (12, 13, 14)]
    assert said(withdrawn([*SHOWN, *left])) is None  # merged, and the register does not know it yet
    assert said(withdrawn([*SHOWN, *left[:2], EMPTY[2]])) == ("error", "certain")


def test_the_report_of_a_body_that_stands_in_is_its_own_affair() -> None:
    assert said(withdrawn(publications=[there(owner=PEER)])) is None


def test_without_a_duty_it_is_withdrawn_all_the_same() -> None:
    assert said(withdrawn(agency=replace(AGENCY, duty="no_date", duty_source=""))) == ("error", "certain")


@given(
    days=st.lists(st.integers(12, 40), min_size=3, max_size=9),
    reads=st.lists(st.integers(12, 40), min_size=3, max_size=9),
    after=st.integers(1, 5),
    in_list=st.booleans(),
    outcome=st.sampled_from(["ok", "unchanged"]),
)
def test_one_more_look_that_shows_it_always_silences(
    days: list[int], reads: list[int], after: int, in_list: bool, outcome: str
) -> None:
    days, reads = sorted(days), sorted(reads)
    last = max(*days, *reads) + after
    absent = [read(feb(day), NEWS) for day in reads]
    made = {"gone": gone(since=feb(days[0], 11)), "now": feb(last + 1)}
    if in_list:
        assert said(withdrawn([*SHOWN, *absent, read(feb(last), THERE)], [there(looks=looks(*days))], **made)) is None
    else:
        seen = Look(PAGE, "detail", feb(last) + timedelta(hours=2), outcome, 200, BYTES)
        assert said(withdrawn([*SHOWN, *absent], [there(looks=(*looks(*days), seen))], **made)) is None
