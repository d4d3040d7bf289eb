"""The words of publication notices (公布情况): who is a unit, and what says that it has published or not."""

import re

from parsers.names import clean_name

_PUBLISH = "(?:公布|公开|发布|上网|公示|挂网)"
_WHERE = r"(?:在[^,。;:]{1,20})?"
# 未按时… is not here: what came late has come.
_NOT_YET = rf"(?:未|没有){_WHERE}{_PUBLISH}"
_DONE = rf"(?:已(?:经|全部)?(?:按[^,。;:]{{1,6}})?|(?<!未)(?<!没有)按[时期]){_WHERE}{_PUBLISH}"
_NO_WORDS = re.compile(_NOT_YET)
_YES_WORDS = re.compile(_DONE)
_YES = frozenset(("是", "√", "✓", "✔", "☑", "已", "已完成"))
_NO = frozenset(("否", "未", "×", "✗", "✘", "☒", "x", "X", "未完成"))

UNIT_LABEL = re.compile(
    r"(?:单位|部门|机关|机构|主体|镇街|乡镇|街道)(?:名称)?|(?:填报|报告|公开|公布|发布|责任|编制|行政)(?:单位|部门|机关|主体)"
)
STATE_LABEL = re.compile(rf"是否(?:已|按时|按期)?{_PUBLISH}|{_PUBLISH}(?:情况|状态|与否)|(?:年报|报告){_PUBLISH}情况")
TIMELY = re.compile(r"按[时期]")
"""In the label of a column of states: a no there says that it came late or not at all."""
TIME_LABEL = re.compile(rf"{_PUBLISH}(?:时间|日期)")
LINK_LABEL = re.compile(r"链接|网址|地址|网页")
TITLE_LABEL = re.compile(r"(?:报告|年报|信息|文件)?(?:标题|名称|题目)|年度报告|年报")

_UNIT_END = (
    r"(?:局|委|委员会|办|办公室|厅|署|院|中心|人民政府|政府|镇|乡|苏木|街道|办事处|管委会|园区|开发区|高新区"
    r"|分局|支队|大队|总队|公司|集团|银行|处|站|所|社|会|部)"
)
_UNIT = re.compile(rf"[\u4e00-\u9fff()·]{{1,28}}{_UNIT_END}")
_NO_UNIT = re.compile(
    rf"{_PUBLISH}|报告|情况|以下|下列|我[市县区局]|各[级市县区单部镇]|全[市县区省]|其他|合计|总计|小计|本[级部单]|等\d"
)
_NUMBER = re.compile(r"[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d+[.、]")


def folded(text: str | None) -> str:
    """The text without blanks, full-width forms folded."""
    return clean_name(text or "")


def says_published(text: str) -> bool | None:
    """True or False where words say that something has been published, or has not; None where they say neither, or
    both."""
    no = bool(_NO_WORDS.search(text))
    yes = bool(_YES_WORDS.search(text))
    return None if no == yes else yes


def says_state(text: str) -> bool | None:
    """What a cell of a column of states says."""
    if text in _YES or text in _NO:
        return text in _YES
    return says_published(text)


def is_unit(text: str) -> bool:
    """Whether a folded text reads as the name of one administrative organ."""
    return bool(_UNIT.fullmatch(text)) and not _NO_UNIT.search(text)


def without_number(text: str) -> str:
    """The text without the number in front of a list entry."""
    number = _NUMBER.match(text)
    return text[number.end() :] if number else text
