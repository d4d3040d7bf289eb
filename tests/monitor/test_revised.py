"""Revised: figures or prose changed after publication; counters, bytes and readings do not."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.records import Finding
from monitor.judging.alteration import alteration
from monitor.judging.season import Publication, RevisionSeen, Season
from parsers.read import read_report
from parsers.report import BLANK, Doubt, Figure, Report, Section
from tests.monitor.seasons_made import ME, PEER, THERE, feb, found, publication, season
from tests.monitor.seasons_made import read as list_read

SAMPLE = next(
    p for p in Country.build(1, agencies=40).plans if p.year == 2023 and p.agency.organ == "department"
).sample
REPORT = read_report(html.write(SAMPLE, page=True))
TOTAL, OTHER = "applications.new.total", "applications.new.natural_person"
OLD_URL, NEW_URL = "https://www.example.gov.cn/nb/1.html", "https://www.example.gov.cn/nb/2.html"


def with_figures(values: dict[str, object], report: Report = REPORT) -> Report:
    changed = copy.deepcopy(report)
    for name, value in values.items():
        kind = {"value": value, "state": "printed"} if value is not None else {"value": None, "state": BLANK}
        changed.figures[name] = changed.figures[name]._replace(text=str(value or ""), **kind)
    return changed


def plus(name: str, by: int = 1, report: Report = REPORT) -> Report:
    return with_figures({name: (report.value(name) or 0) + by}, report)


def with_prose(number: int, old: str, new: str, report: Report = REPORT) -> Report:
    changed = copy.deepcopy(report)
    changed.sections = [
        Section(s.number, s.heading, s.text.replace(old, new) if s.number == number else s.text)
        for s in report.sections
    ]
    assert changed.sections != report.sections
    return changed


def line(number: int, text: str, report: Report = REPORT) -> Report:
    """With a line more at the end of a section."""
    changed = copy.deepcopy(report)
    changed.sections = [
        Section(s.number, s.heading, f"{s.text}\n{text}" if s.number == number else s.text) for s in report.sections
    ]
    return changed


def seen(report_id: int, days: tuple[float, float], version: str = "7") -> RevisionSeen:
    first, last = (feb(0) + timedelta(days=number) for number in days)
    return RevisionSeen(report_id, report_id, f"{report_id:064x}", f"content {report_id}", version, first, last)


def made(*reports: Report, days: Sequence[tuple[float, float]] = (), version: Sequence[str] = ()) -> Season:
    """A season of a report that said these one after another at one address, each seen twice."""
    days = days or [(5 * n, 5 * n + 2) for n in range(len(reports))]
    version = version or ["7"] * len(reports)
    revisions = tuple(seen(n, days[n], version[n]) for n in range(len(reports)))
    one = publication(feb(1), owner=ME, revisions=revisions, sha256=revisions[-1].sha256)
    return season([list_read(feb(2), THERE)], [one], contents=dict(enumerate(reports)))


def said(of: Season, rule: str = "revised") -> list[tuple[str, str, bool]]:
    return [(f.severity, f.certainty, f.told) for f in found(of, rule)]


def one(of: Season, rule: str = "revised") -> Finding:
    (finding,) = found(of, rule)
    return finding


def test_a_changed_number() -> None:
    finding = one(made(REPORT, plus(TOTAL)))
    assert (finding.severity, finding.certainty, finding.confirmed, finding.told) == ("warning", "certain", True, True)
    old = REPORT.value(TOTAL)
    assert old is not None
    assert f"本年新收政府信息公开申请数量·总计由{old}改为{old + 1}" in finding.sentence_zh
    assert (finding.figure, finding.figures) == ("revision.1", [TOTAL])
    assert [(p["sha256"], p["figure"]) for p in finding.places] == [(f"{n:064x}", TOTAL) for n in (0, 1)]
    assert finding.places[0]["place"]["row"] == finding.places[1]["place"]["row"]


def test_a_second_look_confirms_it() -> None:
    assert said(made(REPORT, plus(TOTAL), days=[(0, 2), (5, 5)])) == [("warning", "certain", False)]
    assert not one(made(REPORT, plus(TOTAL), days=[(0, 2), (5, 5)])).confirmed


def test_another_parser_is_no_revision() -> None:
    assert said(made(REPORT, plus(TOTAL), version=["7", "8"])) == []


def test_seen_once_between_two_that_say_the_same() -> None:
    assert said(made(REPORT, plus(TOTAL), REPORT, days=[(0, 2), (5, 5), (8, 9)])) == []
    back = found(made(REPORT, plus(TOTAL), REPORT), "revised")
    assert [f.figure for f in back] == ["revision.1", "revision.2"] and len({f.fingerprint for f in back}) == 2


def test_a_mended_relation_is_good_news() -> None:
    broken = plus(OTHER)
    finding = one(made(broken, REPORT))
    assert finding.severity == "notice" and "改动前不成立的2项数据关系，改动后成立。" in finding.sentence_zh
    assert "hold now" in finding.sentence_en and "错误" not in finding.sentence_zh


def test_blanks_filled_in_are_a_notice() -> None:
    empty = with_figures({TOTAL: None})
    assert said(made(empty, REPORT)) == [("notice", "certain", True)]
    assert "空白" in one(made(empty, REPORT)).sentence_zh or "由" in one(made(empty, REPORT)).sentence_zh
    dash = with_figures({TOTAL: None})
    dash.figures[TOTAL] = dash.figures[TOTAL]._replace(state="dash")
    assert said(made(empty, dash)) == []


@pytest.mark.parametrize("state", ["realigned", "unreadable", "row_absent"])
def test_our_own_doubts_are_no_revision(state: str) -> None:
    changed = plus(TOTAL)
    value = changed.figures[TOTAL].value if state == "realigned" else None
    changed.figures[TOTAL] = changed.figures[TOTAL]._replace(state=state, value=value)
    assert said(made(REPORT, changed)) == []


def test_a_table_in_doubt_is_left_out() -> None:
    changed = plus(TOTAL)
    changed.doubts = [Doubt("applications", "unknown row", "x")]
    assert said(made(REPORT, changed)) == []
    assert said(made(REPORT, plus("challenges.reconsideration.total", report=changed))) != []


def test_changed_prose_is_a_notice() -> None:
    more = line(1, "全年主动公开各类政府信息三百余条，其中通过网站公开二百余条。")
    finding = one(made(REPORT, more))
    assert (finding.severity, finding.certainty) == ("notice", "likely")
    assert "第一部分文字有改动" in finding.sentence_zh and finding.figures == []
    both = one(made(REPORT, plus(TOTAL, report=more)))
    assert both.severity == "warning" and "第一部分文字有改动" in both.sentence_zh


FURNITURE = (
    "浏览次数：1234",
    "【字体：大 中 小】 打印本页 关闭窗口", "阅读量：88，来源：本站", "本文已被阅读 1234 次，感谢您的关注。",
    "发布时间：2024-03-01 10:22:01，来源：办公室。", "上一篇：2022年年度报告；下一篇：没有了。", "分享到：微信、微博。",
    "您是第8812位访客，欢迎光临。",
    "今天是2024年3月1日，星期五。",
    "共有 88 人浏览，3 人收藏。",
    "12345", "2024年3月1日", "扫一扫，在手机打开当前页。", "打印时间：2024年3月1日，10时。",
)  # fmt: skip


@pytest.mark.parametrize("text", FURNITURE)
def test_what_a_portal_writes_around_it_is_no_revision(text: str) -> None:
    assert alteration(REPORT, line(6, text)) is None and alteration(line(6, text), REPORT) is None


def test_a_text_that_was_not_read_whole_is_no_revision() -> None:
    cut = copy.deepcopy(REPORT)
    cut.sections = [Section(s.number, s.heading, "") for s in REPORT.sections]
    assert said(made(REPORT, cut)) == [] and said(made(cut, REPORT)) == []
    doubted = line(1, "全年主动公开各类政府信息三百余条，其中通过网站公开二百余条。")
    doubted.doubts = [Doubt(None, "cut off", "")]
    assert said(made(REPORT, doubted)) == []


def test_a_sentence_that_moves_is_no_revision() -> None:
    first = REPORT.sections[0]
    sentence = next(part for part in first.text.split("。") if len(part) > 12)
    moved = with_prose(first.number, f"{sentence}。", "")
    moved.sections[-1] = moved.sections[-1]._replace(text=f"{moved.sections[-1].text}\n{sentence}。")
    assert alteration(REPORT, moved) is None


def test_the_report_of_another_body_is_its_own_affair() -> None:
    made_of = made(REPORT, plus(TOTAL))
    (own,) = made_of.publications
    assert said(replace(made_of, publications=(replace(own, owner=PEER),))) == []


# At another address


def uploaded_again(old: Publication, new: Publication) -> Season:
    return season([list_read(feb(2), THERE)], [old, new], contents={0: REPORT, 1: plus(TOTAL)})


def at_address(url: str, number: int, day: float, **changes) -> Publication:
    from monitor.judging.season import Look

    went = changes.pop("gone_on", None)
    looks = [Look(url, "detail", feb(0) + timedelta(days=day + n), "ok", 200, None) for n in (0, 1)]
    looks += [Look(url, "detail", feb(went), "gone", 404, None)] if went else []
    values = {"revisions": (seen(number, (day, day + 1)),), "owner": ME, "sha256": f"{number:064x}"}
    return publication(
        feb(0) + timedelta(days=day), url=url, looks=tuple(looks), last_seen_at=feb(0) + timedelta(days=day + 1),
        **values | changes,
    )  # fmt: skip


def test_uploaded_again_at_another_address() -> None:
    old, new = at_address(OLD_URL, 0, 1, gone_on=8), at_address(NEW_URL, 1, 9)
    assert said(uploaded_again(old, new)) == [("warning", "certain", True)]
    assert OLD_URL in one(uploaded_again(old, new)).sentence_zh
    assert said(uploaded_again(old, new), "versions-differ") == []
    assert said(uploaded_again(at_address(OLD_URL, 0, 1), new)) == []  # both are there
    assert said(uploaded_again(old, replace(new, title="另一份报告"))) == []
    assert said(uploaded_again(old, replace(new, source="other"))) == []


def test_two_addresses_at_the_same_time() -> None:
    first, second = at_address(OLD_URL, 0, 1), at_address(NEW_URL, 1, 1, source="county")
    finding = one(uploaded_again(first, second), "versions-differ")
    assert (finding.severity, finding.certainty, finding.told) == ("warning", "likely", True)
    assert "两处公布的数据不同" in finding.sentence_zh and "不说明何者正确" in finding.sentence_zh
    linked = replace(second, page_url=OLD_URL, source=first.source)
    assert "同一页面及其附件" in one(uploaded_again(first, linked), "versions-differ").sentence_zh
    # Seen before the other came, and never since.
    later = at_address(NEW_URL, 1, 9, source="county")
    assert said(uploaded_again(first, later), "versions-differ") == []
    # The same figures; a blank in one of them.
    same = season([list_read(feb(2), THERE)], [first, second], contents={0: REPORT, 1: REPORT})
    assert said(same, "versions-differ") == []
    blank = season([list_read(feb(2), THERE)], [first, second], contents={0: REPORT, 1: with_figures({TOTAL: None})})
    assert said(blank, "versions-differ") == []
    # Other bodies by their own words; and so different that one may be another report.
    named = plus(TOTAL)
    named.agency = "临江市人民政府办公室"
    other = season([list_read(feb(2), THERE)], [first, second], contents={0: REPORT, 1: named})
    assert said(other, "versions-differ") == []
    numbers = {n: (f.value or 0) + 7 for n, f in REPORT.figures.items() if isinstance(f.value, int)}
    strange = season([list_read(feb(2), THERE)], [first, second], contents={0: REPORT, 1: with_figures(numbers)})
    assert said(strange, "versions-differ") == [("notice", "doubtful", False)]


# Properties


@given(
    text=st.sampled_from(FURNITURE),
    number=st.integers(0, 10**7),
    section=st.integers(1, 6),
    blanks=st.booleans(),
    places=st.integers(0, 9),
)
def test_counters_layout_and_bytes_never_make_a_revision(
    text: str, number: int, section: int, blanks: bool, places: int
) -> None:
    changed = line(section, f"{text}{'' if text[-1] in '。；' else number}")
    if blanks:
        changed.sections = [
            s._replace(text=s.text.replace("，", "， ").replace("\n", "\n\n")) for s in changed.sections
        ]
    changed.figures = {
        name: figure._replace(place=figure.place._replace(table=figure.place.table + places), text=f" {figure.text} ")
        if figure.place
        else figure
        for name, figure in changed.figures.items()
    }
    changed.published_on, changed.media = f"2024-03-{places + 1:02d}", "pdf"
    assert alteration(REPORT, changed) is None
    assert said(made(REPORT, changed)) == []


PLAIN = [name for name, figure in REPORT.figures.items() if isinstance(figure.value, int)]


@given(names=st.sets(st.sampled_from(PLAIN), min_size=1, max_size=12), by=st.integers(1, 99))
def test_changed_numbers_are_always_found_and_all_of_them(names: set[str], by: int) -> None:
    changed = REPORT
    for name in names:
        changed = plus(name, by, changed)
    finding = one(made(REPORT, changed))
    assert set(finding.figures) == names and len(finding.places) == 2 * len(names)
    assert finding.expected == {name: REPORT.value(name) for name in finding.figures}


def test_figures_of_another_unit_that_is_not_known_are_no_change() -> None:
    name = "disclosure.fees.amount"
    old, new = with_figures({name: 3}), with_figures({name: 30000})
    old.figures[name] = Figure(name, 3.0, "printed", "3", "万元")
    new.figures[name] = Figure(name, 30000.0, "printed", "30000", "unit_unknown")
    assert alteration(old, new) is None


def by_hand(report: Report, value: int | None) -> Report:
    changed = with_figures({TOTAL: value}, report)
    state = "corrected" if value is not None else BLANK
    changed.figures[TOTAL] = changed.figures[TOTAL]._replace(state=state, how="corrected")
    return changed


def test_what_a_person_has_corrected_in_one_document_alone_was_perhaps_misread_in_both() -> None:
    right = (REPORT.value(TOTAL) or 0) + 30
    assert alteration(by_hand(REPORT, right), REPORT) is None
    assert alteration(REPORT, by_hand(REPORT, right)) is None
    assert alteration(by_hand(REPORT, None), REPORT) is None
    change = alteration(by_hand(REPORT, right), plus(OTHER))
    assert change is not None and [c.figure for c in change.figures] == [OTHER]
    both = alteration(by_hand(REPORT, right), by_hand(REPORT, right + 1))
    assert both is not None and [c.figure for c in both.figures] == [TOTAL]
