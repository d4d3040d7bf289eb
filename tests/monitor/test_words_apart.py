"""The words to keep apart: of each, the case that is, and the nearest that is not. The tests of each rule have the
rest of what comes near."""

from dataclasses import replace
from datetime import date

from monitor.config import Thresholds
from monitor.judging.absence import Held, State
from monitor.judging.arrival import arrival_of, claimed_days
from monitor.judging.case import Case
from monitor.judging.season import NoticeClaim, Season
from monitor.rules import judge_case, rules
from parsers.report import PRINTED, REALIGNED, DateCandidate
from tests.monitor.judged import judged, quiet_sample
from tests.monitor.seasons_made import (
    AGENCY,
    CAME,
    EARLY,
    NEWS,
    THERE,
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

FIRST = read(at(date(2024, 1, 15)), EARLY)
# Thursday, Monday, Tuesday: with the Sunday between them, which was worked, five working days.
ABSENT = [FIRST, *(read(feb(day), NEWS) for day in (1, 5, 6))]
MISFIT = {"challenges.litigation_direct.total": 77}
TOWN = replace(AGENCY, duty="no_date", duty_source="")


def missing(reads: list = ABSENT, **changes) -> Season:
    return season(reads, [], **changes)


def said(made: Season) -> list[tuple[str, str, str, bool]]:
    return [(finding.rule, finding.severity, finding.certainty, finding.told) for finding in found(made)]


def test_missing_and_overdue_unconfirmed() -> None:
    assert said(missing()) == [("missing", "error", "certain", True)]
    # The third read is a working day earlier.
    assert said(missing([FIRST, *(read(feb(day), NEWS) for day in (1, 2, 5))])) == [
        ("overdue-unconfirmed", "notice", "doubtful", False)
    ]


def test_overdue_and_not_yet_due() -> None:
    assert said(missing(now=feb(1, 12))) == [("overdue-unconfirmed", "notice", "doubtful", False)]
    assert said(missing(now=feb(0, 23))) == []  # the deadline's day is not over in Beijing


def test_missing_and_unknown() -> None:
    """An agency that is silent, and a portal that is blocked."""
    blocked = [replace(r, good=False) if r.at > feb(0) else r for r in ABSENT]
    assert missing(blocked).absence.state is State.UNKNOWN
    assert said(missing(blocked)) == []


def test_missing_and_published_unread() -> None:
    assert said(missing(held=Held.UNREAD)) == [("published-unread", "notice", "certain", False)]
    listed = [*ABSENT, read(feb(7), THERE)]
    assert said(missing(listed)) == [("published-unread", "notice", "certain", False)]
    read_well = season([*ABSENT, read(feb(7), THERE)], [publication(feb(7))])
    assert "published-unread" not in [finding.rule for finding in found(read_well)]


def test_missing_and_not_found_so_far() -> None:
    so_far = missing(agency=TOWN)
    assert said(so_far) == [("not-found-so-far", "notice", "likely", False)]
    finding = one(so_far, "not-found-so-far")
    assert finding is not None
    assert finding.sentence_zh == (
        "截至2024年2月6日10时00分（北京时间），在下列已读取的栏目尚未查到临江市教育局2023年政府信息公开工作年度报告："
        "政府信息公开年报 https://www.example.gov.cn/nb/。"
    )
    assert finding.expected is None
    # Nothing was read: that is unknown, and not even that is said.
    assert said(missing([], agency=TOWN)) == []


def test_missing_and_a_question() -> None:
    """An authority's own list says that it is published: no accusation."""
    claim = NoticeClaim("https://www.example.gov.cn/tb", "cd" * 32, feb(5), "教育局", True, None)
    assert one(missing(claims=(claim,)), "missing").told is False
    assert one(missing(claims=(claim._replace(has_published=False),)), "missing").told is True


def test_late_and_missing() -> None:
    assert said(season()) == [("late", "error", "certain", True)]
    assert said(missing()) == [("missing", "error", "certain", True)]


def test_late_and_dated_after_the_deadline() -> None:
    """Read absent, then present; or a date on a page alone."""
    assert [finding.rule for finding in found(season())] == ["late"]
    assert said(season(story(absent=[]))) == [("dated-after-deadline", "notice", "certain", True)]


def test_late_and_a_deadline_before_our_first_visit() -> None:
    assert said(season(story()[2:])) == [("late", "notice", "likely", False)]


def test_late_and_in_time() -> None:
    last_minute = [read(feb(0, 23, 59), THERE), *(r for r in story() if r.at >= CAME)]
    assert said(season(last_minute, [publication(feb(0, 23, 59))])) == []
    first_minute = [*(r for r in story() if r.at < CAME), *(read(feb(day), THERE) for day in (6, 7))]
    assert [finding.rule for finding in found(season(first_minute))] == ["late"]


def test_signed_published_and_first_seen() -> None:
    """Three dates: in the text, of the page, and ours."""
    signed = DateCandidate("signed", "2024-01-20", "signature", "2024年1月20日")
    made = season(publications=[publication(dates=(signed, printed("2024-02-05", "page label")))])
    assert claimed_days(made) == [date(2024, 2, 5)]
    arrival = arrival_of(made)
    assert arrival is not None
    assert arrival.day == date(2024, 2, 6)
    late = one(made, "late")
    assert late is not None
    assert late.observed == "2024-02-06"  # what we saw, not what is printed
    assert "页面或栏目所标发布日期为2024年2月5日" in late.sentence_zh
    # The same day as one of publication, and not of signing, is a claim that it was in time.
    published = replace(made, publications=(publication(dates=(printed("2024-01-20", "page label"),)),))
    assert [finding.rule for finding in found(published)] == ["backdated"]


def test_severity_certainty_and_kind() -> None:
    """How bad, how sure, and what sort: one changes without the others."""
    certain, likely = one(missing(), "missing"), one(missing(searched=False), "missing")
    assert (certain.severity, certain.kind, certain.certainty) == ("error", "time", "certain")
    assert (likely.severity, likely.kind, likely.certainty) == ("error", "time", "likely")
    notice = one(season(story(absent=[])), "dated-after-deadline")
    assert (notice.severity, notice.kind, notice.certainty) == ("notice", "time", "certain")
    assert {rule.kind for rule in rules().values()} <= {
        "identity", "narrative", "text", "form", "time", "change", "oddity"
    }  # fmt: skip


def test_an_agencys_error_and_a_reading_doubt() -> None:
    """The same figures: printed so they break an identity; put right by our reader they are a doubt, told to nobody."""
    printed_so, ours = (
        [
            (finding.rule, finding.severity, finding.certainty, finding.told)
            for finding in judge_case(Case(judged(quiet_sample(), MISFIT, how=how)), Thresholds())
        ]
        for how in (PRINTED, REALIGNED)
    )
    assert printed_so == [("challenges-total", "error", "certain", True)]
    assert ours == [("challenges-total", "error", "doubtful", False)]
