"""Titles of links and documents: is it an annual report on government information disclosure, whose, of which year?

Forms of titles: see docs/titles in the README of the project's portals guide; two thirds of all real ones read
`{agency}{year}年[度]政府信息公开工作年度报告`.
"""

import re
import unicodedata
from typing import NamedTuple


class Title(NamedTuple):
    """What a title says. why: the reason where it is no report, else "". agency: as printed, None if not named.
    year: the reporting year, None if the title has none."""

    is_report: bool
    why: str
    agency: str | None
    year: int | None


_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_CHINESE_DIGITS = str.maketrans("〇○零ＯOo一二三四五六七八九", "000000123456789")
_CHINESE_YEAR = re.compile(r"[二2][〇○零0OＯo][〇○零0OＯo一二三四五六七八九\d]{2}(?=年)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年|度|政府|政务|信息)(?:年度|年|度)?")
# The words that make a title one of a report. The year may stand inside: 政府信息公开2019年度报告.
_SUBJECT = r"(?:政府信息公开|政务信息公开|信息公开|政务公开)"
_REPORT = re.compile(
    rf"(?:关于)?(?:做好)?{_SUBJECT}(?:工作)?(?:年度)?(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:的)?(?:年度)?(?:年报|报告)"
)
_BARE_REPORT = re.compile(r"(?:信息公开|政务公开).*?(?:年报|报告)")
_INTERPRETATION = "interpretation of a report"
_SCHOOL = "report of a school, hospital or enterprise"
# Titles around the reports that are none, with the reason that is given.
_OTHERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (_INTERPRETATION, re.compile(r"解读|图解|一图读懂|一图看懂|图说|数说|H5|h5|视频|长图|动漫")),
    (
        "website form",
        re.compile(
            r"网站(?:工作|监管)?年度(?:工作)?报表|政府网站.{0,8}年度?报[表告]|新媒体.{0,6}年度报[表告]|网站监管"
        ),
    ),
    ("quarterly self-check of websites", re.compile(r"季度.{0,10}自查|自查.{0,4}(?:报告|情况)|抽查")),
    (
        "list of which units have published",
        re.compile(r"(?:公布|发布|报送|公开)情况(?:的?(?:公告|公示|说明|通报))?$|汇总|一览表"),
    ),
    ("guide, catalogue or rule", re.compile(r"指南|目录|制度|办法|规定|规范|细则|条例|格式|模板|范本|流程|清单|栏目")),
    ("plan or notice", re.compile(r"要点|方案|培训|考核|通报|会议|检查|评估|征求意见|工作计划|工作总结")),
    (
        "another kind of report",
        re.compile(
            r"法治政府|政府工作报告|行政执法|预算|决算|建议提案|绩效|信访|企业信息公开|审计|统计年报|依申请公开统计|财政"
        ),
    ),
    (_SCHOOL, re.compile(r"(?:大学|学院|小学|中学|医院|幼儿园)$")),
)
_NOTICE = re.compile(r"通知$|公告$|函$")
# 关于公布…报告的通知 carries the report; 关于报送…报告的通知, 关于做好…报告编制工作的通知 ask for it.
_CARRIES_REPORT = re.compile(r"(?:公布|发布|印发|关于公开).*(?:年报|报告)》?的?(?:通知|公告|公示)$")
_AFFIX_FRONT = re.compile(r"^(?:\[[^\]]*\]|【[^】]*】|关于(?:公布|发布|印发|报送|公开)?)+")
_AFFIX_BACK = re.compile(
    r"(?:\((?:图片版|全文|超链版|附表|附件|含附表|文字版|PDF版|pdf版|word版|新)\)|\.(?:docx?|pdf|wps|xlsx?|ofd|html?))+$",
    re.I,
)
_EDGES = "·・-—–_:：,，。、;；《》<>\"'“”"


def clean_title(text: str) -> str:
    """The title with full-width forms folded, blanks and invisible characters dropped, and file endings and
    remarks such as （全文） cut."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _AFFIX_BACK.sub("", text)


def title_year(text: str) -> int | None:
    """The reporting year in a cleaned title: of several, the one next to the report words."""
    text = _CHINESE_YEAR.sub(lambda m: m.group().translate(_CHINESE_DIGITS), text)
    years = [(m.start(), int(m.group(1))) for m in _YEAR.finditer(text)]
    if not years:
        return None
    report = _BARE_REPORT.search(text)
    anchor = report.start() if report else len(text)
    return min(years, key=lambda found: abs(found[0] - anchor))[1]


def read_title(title: str) -> Title:
    """Judge one title. Never raises; a title that is nothing of the kind gives is_report False with the reason.

    The host of the link is not looked at here: copies outside gov.cn are the crawler's concern.
    """
    text = clean_title(title)
    year = title_year(text)
    text = _CHINESE_YEAR.sub(lambda m: m.group().translate(_CHINESE_DIGITS), text)
    without_year = _YEAR.sub("", text)
    report = _REPORT.search(without_year) or _BARE_REPORT.search(without_year)
    if not report:
        return Title(False, "neither 信息公开 nor 政务公开 with 年报 or 报告 in the title", None, year)
    agency = _agency(without_year[: report.start()])
    # What is judged is the title without the agency's own name: 财政局 and 审计局 publish reports too.
    rest = without_year[report.start() :]
    prefix = without_year[: report.start()]
    for why, pattern in _OTHERS:
        looked_at = agency or "" if why is _SCHOOL else prefix + rest if why is _INTERPRETATION else rest
        if pattern.search(looked_at):
            return Title(False, why, agency, year)
    if _NOTICE.search(rest) and not _CARRIES_REPORT.search(without_year):
        return Title(False, "plan or notice", agency, year)
    return Title(True, "", agency, year)


def _agency(text: str) -> str | None:
    """The agency as printed in front of the report words, or None."""
    text = re.split(r"关于(?:公布|发布|印发|报送|公开)?", text)[0] or _AFFIX_FRONT.sub("", text)
    text = text.strip(_EDGES)
    # What is left of a year without 年, of 年度 printed twice, or of a sentence is no name.
    text = re.sub(r"^(?:年度|年|本)+|(?:年度|年|的)+$", "", text).strip(_EDGES)
    return text if len(text) >= 2 else None
