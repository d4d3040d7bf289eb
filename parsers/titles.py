"""Titles of links and documents: is it an annual report on government information disclosure, whose, of which year?

Two thirds of all real ones read `{agency}{year}年[度]政府信息公开工作年度报告`. The other forms, what is no
report and why, and how to correct a wrong judgement: docs/titles.md.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from parsers.title_kinds import (
    ASKS,
    ASKS_IN_FRONT,
    CARRIES_REPORT,
    EARLY,
    INTERPRETATION,
    INTERPRETS,
    PART_OF_YEAR,
    PUBLICATION_NOTICE,
    SCHOOL,
    SORTS,
    is_group,
    tail_fault,
)
from parsers.title_text import MARK, clean_title, mark_years, plain_title, simplified, title_year

__all__ = ["Title", "clean_title", "read_title", "simplified", "title_year"]

FIRST_YEAR = 2008
"""The first reporting year: the Regulation has been in force since 1 May 2008."""
_LONGEST = 200  # characters; a longer text is no title


class Title(NamedTuple):
    """What a title says. why: the reason where it is no report, else "". agency: as printed (in simplified characters),
    None if not named. year: the reporting year, None if the title has none; the year of publication is never taken for
    it. kind: "report" for reports, else one of parsers.title_kinds.KINDS."""

    is_report: bool
    why: str
    agency: str | None
    year: int | None
    kind: str = "report"


# The words that make a title one of a report. A year may stand inside: 政府信息公开2019年度报告.
_SUBJECT = r"(?:(?:政府|政务)信息(?:主动)?公开|信息公开|政务公开|政府公开信息)"
_FILLING = rf"(?:{MARK}|工作|年|度|情况|总体|落实|实施|推进|的|及|与|和|暨|、|以及|政府|政务|信息|公开|服务(?=工作))"
_REPORT = re.compile(rf"{_SUBJECT}{_FILLING}*?(?:年报|报告)")
_ABOUT_DISCLOSURE = re.compile(r"(?:信息公开|政务公开).*?(?:年报|报告)")
_DISCLOSURE = re.compile(r"信息公开|政务公开")
_LEADS_ON = tuple(":>|》»＞/")  # behind these, what stood before was a label or a path
_ABOUT = re.compile(r"关于(?:公布|发布|印发|报送|公开|做好|对)?")
_LABEL = re.compile(r"[:>|»]")
_FRONT = re.compile(
    r"^(?:\[[^\[\]]*\]|【[^】]*】|\([^()]*\)|附件\d*[.、:]?|\d{1,3}[.、)]|[一二三四五六七八九十]{1,3}、|置顶|《|〈)+"
)
_BEHIND = re.compile(r"\(([^()]{3,30})\)")  # …年度报告(柳溪县水利局)
_EDGES = "·・•-—–_:：,，。.、;；《》〈〉<>\"'“”‘’「」『』*★☆◆■●▲▪➤→ "
_RANGE = re.compile(rf"\d{{4}}[-—–~至]+(?={MARK})")  # of 2019-2020年, where the second year is marked
_YEAR_LEFT = re.compile(r"^(?:年度|年|度|本)+|(?:学年|年度|年|度|的)+$")
_OURSELVES = re.compile(r"(?:本|我)(?:单位|部门|机关|局|委|办|厅|院|中心|镇|乡|街道|市|县|区|州|旗|省|级)")
# Where the name of the agency ends in a title without report words.
_NAME_ENDS = re.compile(
    rf"{MARK}|关于|(?:政府|政务)信息|信息公开|政务公开|(?:政府|门户)?网站|政务新媒体|法治政府|政府工作报告|部门[预决]算|"
    r"第?[一二三四1-4]季度|行政执法(?!局|大队|支队|总队|队|委|中心)|行政(?:许可|处罚|检查|强制)|依申请公开|依法行政"
)
_ORGAN = re.compile(
    r"(?:政府|办公厅|办公室|办|局|委员会|委|厅|部|署|院|中心|镇|乡|街道|办事处|苏木|园区|开发区|队|站|处|所|馆|社|会|公司|"
    r"集团|学校|学|[省市县区旗州盟])$"
)


@lru_cache(maxsize=1024)
def read_title(title: str) -> Title:
    """Judge one title. Never raises. What is nothing of the kind, or not clear, gives is_report False with the reason.

    The host of the link is not looked at here: crawler.walk.links judges copies outside gov.cn.
    """
    plain = plain_title(title)
    if len(plain.text) > _LONGEST:
        return Title(False, f"longer than any title ({len(plain.text)} characters)", None, None, "other")
    read = _judged(plain.text)
    if not read.is_report:
        return read
    if plain.inserted:
        return Title(False, f"{plain.inserted} between the words, as copies have", read.agency, read.year, "other")
    if plain.traditional:
        why = "in traditional characters: a copy, or the gateway's version of a report"
        return Title(False, why, read.agency, read.year, "other")
    return read


def _judged(plain: str) -> Title:
    text, years = mark_years(plain)
    report = _report_words(text)
    if report is None:
        return _other(text, years)
    start, end = report
    front, tail = text[:start], text[end:]
    if text.startswith("政府", start) and front.endswith("人民"):
        front += "政府"  # 柳溪县人民政府信息公开年报
    year = _nearest(text, years, start, end)
    part = PART_OF_YEAR.words.search(front.replace(MARK, ""))
    agency = _agency(front if part is None else front.replace(MARK, "")[: part.start()])
    if agency is None and (named := _BEHIND.search(tail)) and _ORGAN.search(named[1]) and not is_group(named[1]):
        agency = named[1]

    def no(kind: str, why: str) -> Title:
        return Title(False, why, agency, year, kind)

    # What is judged is the title without the agency's own name: 财政局 and 信访局 publish reports too.
    around = front.replace(agency or MARK, "")
    if INTERPRETATION.words.search(around) or INTERPRETATION.words.search(tail):
        return no(*INTERPRETATION[:2])
    if agency and (said := INTERPRETS.match(agency)):
        agency = _agency(agency[said.end() :])
        return no(*INTERPRETATION[:2])
    if tail and PUBLICATION_NOTICE.words.search(tail):
        return no(*PUBLICATION_NOTICE[:2])
    if SCHOOL.words.search(agency or "") or "学年" in front:
        return no(*SCHOOL[:2])
    carries = CARRIES_REPORT.search(text) is not None
    if not carries and (ASKS.words.search(tail) or ASKS_IN_FRONT.search(front)):
        return no(*ASKS[:2])
    if tail:
        for sort in SORTS:
            if sort.words.search(tail):
                return no(*sort[:2])
    if front.endswith("企业"):
        return no("other_report", "report of enterprises about themselves")
    if part is not None:
        return no(*PART_OF_YEAR[:2])
    group = _label_cut(front).strip(_EDGES + MARK)
    if agency is None and group and (is_group(group) or is_group(_YEAR_LEFT.sub("", group))):
        return no("other", f"names no agency but many or none ({group}): a column or a collection")
    if year is not None and year < FIRST_YEAR:
        return no("other_report", EARLY)
    words = text[start:end]
    if "信息" not in words and "年度" not in plain and "年报" not in words:
        return no("other_report", "a report on 政务公开 that does not call itself annual")
    if fault := tail_fault(tail):
        return no("other", fault)
    return Title(True, "", agency, year)


def _report_words(text: str) -> tuple[int, int] | None:
    """Where the report words stand; of several the first that is no label or step of a path."""
    if "公开" not in text:
        return None
    last = None
    for match in _REPORT.finditer(text):
        last = match.span()
        if not text.startswith(_LEADS_ON, last[1]) or text.startswith("》", last[1]):
            break
    return last


def _nearest(text: str, years: list[int], start: int, end: int) -> int | None:
    """Of several years the one inside the report words, else the last in front of them, else the first behind."""
    if not years:
        return None
    before = text.count(MARK, 0, start)
    inside = text.count(MARK, start, end)
    if inside:
        return years[before]
    return years[before - 1] if before else years[0]


def _other(text: str, years: list[int]) -> Title:
    """A title without the words of a report."""
    year = years[0] if years else None
    agency = None
    if (ends := _NAME_ENDS.search(text)) and (name := _agency(text[: ends.start()])) and _ORGAN.search(name):
        agency = name
    looked_at = text.replace(agency, "", 1) if agency else text
    about_disclosure = _ABOUT_DISCLOSURE.search(text)
    if about_disclosure and PUBLICATION_NOTICE.words.search(text):
        return Title(False, PUBLICATION_NOTICE.why, agency, year, PUBLICATION_NOTICE.kind)
    if ASKS.words.search(text):
        return Title(False, ASKS.why, agency, year, ASKS.kind)
    if _DISCLOSURE.search(text) and INTERPRETATION.words.search(looked_at):
        return Title(False, INTERPRETATION.why, agency, year, INTERPRETATION.kind)
    for sort in SORTS:
        if sort.words.search(looked_at):
            if sort.kind in ("guide", "notice") and "公开" not in text and "公告" not in text:
                continue  # rules and plans about anything
            return Title(False, sort.why, agency, year, sort.kind)
    if text.endswith("...") and _DISCLOSURE.search(text):
        why = "cut short: where the portal prints the whole title, selectors.title must find it"
        return Title(False, why, agency, year, "other")
    if about_disclosure:
        return Title(False, "other words stand between 公开 and 年报 or 报告", agency, year, "other")
    return Title(False, "neither 信息公开 nor 政务公开 with 年报 or 报告 in the title", agency, year, "other")


def _label_cut(front: str) -> str:
    """Without labels and paths in front: 政府信息公开年报:柳溪县 -> 柳溪县."""
    parts = [part for part in _LABEL.split(front) if part.strip(_EDGES)]
    return _FRONT.sub("", parts[-1]) if parts else ""


def _agency(front: str) -> str | None:
    """The agency printed in front of the report words, or None. Of 甲关于公布乙2009年…报告的通知 it is 乙."""
    front = _label_cut(front)
    issuer, *rest = _ABOUT.split(front, maxsplit=1)
    for text in (*rest, issuer):
        name = _RANGE.sub("", text).replace(MARK, "").strip(_EDGES)
        # What is left of a year without 年, of 年度 printed twice, or of a sentence is no name.
        name = _FRONT.sub("", _YEAR_LEFT.sub("", name)).strip(_EDGES)
        if len(name) >= 2 and not (is_group(text.strip(_EDGES + MARK)) or _OURSELVES.fullmatch(name) or is_group(name)):
            return name
    return None
