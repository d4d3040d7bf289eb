"""Late: the case that is, and what looks like it and is innocent, unclear or our own limit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.local_rules import LocalRule, LocalRules
from monitor.judging.absence import Column, Held, Lack
from monitor.judging.arrival import arrival_of
from monitor.judging.lateness import Doubt, lateness, reads_to_search, with_search
from monitor.judging.season import Look, NoticeClaim, Season
from parsers.report import DateCandidate
from tests.monitor.seasons_made import (
    AGENCY,
    EARLY,
    LIST,
    ME,
    MORE,
    NEWS,
    OTHER,
    PAGE,
    PEER,
    THERE,
    THIRD,
    YEAR,
    Key,
    at,
    feb,
    one,
    printed,
    publication,
    read,
    season,
    story,
)

UNDATED = publication(dates=())
MANY: frozenset[Key] = frozenset((f"320800:某{number}局", YEAR) for number in range(30))


def certainty(made: Season) -> str | None:
    finding = one(made, "late")
    return finding.certainty if finding else None


def doubts(made: Season) -> tuple[Doubt, ...] | None:
    found = lateness(made, made.absence.duty)
    return found.doubts if found else None


def test_late() -> None:
    finding = one(season(), "late")
    assert finding is not None
    assert (finding.severity, finding.certainty, finding.basis) == ("error", "certain", "art49_department")
    assert (finding.told, finding.confirmed) == (True, True)
    assert (finding.observed, finding.expected) == ("2024-02-06", "2024-01-31")
    assert finding.sentence_zh == (
        "依据《中华人民共和国政府信息公开条例》（2019年修订）第四十九条第一款，临江市教育局2023年政府信息公开工作年度报告"
        "应于2024年1月31日前（含当日）向社会公布。自2024年2月1日至2024年2月5日10时00分（北京时间），下列栏目各被完整读取至少3次"
        "（分布于至少3天），均未查到该报告：政府信息公开年报 https://www.example.gov.cn/nb/；"
        "同一栏目同期载有其他2个机关的2023年年度报告。2024年2月6日10时00分首次在该网站查到，此时期限已过6天"
        "（其中休息日、节假日1天）。页面或栏目所标发布日期为2024年2月6日。"
        "本提示仅说明上述栏目在上述时间的情形，该报告此前可能载于别处。"
    )
    assert "6 days after the deadline (1 of them weekends or public holidays)" in finding.sentence_en
    assert [place["place"].get("read_at") for place in finding.places] == [
        *(feb(day).isoformat() for day in (1, 2, 5)),
        None,
    ]
    assert finding.places[-1]["sha256"] == "ab" * 32


def test_one_read_is_enough_where_the_page_says_so_too() -> None:
    assert certainty(
        season(story(absent=[1], there=[2, 5]), [publication(feb(2), dates=(printed("2024-02-02"),))])
    ) == ("certain")
    assert doubts(season(story(absent=[1]), [UNDATED])) == (Doubt.FEW_READS, Doubt.NO_NEWS)


def test_without_a_printed_date_the_list_must_have_had_news() -> None:
    assert certainty(season(story(), [UNDATED])) == "certain"
    still = [read(feb(day), EARLY) for day in (-3, 0, 1, 2, 5)] + [read(feb(day), THERE) for day in (6, 7)]
    assert doubts(season(still, [UNDATED])) == (Doubt.NO_NEWS,)
    assert certainty(season(still)) == "certain"


def test_a_single_look_is_shown_and_not_told() -> None:
    once = publication(looks=publication().looks[:1])
    finding = one(season(story(there=[6]), [once]), "late")
    assert finding is not None
    assert (finding.confirmed, finding.told) == (False, False)
    assert one(season(story(there=[6])), "late").confirmed
    assert one(season(publications=[once]), "late").confirmed
    # Two lists of one crawl are one look.
    both = story(there=[6]) + story(there=[6], column=MORE)
    assert not one(season(both, [once], columns=[LIST, MORE]), "late").confirmed


IN_TIME = feb(0, 23)
SILENT = {
    "a list showed it in time": season([*story(), read(feb(0, 12), THERE)]),
    "a read that was no good for anything else did": season([*story(), read(feb(0, 12), THERE, good=False)]),
    "a list that is not watched any more did": season([*story(), read(feb(-1), THERE, Column("https://old.example/"))]),
    "listed in the last hour": season(publications=[publication(listed_at=IN_TIME)]),
    "another portal had it in time": season(
        publications=[publication(), publication(IN_TIME, source="city", url=PAGE + "2")]
    ),
    "a scan was there in time": season(
        publications=[publication(IN_TIME, url=PAGE + "2", kind="image-only"), publication()]
    ),
    "a person added it in time": season(
        publications=[publication(), publication(IN_TIME, source="added", listed_at=None)]
    ),
    "a person added it before its list showed it": season(
        publications=[publication(), publication(feb(2), source="added", listed_at=None)]
    ),
    "its address was known in time": season(
        publications=[publication(looks=(Look(PAGE, "detail", IN_TIME, "failed", None, None),))]
    ),
    "its page says that it was in time": season(
        publications=[publication(dates=(printed("2024-01-30", "page label"),))]
    ),
    "the last day is in time": season(publications=[publication(dates=(printed("2024-01-31"),))]),
    "its list says so": season(publications=[publication(dates=(), listed_on="2024-01-31")]),
    "no read between": season(story(absent=[])),
    "read on the last day": season(story(absent=[0])),
    "a blocked read": season([r if r.at not in (feb(1), feb(2), feb(5)) else replace(r, good=False) for r in story()]),
    "not all pages": season(
        [r if r.at not in (feb(1), feb(2), feb(5)) else replace(r, complete=False) for r in story()]
    ),
    "another column was not read": season(columns=[LIST, MORE]),
    "nothing bears witness": season([r if r.at > feb(5) else replace(r, seen=frozenset()) for r in story()]),
    "what may be it was listed": season(
        [replace(r, unresolved=frozenset({YEAR})) if r.at == feb(2) else r for r in story()]
    ),
    "what may be it was listed before": season(
        [replace(r, unresolved=frozenset({None})) if r.at == feb(0) else r for r in story()]
    ),
    "listed under a name nobody knows": season(
        [replace(r, strangers=frozenset({("临江市教育和体育局", YEAR)})) if r.at == feb(1) else r for r in story()]
    ),
    "named in the bytes of the lists": season(lacking=(Lack.MENTIONED,)),
    "a notice of before says that it is there": season(
        claims=(NoticeClaim("https://www.example.gov.cn/tb", "cd" * 32, feb(9), "教育局", True, None, feb(-1)),)
    ),
    "no source for the duty": season(agency=replace(AGENCY, duty_source="")),
    "no date": season(agency=replace(AGENCY, duty="no_date")),
    "no duty": season(agency=replace(AGENCY, duty="none")),
    "did not exist": season(agency=replace(AGENCY, from_year=YEAR + 1)),
    "no list of its portal shows it": season([r for r in story() if r.at < feb(6)]),
    "its file has not come": season(publications=[], held=Held.UNREAD),
    "before the first working day is over": season(
        [read(feb(0), EARLY), read(feb(1, 8), NEWS), read(feb(1, 12), THERE)], [publication(feb(1, 12))], now=feb(1, 23)
    ),
    "a stale copy": season(
        [
            *(read(feb(day), EARLY | set(list(MANY)[:20])) for day in (-3, 0)),
            *(read(feb(day), EARLY | set(list(MANY)[:10])) for day in (1, 2)),
            *(read(feb(day), THERE | set(list(MANY)[:20])) for day in (6, 7)),
        ]
    ),
    "a filter that lets news through": season(
        [
            *(read(feb(day), EARLY | {(THIRD, 2022), (OTHER, 2021)}) for day in (-3, 0)),
            *(read(feb(day), NEWS) for day in (1, 2, 5)),
            *(read(feb(day), THERE | {(THIRD, 2022), (OTHER, 2021)}) for day in (6, 7)),
        ]
    ),
    "a filter that hides its earlier report": season(
        [replace(r, seen=r.seen - {(ME, YEAR - 1)}) if feb(0) < r.at < feb(6) else r for r in story()]
    ),
    "the newest rows only": season(
        [
            read(feb(-3), EARLY | set(sorted(MANY)[:10])),
            read(feb(0), EARLY | set(sorted(MANY)[5:15])),
            *(read(feb(day), EARLY | set(sorted(MANY)[15:25])) for day in (1, 2, 5)),
            read(feb(6), THERE | set(sorted(MANY)[20:30])),
        ]
    ),
    "a filter by place": season(
        [*(r for r in story() if r.at < feb(6)), *(read(feb(day), THERE | MANY) for day in (6, 7))], [UNDATED]
    ),
    "its earlier reports came with it": season(
        [
            *(read(feb(day), {(PEER, YEAR)}) for day in (-3, 0)),
            *(read(feb(day), {(PEER, YEAR), (OTHER, YEAR)}) for day in (1, 2, 5)),
            *(read(feb(day), THERE) for day in (6, 7)),
        ],
        [UNDATED],
    ),
    "a scan without a date": season(publications=[publication(dates=(), kind="image-only")], held=Held.UNREAD),
}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said(name: str) -> None:
    assert one(SILENT[name], "late") is None


UNCLEAR = {
    Doubt.OTHERS_UNWATCHED: season(story() + [r for r in story(column=MORE) if r.at > feb(0)], columns=[LIST, MORE]),
    Doubt.LONG_BEFORE: season([read(feb(-60), EARLY), *(r for r in story() if r.at > feb(0))]),
    Doubt.OUTAGE: season([*story(), read(feb(0, 12), (), good=False), read(feb(1, 8), (), good=False)]),
    Doubt.FEW_READS: season([r for r in story(absent=[1, 2]) if r.at != feb(1)], [UNDATED]),
    Doubt.TOGETHER: season([*(r for r in story() if r.at < feb(6)), *(read(feb(d), THERE | MANY) for d in (6, 7))]),
    Doubt.PRINTED: season(publications=[publication(dates=(printed("2024-02-06"), printed("2024-01-30", "metadata")))]),
    Doubt.ADDRESS: season(publications=[publication(url="https://www.example.gov.cn/nb/t20240130_12.html")]),
    Doubt.KNOWN_PAGE: season(
        publications=[
            publication(looks=(Look("https://www.example.gov.cn/nb/all.html", "detail", feb(-9), "ok", 200, None),))
        ]
    ),
    Doubt.NOTICE: season(
        claims=(NoticeClaim("https://www.example.gov.cn/tb", "cd" * 32, feb(9), "教育局", True, None, feb(4)),)
    ),
    Doubt.UNREAD: season(publications=[publication(kind="image-only")], held=Held.UNREAD),
    Doubt.SEARCH: season(searched=False),
    Doubt.REFORMED: season(is_reformed=True),
}


@pytest.mark.parametrize("doubt", UNCLEAR)
def test_what_is_unclear_is_likely_at_most_and_says_so(doubt: Doubt) -> None:
    assert doubts(UNCLEAR[doubt]) == (doubt,)
    finding = one(UNCLEAR[doubt], "late")
    assert finding is not None
    assert (finding.certainty, finding.severity) == ("likely", "warning")
    assert "尚有不明之处：" in finding.sentence_zh


def test_the_day_on_which_an_entry_was_made_is_unclear_and_a_signature_is_nothing() -> None:
    made = DateCandidate("signed", "2024-01-30", "page label", "生成日期：2024-01-30")
    signed = DateCandidate("signed", "2024-01-20", "signature", "2024年1月20日")
    assert doubts(season(publications=[publication(dates=(made, printed("2024-02-06")))])) == (Doubt.PRINTED,)
    assert doubts(season(publications=[publication(dates=(signed, printed("2024-02-06")))])) == ()


def test_a_notice_that_came_with_the_report_or_after_it_is_no_doubt() -> None:
    claim = NoticeClaim("https://www.example.gov.cn/tb", "cd" * 32, feb(9), "教育局", True, None, feb(6))
    assert doubts(season(claims=(claim,))) == ()
    assert doubts(season(claims=(claim._replace(first_seen_at=None),))) is None  # it may have been there in time
    assert doubts(season(claims=(claim._replace(has_published=False, first_seen_at=feb(-1)),))) == ()


def test_a_list_that_was_not_read_before_the_deadline() -> None:
    """The report may have come and gone before our first visit."""
    finding = one(season([r for r in story() if r.at > feb(0)]), "late")
    assert finding is not None
    assert (finding.severity, finding.certainty, finding.told) == ("notice", "likely", False)
    moved = [replace(r, column="https://www.example.gov.cn/old/") if r.at <= feb(0) else r for r in story()]
    assert one(season(moved), "late").severity == "notice"


def test_a_site_that_was_rebuilt_since_changes_nothing() -> None:
    """Its lists have other addresses now, and what was seen in the old ones stands."""
    new = Column("https://www.example.gov.cn/xxgk/nb/")
    after = [read(feb(20), THERE, new), read(feb(21), THERE, new)]
    assert certainty(season([*story(), *after], columns=[new])) == "certain"
    # What the old lists did not all show in the month before is not certain.
    half = [r for r in story(column=MORE) if r.at <= feb(0)]
    assert one(season([*story(), *half, *after], columns=[new]), "late") is None


def test_a_list_that_is_read_since_and_shows_it_too_may_have_shown_it_before() -> None:
    added = [read(feb(20), THERE, MORE), read(feb(21), THERE, MORE)]
    assert doubts(season([*story(), *added], columns=[LIST, MORE])) == (Doubt.OTHERS_UNWATCHED,)
    empty = [replace(r, seen=EARLY) for r in added]
    assert doubts(season([*story(), *empty], columns=[LIST, MORE])) == ()


def test_one_that_was_taken_down_and_put_back_is_no_stale_copy() -> None:
    with_third = [replace(r, seen=r.seen | {(THIRD, YEAR)}) if r.at != feb(2) else r for r in story()]
    assert certainty(season(with_third, [UNDATED])) == "certain"


@pytest.mark.parametrize("outcome", [True, False])
def test_a_bad_read_beside_good_ones_changes_nothing(outcome: bool) -> None:
    assert certainty(season([*story(), read(feb(1, 12), (), good=outcome, complete=False)])) == "certain"


def test_a_deadline_on_a_day_off() -> None:
    """Due on Sunday 31 March 2024; Monday 1 April is the first working day after it."""
    government = replace(AGENCY, id="320800:人民政府", name="临江市人民政府", duty="art49_government")
    key = (government.id, YEAR)

    def came(first: date, *absent: date, dated: date | None = None) -> Season:
        shown = [date(2024, 3, 28), date(2024, 3, 31), *absent]
        reads = [read(at(day), NEWS if number else EARLY) for number, day in enumerate(shown)]
        reads += [read(at(first + timedelta(days=number)), NEWS | {key}) for number in (0, 1)]
        pub = publication(at(first), dates=(printed((dated or first).isoformat()),))
        return season(reads, [pub], agency=government, now=datetime(2024, 5, 1, tzinfo=UTC))

    assert one(came(date(2024, 4, 1)), "late") is None
    notice = one(came(date(2024, 4, 2), date(2024, 4, 1)), "late")
    assert notice is None  # it may have come on the first working day, after the read
    inside = [read(at(date(2024, 3, 31)), EARLY), read(at(date(2024, 4, 1), 8), NEWS)]
    inside += [read(at(date(2024, 4, 1), 18), NEWS | {key}), read(at(date(2024, 4, 3)), NEWS | {key})]
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    in_grace = one(season(inside, [publication(inside[2].at, dates=())], agency=government, now=moment), "late")
    assert (in_grace.severity, in_grace.told) == ("notice", False)
    assert "该日为休息日或节假日，其后首个工作日为2024年4月1日。" in in_grace.sentence_zh
    late = one(came(date(2024, 4, 3), date(2024, 4, 1), date(2024, 4, 2)), "late")
    assert (late.severity, late.certainty) == ("error", "certain")
    behind = came(date(2024, 4, 3), date(2024, 4, 1), date(2024, 4, 2), dated=date(2024, 4, 1))
    assert one(behind, "late") is None  # by its own date it came on the first working day, and the list was behind
    assert "此时期限已过3天（其中休息日、节假日0天）" in late.sentence_zh
    assert "该日为休息日或节假日" in late.sentence_zh


def test_a_year_of_unknown_holidays_is_never_certain() -> None:
    first = date(2090, 2, 20)
    early, news = frozenset({(PEER, 2089)}), frozenset({(PEER, 2089), (OTHER, 2089)})
    days = (date(2090, 1, 30), date(2090, 2, 14), date(2090, 2, 15), date(2090, 2, 16))
    reads = [read(at(day), news if number > 1 else early) for number, day in enumerate(days)]
    reads += [read(at(first + timedelta(days=n)), news | {(ME, 2089)}) for n in (0, 1)]
    pub = publication(at(first), dates=(printed(first.isoformat()),))
    made = season(reads, [pub], year=2089, now=datetime(2090, 5, 1, tzinfo=UTC))
    assert doubts(made) == (Doubt.HOLIDAYS,)


LOCAL = LocalRules(
    [LocalRule("320800", "department", 2019, None, 1, 20, "临江市关于年度报告的通知", "https://www.example.gov.cn/tz")]
)
TOWNS = LocalRules(
    [LocalRule("320800", "township", 2019, None, 1, 31, "临江市关于年度报告的通知", "https://www.example.gov.cn/tz")]
)


def test_a_local_date_before_that_of_the_law_is_a_notice() -> None:
    reads = [read(feb(-15), EARLY), *(read(feb(day), NEWS) for day in (-9, -8))]
    reads += [read(feb(day), THERE) for day in (-5, -4)]
    pub = publication(feb(-5), dates=(printed("2024-01-26"),))
    finding = one(season(reads, [pub], local=LOCAL), "late")
    assert finding is not None
    assert (finding.severity, finding.basis, finding.expected) == ("notice", "local", "2024-01-20")
    assert "该报告未超过第四十九条的期限" in finding.sentence_zh
    assert "https://www.example.gov.cn/tz" in finding.sentence_zh
    assert one(season(reads, [pub]), "late") is None
    # What also missed that of the law is told by the law.
    assert one(season(local=LOCAL), "late").basis == "art49_department"
    assert one(season(reads, [replace(pub, dates=(printed("2024-01-19"),))], local=LOCAL), "late") is None


def test_a_body_with_a_local_date_alone() -> None:
    town = replace(AGENCY, duty="no_date", duty_source="", organ="township")
    finding = one(season(agency=town, local=TOWNS), "late")
    assert (finding.severity, finding.certainty, finding.basis) == ("warning", "certain", "local")
    assert "《临江市" not in finding.sentence_zh
    assert "第四十九条" not in finding.sentence_zh
    assert one(season(agency=town), "late") is None
    gone = season(
        [read(at(date(2024, 1, 15)), EARLY), *(read(feb(d), NEWS) for d in (1, 5, 6))], [], agency=town, local=TOWNS
    )
    missing = one(gone, "missing")
    assert (missing.severity, missing.basis) == ("warning", "local")
    assert "https://www.example.gov.cn/tz" in missing.sentence_zh


def test_what_is_searched_before_it_is_said() -> None:
    made = season(searched=False)
    assert [r.at for r in reads_to_search(made)] == [feb(0), feb(1), feb(2), feb(5)]
    assert certainty(with_search(made, is_mentioned=False, is_whole=True)) == "certain"
    assert certainty(with_search(made, is_mentioned=False, is_whole=False)) == "likely"
    assert certainty(with_search(made, is_mentioned=True, is_whole=True)) is None
    assert reads_to_search(SILENT["a list showed it in time"]) == ()


def test_a_report_of_long_ago_at_our_first_visit_is_nothing() -> None:
    reads = [read(at(date(2026, 5, day)), THERE) for day in (1, 2)]
    pub = publication(reads[0].at, dates=(printed("2024-02-06"),))
    assert one(season(reads, [pub], now=datetime(2026, 6, 1, tzinfo=UTC)), "late") is None


def test_a_list_that_served_old_copies_around_its_arrival() -> None:
    """It was there, and away, and there again: what was served before it came may have been as old."""
    undated = [publication(dates=())]
    assert one(season(story(), undated), "late") is not None
    for old in (NEWS, EARLY):  # without it alone; without all that is new
        flapping = [*story(there=(6, 8, 9)), read(feb(7), old)]
        assert one(season(flapping, undated), "late") is None
        dated = one(season(flapping), "late")  # its page says that it came after the deadline
        assert dated is not None and dated.certainty == "certain"


HOURS = st.integers(-20 * 24, 12 * 24)
SEEN = st.sampled_from([EARLY, NEWS, THERE, frozenset(), MANY])
MOSTLY = st.sampled_from([True] * 4 + [False])
READS = st.lists(
    st.builds(
        lambda hour, seen, good, complete, column: read(
            feb(0, 0) + timedelta(hours=hour), seen, column, good=good, complete=complete
        ),
        HOURS,
        SEEN,
        MOSTLY,
        MOSTLY,
        st.sampled_from([LIST, MORE]),
    ),
    max_size=3,
)
DAYS = st.dates(date(2024, 1, 20), date(2024, 2, 12)).map(date.isoformat)
DATES = st.lists(st.builds(printed, DAYS, st.sampled_from(["list", "page label", "metadata", "url"])), max_size=2).map(
    tuple
)
END = feb(1, 0)


@given(READS, DATES, DATES, HOURS, st.sampled_from(["linjiang", "added", None]), MOSTLY)
def test_never_certain_with_any_sign_that_it_was_in_time(
    further: list, dates: tuple, others: tuple, shown: int, source: str | None, is_whole: bool
) -> None:
    """Whatever happens beside a report that came late: what says that it was in time is heard."""
    moment = feb(0, 0) + timedelta(hours=shown)
    extra = publication(moment, source=source, listed_at=None, dates=others, url=PAGE + "x", looks=())
    both = [publication(dates=(printed("2024-02-06"), *dates)), *([extra] if source else [])]
    reads = [*story(), *further]
    made = season(reads, both, searched=is_whole)
    in_time = any((ME, YEAR) in r.seen and r.at < END for r in reads)
    in_time |= any(p.shown_at < END or any(one.day <= "2024-01-31" for one in p.dates) for p in both)
    finding = one(made, "late")
    if finding and finding.certainty == "certain":
        assert not in_time
        assert is_whole
        arrival = arrival_of(made)
        assert arrival is not None
        assert all((ME, YEAR) not in r.seen for r in reads if r.at < arrival.at)
        assert [r for r in reads if r.column == LIST.url and r.good and r.complete and END <= r.at < arrival.at]


@given(READS, st.integers(0, 20 * 24 - 1), st.sampled_from([LIST, MORE]), DATES)
def test_a_read_that_shows_it_in_time_always_silences(further: list, hours: int, column: Column, dates: tuple) -> None:
    shown = read(END - timedelta(hours=hours, minutes=1), THERE, column)
    made = season([*story(), *further, shown], [publication(dates=(*dates, printed("2024-02-06")))])
    for rule in ("late", "backdated", "dated-after-deadline", "missing"):
        assert one(made, rule) is None
