"""Missing or not: the case that is, and for each of its conditions the nearest that is not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Agency
from monitor.judging.absence import Absence, Column, Held, Lack, Read, State, judge
from tests.monitor.judged import absence_finding

YEAR = 2023  # due on Wednesday 31 January 2024; 1 February is a working day, the Spring Festival begins on the 10th
ME, PEER, OTHER = "320800:教育局", "320800:民政局", "320800:财政局"
AGENCY = Agency(
    ME, "临江市教育局", region_code="320800", duty="art49_department", duty_source="政府信息公开条例第四十九条"
)
LIST = Column("https://www.example.gov.cn/nb/", "政府信息公开年报")
TOWNS = Column("https://www.example.gov.cn/nb/xz/", "乡镇")
SHOWN = frozenset({(PEER, YEAR), (OTHER, YEAR), (PEER, YEAR - 1)})
# Thursday, Monday, Tuesday: with the Sunday between them, which was made up for the Spring Festival, five working days.
DAYS = (date(2024, 2, 1), date(2024, 2, 5), date(2024, 2, 6))
NOW = datetime(2024, 2, 8, tzinfo=UTC)


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a Beijing day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)


def reads(*days: date, seen: frozenset[tuple[str, int]] = SHOWN, column: Column = LIST, **kind: bool) -> list[Read]:
    return [Read(column.url, at(day), kind.get("good", True), kind.get("complete", True), seen) for day in days]


def judged(given_reads: list[Read], **changes) -> Absence:
    arguments = {"columns": [LIST], "held": Held.NOTHING, "now": NOW} | changes
    agency, year = arguments.pop("agency", AGENCY), arguments.pop("year", YEAR)
    return judge(agency, year, reads=given_reads, **arguments)


def test_missing() -> None:
    absence = judged(reads(date(2024, 1, 22), *DAYS))
    assert absence.state is State.MISSING
    assert absence.lacking == ()
    assert [read.at for read in absence.proof] == [at(day) for day in DAYS]
    assert absence.as_of == at(DAYS[-1])
    assert absence.watched_before_due


def test_an_earlier_report_of_this_agency_bears_witness_too() -> None:
    assert judged(reads(*DAYS, seen=frozenset({(ME, YEAR - 2)}))).state is State.MISSING


@pytest.mark.parametrize(
    ("given_reads", "lacking"),
    [
        pytest.param(reads(*DAYS[1:]), (Lack.READS, Lack.DAYS, Lack.SPAN), id="two reads"),
        pytest.param(reads(*DAYS[::2]) + reads(DAYS[2]), (Lack.DAYS,), id="two days only"),
        pytest.param(reads(DAYS[0], date(2024, 2, 2), DAYS[1]), (Lack.SPAN,), id="four working days"),
        pytest.param(reads(date(2024, 1, 31), *DAYS[1:]), (Lack.READS, Lack.DAYS, Lack.SPAN), id="read on the day due"),
        pytest.param(
            reads(*DAYS[:2]) + reads(DAYS[2], good=False), (Lack.READS, Lack.DAYS, Lack.SPAN), id="a blocked read"
        ),
        pytest.param(
            reads(*DAYS[:2]) + reads(DAYS[2], complete=False), (Lack.READS, Lack.DAYS, Lack.SPAN), id="not all pages"
        ),
        pytest.param(reads(*DAYS, seen=frozenset()), (Lack.PEERS,), id="an empty list"),
        pytest.param(reads(*DAYS, seen=frozenset({(PEER, YEAR - 1)})), (Lack.PEERS,), id="others' earlier reports"),
        pytest.param(reads(*DAYS, seen=frozenset({(ME, YEAR + 1)})), (Lack.PEERS,), id="its own later report"),
        pytest.param(
            reads(*DAYS[:2]) + reads(DAYS[2], seen=frozenset()), (Lack.PEERS,), id="a read that showed nothing"
        ),
        pytest.param(
            [*reads(*DAYS[:2]), replace(reads(DAYS[2])[0], unresolved=frozenset({YEAR}))],
            (Lack.UNRESOLVED,),
            id="a report that may be its own",
        ),
        pytest.param(
            [*reads(*DAYS[:2]), replace(reads(DAYS[2])[0], unresolved=frozenset({None}))],
            (Lack.UNRESOLVED,),
            id="a report of a year that cannot be told",
        ),
    ],
)
def test_nearly_missing(given_reads: list[Read], lacking: tuple[Lack, ...]) -> None:
    absence = judged(given_reads)
    assert (absence.state, absence.lacking) == (State.OVERDUE_UNCONFIRMED, lacking)


def test_weekend_reads_count_as_days_but_not_as_working_days() -> None:
    saturday = date(2024, 2, 3)
    assert judged(reads(DAYS[0], saturday, DAYS[1])).lacking == (Lack.SPAN,)
    assert judged(reads(DAYS[0], saturday, DAYS[2])).state is State.MISSING


def test_the_spring_festival_stretches_the_five_days() -> None:
    # 8, 9, 18 (a Sunday, worked) and 19 February are four working days in twelve.
    days = (date(2024, 2, 8), date(2024, 2, 9), date(2024, 2, 19))
    assert judged(reads(*days), now=at(date(2024, 2, 19), 12)).lacking == (Lack.SPAN,)
    days = (date(2024, 2, 8), date(2024, 2, 9), date(2024, 2, 20))
    assert judged(reads(*days), now=at(date(2024, 2, 20), 12)).state is State.MISSING


def test_no_source_for_the_duty() -> None:
    assert judged(reads(*DAYS), agency=replace(AGENCY, duty_source=" ")).lacking == (Lack.SOURCE,)


def test_an_announced_closure() -> None:
    assert judged(reads(*DAYS), closure="本栏目自2024年1月起停止更新").lacking == (Lack.CLOSURE,)


@pytest.mark.parametrize(("from_year", "to_year"), [(None, YEAR - 1), (YEAR + 1, None)])
def test_an_agency_that_did_not_exist(from_year: int | None, to_year: int | None) -> None:
    agency = replace(AGENCY, from_year=from_year, to_year=to_year)
    assert judged(reads(*DAYS), agency=agency).state is State.NOT_OWED
    agency = replace(AGENCY, from_year=from_year and YEAR, to_year=to_year and YEAR)
    assert judged(reads(*DAYS), agency=agency).state is State.MISSING


def test_who_owes_nothing_or_nothing_by_a_date() -> None:
    assert judged(reads(*DAYS), agency=replace(AGENCY, duty="none")).state is State.NOT_OWED
    undated = replace(AGENCY, duty="no_date")
    assert judged(reads(*DAYS), agency=undated).state is State.NOT_FOUND_SO_FAR
    assert judged([], agency=undated).state is State.UNKNOWN
    assert judged(reads(date(2023, 12, 1)), agency=undated, now=at(date(2023, 12, 31))).state is State.NOT_YET_DUE
    government = replace(AGENCY, duty="art49_government")
    assert judged(reads(*DAYS), agency=government).state is State.NOT_YET_DUE


def test_the_deadline_includes_its_whole_day_in_beijing() -> None:
    last = datetime(2024, 1, 31, 15, 59, tzinfo=UTC)
    assert judged(reads(date(2024, 1, 30)), now=last).state is State.NOT_YET_DUE
    after = judged(reads(date(2024, 1, 30)), now=last + timedelta(minutes=1))
    assert after.state is State.UNKNOWN  # nothing was read since


def test_nothing_before_the_end_of_the_first_working_day() -> None:
    # Due on Friday 31 January 2025, in the Spring Festival; the first working day after is Wednesday 5 February.
    shown = frozenset({(PEER, 2024)})
    early = reads(date(2025, 2, 1), date(2025, 2, 3), date(2025, 2, 5), seen=shown)
    before = judged(early, year=2024, now=at(date(2025, 2, 5), 23))
    assert before.lacking == (Lack.WORKING_DAY, Lack.SPAN)
    assert judged(early, year=2024, now=at(date(2025, 2, 6), 0)).lacking == (Lack.SPAN,)
    # The fifth working day is Monday the 10th, as Saturday the 8th is worked.
    full = early + reads(date(2025, 2, 10), seen=shown)
    assert judged(full, year=2024, now=at(date(2025, 2, 10), 12)).state is State.MISSING


def test_a_year_of_unknown_holidays_waits_longer() -> None:
    """As in 2090: nobody knows on what weekdays the Spring Festival falls, so eight of them may be days off."""
    shown = frozenset({(PEER, 2089)})

    def after(last: date) -> Absence:
        days = (date(2090, 2, 1), date(2090, 2, 2), last)
        return judged(reads(*days, seen=shown), year=2089, now=at(last, 12))

    assert after(date(2090, 2, 7)).lacking == (Lack.WORKING_DAY, Lack.SPAN)
    assert after(date(2090, 2, 16)).lacking == (Lack.SPAN,)
    assert after(date(2090, 2, 17)).state is State.MISSING


def test_blocked_or_unread_is_unknown() -> None:
    assert judged([]).state is State.UNKNOWN
    assert judged(reads(*DAYS, good=False)).state is State.UNKNOWN
    assert judged(reads(date(2024, 1, 22))).state is State.UNKNOWN
    assert judged(reads(*DAYS, column=TOWNS)).state is State.UNKNOWN
    later = judged(reads(*DAYS), now=at(DAYS[1], 12))  # what comes later is not known yet
    assert len(later.proof) == 2


def test_what_the_archive_holds() -> None:
    assert judged(reads(*DAYS), held=Held.REPORT).state is State.PRESENT
    assert judged([], held=Held.UNREAD).state is State.PUBLISHED_UNREAD
    assert judged(reads(*DAYS), held=Held.UNREAD).state is State.PUBLISHED_UNREAD


@pytest.mark.parametrize("kind", [{}, {"good": False}, {"complete": False}])
def test_once_listed_is_never_missing(kind: dict[str, bool]) -> None:
    listed = reads(date(2024, 2, 2), seen=SHOWN | {(ME, YEAR)}, **kind)
    assert judged(reads(*DAYS) + listed).state is State.PUBLISHED_UNREAD
    elsewhere = reads(date(2024, 2, 2), seen=frozenset({(ME, YEAR)}), column=TOWNS)
    assert judged(reads(*DAYS) + elsewhere).state is State.PUBLISHED_UNREAD


def test_every_column_that_could_carry_it_must_be_read() -> None:
    columns = [LIST, TOWNS]
    assert judged(reads(*DAYS), columns=columns).lacking == (Lack.UNREAD_COLUMN,)
    quiet = frozenset({(OTHER, 2019)})
    both = reads(*DAYS) + reads(*DAYS, column=TOWNS, seen=quiet)
    assert judged(both, columns=columns).state is State.MISSING
    assert judged(both[:-1], columns=columns).lacking == (Lack.READS, Lack.DAYS, Lack.SPAN)


def test_columns_of_another_year_or_agency_do_not_count() -> None:
    others = [replace(TOWNS, year=YEAR - 1), replace(TOWNS, url="https://a.example/", agency=PEER)]
    assert judged(reads(*DAYS), columns=[LIST, *others]).state is State.MISSING
    # The column of another year shows this agency's report of that year and says nothing of this one.
    only_old = reads(*DAYS, column=TOWNS, seen=frozenset({(ME, YEAR - 1)}))
    assert judged(only_old, columns=[replace(TOWNS, year=YEAR - 1)]).state is State.UNKNOWN


def test_where_its_reports_used_to_be_is_where_they_are_looked_for() -> None:
    """The list of towns is alive, but this agency was always on the other one, which now shows nothing."""
    columns = [LIST, TOWNS]
    empty = reads(*DAYS, seen=frozenset()) + reads(*DAYS, column=TOWNS)
    assert judged(empty, columns=columns).state is State.MISSING
    before = reads(date(2023, 6, 1), seen=frozenset({(ME, YEAR - 1)}))
    assert judged(before + empty, columns=columns).lacking == (Lack.PEERS,)


def test_a_list_that_lacks_what_it_showed_before_proves_nothing() -> None:
    """A filter, a stale copy, or a list of the newest rows."""
    others = frozenset((f"320800:某{number}局", YEAR - 1) for number in range(9))
    before = reads(date(2024, 1, 30), seen=SHOWN | others)
    assert judged(before + reads(*DAYS, seen=SHOWN | others)).state is State.MISSING
    assert judged(before + reads(*DAYS, seen=SHOWN | set(sorted(others)[2:]))).state is State.MISSING  # two are gone
    filtered = reads(*DAYS, seen=SHOWN | set(sorted(others)[3:]))
    assert judged(before + filtered).state is State.UNKNOWN
    # A filter that was set the day before the deadline passed is held against what was shown before it.
    early = reads(date(2024, 1, 20), seen=SHOWN | others) + reads(date(2024, 1, 31), seen=SHOWN)
    assert judged(early + reads(*DAYS)).state is State.UNKNOWN
    long_ago = reads(date(2023, 10, 1), seen=(SHOWN - {(OTHER, YEAR)}) | others) + reads(date(2024, 1, 31), seen=SHOWN)
    assert judged(long_ago + reads(*DAYS)).state is State.MISSING
    mended = reads(DAYS[-1], seen=SHOWN | others)
    assert judged(before + filtered[:-1] + mended).lacking == (Lack.READS, Lack.DAYS, Lack.SPAN, Lack.SHRUNK)


def test_what_was_missing_stays_so_when_the_site_is_rebuilt() -> None:
    new = replace(LIST, url="https://www.example.gov.cn/xxgk/nb/")
    before = reads(date(2024, 1, 22), *DAYS)
    later = {"columns": [new], "now": at(date(2024, 3, 2))}
    since = reads(date(2024, 3, 1), column=new)
    absence = judged(before + since, **later)
    assert (absence.state, absence.watched_before_due) == (State.MISSING, True)
    assert [column.url for column in absence.columns] == [new.url, LIST.url]
    assert absence.as_of == at(DAYS[-1])
    often = judged(
        before + since + reads(*(date(2024, 3, day) for day in (4, 5, 8)), column=new),
        **later | {"now": at(date(2024, 3, 9))},
    )
    assert (often.state, often.columns, often.watched_before_due) == (State.MISSING, (new,), True)
    # The new list was not read yet, shows it, or the old one had not been read often enough.
    assert judged(before, **later).state is State.UNKNOWN
    assert judged(before + reads(date(2024, 3, 1), column=new, seen=frozenset({(ME, YEAR)})), **later).state is (
        State.PUBLISHED_UNREAD
    )
    assert judged(before[:-1] + since, **later).state is State.OVERDUE_UNCONFIRMED
    # A list that was there before as well is no new one.
    both = before + since + reads(date(2024, 1, 22), column=new)
    assert judged(both, **later).state is State.OVERDUE_UNCONFIRMED


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from([False] * 9 + [True])),
        max_size=12,
        unique_by=lambda look: look[0],
    )
)
def test_missing_always_rests_on_what_it_claims(looks: list[tuple[int, bool, bool]]) -> None:
    """Whatever the reads: missing only with three good reads on three days, and never where it was seen."""
    start = date(2024, 1, 20)
    given_reads = [
        Read(LIST.url, at(start + timedelta(days=day)), good, True, SHOWN | ({(ME, YEAR)} if mine else set()))
        for day, good, mine in looks
    ]
    absence = judged(given_reads, now=at(date(2024, 3, 1)))
    assert absence == judged(given_reads[::-1], now=at(date(2024, 3, 1)))
    if absence.state is State.MISSING:
        assert not any(mine for _, _, mine in looks)
        assert len({read.at for read in absence.proof if read.good and read.at > at(date(2024, 2, 1), 0)}) >= 3
        assert absence.proof[-1].at - absence.proof[0].at >= timedelta(days=4)


def test_the_finding_of_a_missing_report() -> None:
    finding = absence_finding(replace(judged(reads(date(2024, 1, 22), *DAYS)), searched=True))
    assert finding is not None
    assert (finding.rule, finding.kind, finding.severity, finding.certainty) == ("missing", "time", "error", "certain")
    assert (finding.told, finding.expected, finding.agency_id) == (True, "2024-01-31", ME)
    assert finding.sentence_zh.startswith(
        "截至2024年2月6日10时00分（北京时间），在下列栏目未查到临江市教育局2023年政府信息公开工作年度报告："
        "政府信息公开年报 https://www.example.gov.cn/nb/。依据《中华人民共和国政府信息公开条例》（2019年修订）第四十九条第一款，"
        "该报告应于2024年1月31日前（含当日）向社会公布。自2024年2月1日至2024年2月6日，"
        "上述栏目各被完整读取至少3次（分布于至少3天），均未查到；同一栏目同期载有其他2个机关的2023年年度报告。"
    )
    assert "未公布" not in finding.sentence_zh
    assert finding.sentence_en.startswith(
        "As of 10:00 on 6 February 2024 (Beijing time), the annual report of 临江市教育局"
    )
    assert [place["place"]["read_at"] for place in finding.places] == [at(day).isoformat() for day in DAYS]


def test_before_our_first_visit_nothing_is_certain() -> None:
    finding = absence_finding(replace(judged(reads(*DAYS)), searched=True))
    assert finding is not None
    assert (finding.rule, finding.certainty) == ("missing", "likely")
    unsearched = absence_finding(judged(reads(date(2024, 1, 22), *DAYS)))
    assert unsearched is not None
    assert unsearched.certainty == "likely"
    blocked = judged(reads(date(2024, 1, 22), good=False) + reads(*DAYS))
    blocked_before = absence_finding(replace(blocked, searched=True))
    assert blocked_before is not None
    assert blocked_before.certainty == "likely"


def test_the_finding_says_that_the_deadline_was_a_holiday() -> None:
    days = (date(2025, 2, 5), date(2025, 2, 7), date(2025, 2, 11))
    absence = judged(reads(*days, seen=frozenset({(ME, 2023)})), year=2024, now=at(date(2025, 2, 12)))
    finding = absence_finding(absence)
    assert finding is not None
    assert "该日为休息日或节假日，其后首个工作日为2025年2月5日。" in finding.sentence_zh
    assert "同一栏目同期载有该机关2023年年度报告" in finding.sentence_zh
    assert "this agency's report for 2023" in finding.sentence_en


def test_what_is_shown_but_never_sent() -> None:
    overdue = absence_finding(judged(reads(*DAYS[:2])))
    assert overdue is not None
    assert (overdue.rule, overdue.severity, overdue.told) == ("overdue-unconfirmed", "notice", False)
    assert "完整读取不足3次；读取分布不足3天；首末两次读取之间不足5个工作日" in overdue.sentence_zh
    unread = absence_finding(judged([], held=Held.UNREAD))
    assert unread is not None
    assert (unread.rule, unread.told) == ("published-unread", False)
    assert "文件为扫描件" in unread.sentence_zh
    assert "the file is a scan" in unread.sentence_en


SAID = ("missing", "overdue_unconfirmed", "published_unread", "not_found_so_far")


@pytest.mark.parametrize("state", [s for s in State if s not in SAID])
def test_of_the_other_states_nothing_is_said(state: State) -> None:
    assert absence_finding(Absence(state, AGENCY, YEAR)) is None


@pytest.mark.parametrize("lack", Lack)
def test_every_lack_has_its_sentence(lack: Lack) -> None:
    absence = replace(judged(reads(*DAYS[:2])), lacking=(lack,))
    finding = absence_finding(absence)
    assert finding is not None
    assert "有待确认：" in finding.sentence_zh


def test_a_report_of_the_office_may_be_that_of_its_government() -> None:
    government = replace(
        AGENCY, id="320800:人民政府", name="临江市人民政府", organ="government", duty="art49_government"
    )
    office, days = "320800:人民政府办公室", [date(2024, 4, n) for n in (3, 10, 16)]
    place = {"agency": government, "now": datetime(2024, 4, 20, tzinfo=UTC)}

    def state(*seen: tuple[str, int], **more: frozenset) -> State:
        return judged([replace(r, **more) for r in reads(*days, seen=SHOWN | {*seen})], **place).state

    assert state() is State.MISSING
    assert state((office, YEAR)) is State.OVERDUE_UNCONFIRMED
    assert state((office, YEAR), (office, YEAR - 1)) is State.OVERDUE_UNCONFIRMED
    assert state(strangers=frozenset({("临江市人民政府办公室", YEAR)})) is State.OVERDUE_UNCONFIRMED
    # Each had published its own before.
    assert state((office, YEAR), (office, YEAR - 1), (government.id, YEAR - 1)) is State.MISSING


def test_a_list_that_shows_nothing_new_while_reports_come_was_perhaps_left_behind() -> None:
    few, early = SHOWN - {(OTHER, YEAR)}, date(2024, 1, 15)
    still = judged(reads(early, *DAYS))
    assert (still.state, still.lacking) == (State.OVERDUE_UNCONFIRMED, (Lack.STILL,))
    assert judged([*reads(early, seen=few), *reads(*DAYS)]).state is State.MISSING
    late = [*reads(early, *DAYS[:2], seen=few), *reads(DAYS[2])]
    assert judged(late).state is State.MISSING
    # Another list that is not needed says nothing of this one.
    alive = [*reads(early, column=TOWNS, seen=frozenset()), *reads(*DAYS, column=TOWNS, seen=frozenset({("x", 2020)}))]
    assert judged([*reads(early, *DAYS), *alive], columns=[LIST, TOWNS]).lacking == (Lack.STILL,)
