"""Which links may lead to a column of annual reports, and how likely: by the words that portals use. Pure."""

import re
from urllib.parse import urlsplit

from crawler.pages.html import BLANK, has_file_ending
from crawler.probing.page import PageFacts, PageLink
from parsers.titles import read_title

CERTAIN, ANNUAL, TAB, BY_PATH, SECTION, SECTION_BY_PATH = 120, 100, 80, 60, 40, 20
"""What a candidate rests on, as its score: the platform says so; words of an annual report; a year or a group of
agencies on a page of annual reports; path words; the section 政府信息公开 around the column; its path words."""

NAMES_COLUMN = TAB
"""From this score on a link is plainly the name of a column of annual reports, and of nothing else."""

_LONGEST = 30
_ANNUAL = re.compile(r"(?:信息|政务)公开(?:工作)?(?:年报|年度(?:工作)?报告)|公开年报")
_YEARLY = re.compile(r"年报|年度报告")
_OTHER = re.compile(
    r"指南|制度|依申请|申请|规定|办法|规范|网站|法治|执法|企业|统计年|预算|决算|财政|审计|解读|图解|政府工作|监管|通知|格式"
    r"|学校|医院|环境|知识产权|质量|绩效|建议提案|意见"
)
# A column's whole name, what stands in front of the words of an annual report apart: 各部门政府信息公开年报（2023年）.
_NAME_ENDS = re.compile(
    r"(?:年报|年度(?:工作)?报告)(?:专栏|专题|栏目|列表|目录|汇总|公示|公开)?(?:[（(\[【][^（()）]{1,12}[)）\]】])?[>＞»›+…]*"
)
_YEARLY_NAME = re.compile(
    r"(?:20\d\d年?度?|历年|往年|本级|政府|工作|信息|公开|部门|单位|乡镇|街道|区县|县区|各|市|县|区|级|镇|和|及|、|-)*"
)
_TAB = re.compile(
    r"(?:20\d\d年?度?(?:年报|年度报告)?"
    r"|(?:20\d\d年?度?)?(?:省|市|县|区|州|旗)?(?:级|直|属)?(?:人民)?(?:政府|本级|部门|单位|局委办|机关)(?:单位|部门|年报)?"
    r"|(?:20\d\d年?度?)?(?:各)?(?:乡镇|镇街|镇|乡|街道|区县|县区|县市区|乡镇街道|镇乡街道|乡镇[（(]街道[)）])(?:办事处|年报)?)"
)
_SECTIONS = (
    (re.compile(r"(?:政府)?信息公开(?:专栏|专题|平台|目录|网|栏目)?"), SECTION + 5),
    (re.compile(r"法定主动公开(?:内容|目录)?|主动公开(?:内容|目录)?"), SECTION + 3),
    (re.compile(r"(?:政务|政府)公开(?:专栏|平台|目录)?|公开目录|信息公开目录"), SECTION),
    (re.compile(r"公开|政务"), SECTION - 5),
)
_PATH_WORD = re.compile(
    r"(?:20\d\dn?)?(?:zf)?(?:xx)?gk(?:gz)?(?:nb|ndbg)\w{0,6}|(?:20\d\d)?(?:n?nb\w{0,4}|ndbg)|20\d\d(?:n|year)|\w{0,12}gknbz?|zfxxgklby_nb"
)
_SECTION_WORD = re.compile(r"zwgk|zfxxgk|xxgk|xxgkml|zfxxgkml|gongkai|gkml|zfxxgkzl|xxgkzl|fdzdgknr")
_ARTICLE = re.compile(
    r"/t\d{6,8}_\d+|/art_\w*|/art/\d|/content_\w+|/content/post_|/c\d*_\d+|/[0-9a-f]{24,32}\.|/post_\d+|/doc_"
    r"|/info/\d+/\d+\.|/\d{5,}\.(?:s?html?|jspx?|aspx?)$|/show/\d+\.|/20\d\d-?\d\d(?:-?\d\d)?/[^/]*\d[^/]*\.s?html?$",
    re.I,
)
_YEAR = re.compile(r"(20[0-3]\d)")


def score_of(link: PageLink, *, on_annual_page: bool = False) -> int:
    """How likely a link leads to a column of annual reports, or to the section around it; 0 for what does not."""
    text = BLANK.sub("", link.text)
    path = urlsplit(link.url).path
    if has_file_ending(path) or len(text) > _LONGEST:
        return 0
    if _ARTICLE.search(path):
        # A column may have such an address; whether it is one, only the page itself says.
        return SECTION if _is_column_name(text) and year_in(text) is None else 0
    if on_annual_page and _TAB.fullmatch(text):
        return TAB
    if not _may_be_column(text):
        return 0
    if _ANNUAL.search(text):
        return ANNUAL if _is_column_name(text) else BY_PATH
    if _OTHER.search(text):
        return 0
    if _YEARLY.search(text):
        return ANNUAL - 10 if _is_column_name(text) else BY_PATH
    words = _last_words(path)
    if any(_PATH_WORD.fullmatch(word) for word in words):
        return BY_PATH
    for pattern, score in _SECTIONS:
        if pattern.fullmatch(text):
            return score
    if words and _SECTION_WORD.fullmatch(words[0]):
        return SECTION_BY_PATH
    return 0


def _may_be_column(text: str) -> bool:
    """Whether a text is not the title of an article: of a report, or of an explanation, a notice, a form about one."""
    read = read_title(text)
    return read.kind in ("report", "other") and not (read.agency and read.year)


def _is_column_name(text: str) -> bool:
    """Whether a text is plainly the name of a column of annual reports; 水利局政府信息公开年报 is one too."""
    if not _may_be_column(text) or (found := _ANNUAL.search(text) or _YEARLY.search(text)) is None:
        return False
    ends = _NAME_ENDS.search(text, found.start())
    if ends is None or ends.end() != len(text):
        return False
    return _ANNUAL.search(text) is not None or _YEARLY_NAME.fullmatch(text[: found.start()]) is not None


def names_annual_reports(facts: PageFacts, url: str) -> bool:
    """Whether a page says of itself that it is a column of annual reports: by its tags, its name, or its address."""
    if facts.tags.get("columntype") == "信息公开年报":
        return True
    names = [BLANK.sub("", name) for name in (facts.tags.get("columnname", ""), facts.name)]
    if any(_ANNUAL.search(name) or (_YEARLY.search(name) and not _OTHER.search(name)) for name in names):
        return True
    path = urlsplit(url).path
    return not _ARTICLE.search(path) and any(_PATH_WORD.fullmatch(word) for word in _last_words(path))


def year_in(text: str) -> int | None:
    """The one year that a link's text names; None where it names none or several."""
    years = set(_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def _last_words(path: str) -> list[str]:
    """The last two names of a path, without endings, the last one first; index and list say nothing."""
    names = [name.partition(".")[0].lower() for name in path.split("/") if name]
    return [name for name in names if name not in ("index", "list", "default")][:-3:-1]
