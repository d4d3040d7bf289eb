"""Dated after the deadline, and dated before it was there: what the page prints against what the lists showed."""

from dataclasses import replace
from datetime import date

import pytest

from monitor.judging.lateness import reads_to_search
from monitor.judging.season import Look, NoticeClaim
from parsers.report import DateCandidate
from tests.monitor.seasons_made import (
    AGENCY,
    EARLY,
    LIST,
    MORE,
    NEWS,
    PAGE,
    THERE,
    YEAR,
    at,
    feb,
    found,
    one,
    printed,
    publication,
    read,
    season,
    story,
)

# Nothing was read between the deadline and the report.
UNSEEN = story(absent=[])
# Dated Tuesday 30 January; the working day after is the 31st, and nothing showed it on three days after that.
SAID = publication(dates=(printed("2024-01-30", "page label"),))


def test_a_printed_date_after_the_deadline_alone_is_a_notice() -> None:
    finding = one(season(UNSEEN), "dated-after-deadline")
    assert finding is not None
    assert (finding.severity, finding.certainty, finding.basis, finding.told) == (
        "notice",
        "certain",
        "observation",
        True,
    )
    assert (finding.observed, finding.expected) == ("2024-02-06", "2024-01-31")
    assert "本身不说明该报告首次公布于何日" in finding.sentence_zh
    assert [f.rule for f in found(season(UNSEEN))] == ["dated-after-deadline"]


def test_before_our_first_visit_it_is_shown_and_not_sent() -> None:
    finding = one(season(UNSEEN[2:]), "dated-after-deadline")
    assert finding is not None
    assert not finding.told


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(season(), id="it was seen to be absent: late"),
        pytest.param(season(UNSEEN, [publication(dates=())]), id="no date"),
        pytest.param(season(UNSEEN, [publication(dates=(printed("2024-01-31"),))]), id="the last day"),
        pytest.param(
            season(UNSEEN, [publication(dates=(printed("2024-02-06"), printed("2024-01-30", "metadata")))]),
            id="another date in time",
        ),
        pytest.param(
            season(UNSEEN, [publication(url="https://www.example.gov.cn/t20240130_1.html")]), id="its address"
        ),
        pytest.param(season([*UNSEEN, read(feb(0, 12), THERE)]), id="seen in time"),
        pytest.param(season(UNSEEN, [publication(feb(-2))]), id="listed in time"),
        pytest.param(season(UNSEEN, [publication(dates=(printed("2025-06-01"),))]), id="more than a year after"),
        pytest.param(
            season(UNSEEN, [publication(dates=(DateCandidate("signed", "2024-02-06", "signature"),))]), id="signed only"
        ),
        pytest.param(season(UNSEEN, agency=replace(AGENCY, duty="no_date")), id="no deadline"),
        pytest.param(season(UNSEEN, []), id="nothing there"),
    ],
)
def test_no_notice(made) -> None:
    assert one(made, "dated-after-deadline") is None


def test_a_date_up_to_the_first_working_day_after_a_day_off_is_nothing() -> None:
    """Due on Sunday 31 March 2024."""
    government = replace(AGENCY, id="320800:人民政府", name="临江市人民政府", duty="art49_government")
    reads = [read(at(date(2024, 3, 30)), EARLY), read(at(date(2024, 4, 8)), NEWS | {(government.id, YEAR)})]
    for day, said in (("2024-04-01", False), ("2024-04-02", True)):
        made = season(
            reads, [publication(reads[1].at, dates=(printed(day),))], agency=government, now=at(date(2024, 5, 1))
        )
        assert (one(made, "dated-after-deadline") is not None) is said


def test_backdated() -> None:
    made = season(publications=[SAID])
    finding = one(made, "backdated")
    assert finding is not None
    assert (finding.severity, finding.certainty, finding.told) == ("warning", "likely", True)
    assert (finding.observed, finding.expected) == ("2024-01-30", "2024-02-06")
    assert "所标发布日期为2024年1月30日" in finding.sentence_zh
    assert "至少3次（分布于至少3天）" in finding.sentence_zh
    assert [f.rule for f in found(made)] == ["backdated"]
    assert len(reads_to_search(replace(made, absence=replace(made.absence, searched=False)))) == 4


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(season(publications=[publication()]), id="dated when it came"),
        pytest.param(season(story(absent=[1, 2]), [SAID]), id="three working days"),
        pytest.param(
            season(publications=[publication(dates=(DateCandidate("signed", "2024-01-20", "signature"),))]),
            id="signed in time",
        ),
        pytest.param(
            season(publications=[publication(dates=(), url="https://www.example.gov.cn/t20240130_1.html")]),
            id="the address alone",
        ),
        pytest.param(
            season(publications=[publication(dates=(printed("2024-01-30"), printed("2024-02-06", "metadata")))]),
            id="another date says otherwise",
        ),
        pytest.param(season(publications=[publication(dates=(printed("2023-06-01"),))]), id="before the year was over"),
        pytest.param(season(story(absent=[2]), [SAID]), id="one read"),
        pytest.param(season([*story(absent=[2]), read(feb(2, 18), NEWS)], [SAID]), id="one day"),
        pytest.param(
            season(story(absent=[1, 2]), [publication(dates=(printed("2024-01-31"),))]), id="the working day after"
        ),
        pytest.param(season([read(r.at, EARLY) if r.at < feb(6) else r for r in story()], [SAID]), id="no news"),
        pytest.param(season([*story(), read(feb(0, 12), THERE)], [SAID]), id="seen in time"),
        pytest.param(
            season([*story(), read(feb(2, 8), THERE)], [publication(feb(2, 8), dates=SAID.dates)]), id="came earlier"
        ),
        pytest.param(
            season(publications=[SAID, publication(feb(-1), source="added", listed_at=None, dates=())]), id="elsewhere"
        ),
        pytest.param(
            season(
                publications=[publication(dates=SAID.dates, looks=(Look(PAGE, "detail", feb(0), "gone", 404, None),))]
            ),
            id="the address was known",
        ),
        pytest.param(season(publications=[SAID], columns=[LIST, MORE]), id="a column was not read"),
        pytest.param(season(publications=[SAID], searched=False), id="not searched"),
        pytest.param(season(story()[2:], [SAID]), id="not watched before"),
        pytest.param(
            season([*story(), read(feb(0, 12), (), good=False), read(feb(1, 8), (), good=False)], [SAID]),
            id="an outage",
        ),
        pytest.param(
            season(
                publications=[SAID],
                claims=(NoticeClaim("https://a.example/", "cd" * 32, feb(9), "教育局", True, None, feb(4)),),
            ),
            id="a notice",
        ),
        pytest.param(season(publications=[SAID], is_reformed=True), id="reorganised"),
        pytest.param(season(publications=[SAID], agency=replace(AGENCY, duty="no_date")), id="no deadline"),
    ],
)
def test_not_backdated(made) -> None:
    assert one(made, "backdated") is None


def test_backdated_by_a_single_look_is_shown_and_not_told() -> None:
    finding = one(season(story(there=[6]), [replace(SAID, looks=SAID.looks[:1])]), "backdated")
    assert finding is not None
    assert (finding.confirmed, finding.told) == (False, False)
