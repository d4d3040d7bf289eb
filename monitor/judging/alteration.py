"""What a report says differently from one document to another, as far as it may be held against anybody. Pure.

Only what was plainly read in both counts: counters, dates of a page, navigation, a row that one reading lacks, a table
in doubt are no change of the report.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.compare import Change
from monitor.judging.given import is_doubted
from parsers.form import load_forms
from parsers.identities import BROKEN, HOLDS, expand, judge, variants_of
from parsers.report import BLANK, CORRECTED, DASH, PRINTED, UNIT_UNKNOWN, Figure, Report

FEWEST = 8
"""Characters of a sentence whose change is one of the prose."""

# What portals write around and into an article; a line with one of these words is no sentence of a report.
_FURNITURE = re.compile(
    r"(?:浏览|阅读|点击|访问|查看|下载)(?:次数|人次|总?量|数|率|[:：])|(?:已|被)(?:浏览|阅读|点击|访问)|字体|字号|分享|扫一扫|二维码|"
    r"\d(?:人次?|次|位)?(?:访客|浏览|阅读|访问|点击)|位访(?:客|问者)|今天是|当前时间|天气|星期[一二三四五六日天]|农历|"
    r"(?:发布|发文|更新|成文|打印|生成|公开|录入)(?:时间|日期)|责任编辑|信息来源|^(?:来源|作者|编辑|审核|时间|日期)[:：]|"
    r"^(?:上一篇|下一篇|相关|附件|当前位置|您的位置|首页)|打印本页|关闭窗口|收藏|主办单位|承办单位|版权所有|网站标识码|ICP备|公网安备"
)
_BRACKETED = re.compile(r"[(（【\[][^()（）【】\[\]]{0,20}(?:浏览|阅读|点击|访问)[^()（）【】\[\]]{0,20}[)）】\]]")
_ENDS = re.compile(r"[。；;！!？?\n]")
_SIGNS = re.compile(r"[\W_]+")
_PART = re.compile(r"[，,、。；;：:]")


@dataclass(frozen=True, slots=True)
class Alteration:
    """From one document to another. figures: those that say something else, in the order of the form. added, removed:
    sentences of the prose, as (number of the section, sentence). mended: figures about which a relation of the form did
    not hold before, and does now. is_whole: nothing speaks against the prose of both having been read whole."""

    figures: tuple[Change, ...]
    added: tuple[tuple[int, str], ...]
    removed: tuple[tuple[int, str], ...]
    mended: tuple[str, ...]
    is_whole: bool

    @property
    def sections(self) -> list[int]:
        """The numbers of the sections whose prose differs."""
        return sorted({number for number, _ in (*self.added, *self.removed)})

    @property
    def has_new_numbers(self) -> bool:
        """Whether a number became another; else cells without one got one, or lost it."""
        return any(c.before and c.after and None not in (c.before.value, c.after.value) for c in self.figures)


def alteration(before: Report, after: Report) -> Alteration | None:
    """What the later one says differently; None where that is nothing."""
    figures = tuple(_figures(before, after)) if before.form == after.form else ()
    old, new = _sentences(before), _sentences(after)
    removed = tuple(_without(old, new))
    added = tuple(_without(new, old))
    if not figures and not added and not removed:
        return None
    # Where much is gone and nothing has come, one of the two was not read whole.
    is_whole = bool(old and new) and (bool(added) or len(removed) * 2 <= len(old)) and before.form == after.form
    is_whole = (
        is_whole and (bool(removed) or len(added) * 2 <= len(new)) and not (is_doubted(before) or is_doubted(after))
    )
    return Alteration(figures, added, removed, tuple(_mended(before, after)) if figures else (), is_whole)


def _figures(before: Report, after: Report) -> Iterator[Change]:
    for name, new in after.figures.items():
        old = before.figures.get(name)
        table = name.partition(".")[0]
        if old is None or not (_is_plain(old) and _is_plain(new)) or old.value == new.value:
            continue
        if (old.how == CORRECTED) is not (new.how == CORRECTED):
            continue  # what a person says of the one document, the reader may have misread in the other as well
        if {old.unit, new.unit} & {UNIT_UNKNOWN} and old.unit != new.unit:
            continue
        if not (is_doubted(before, table) or is_doubted(after, table)):
            yield Change(name, old, new)


def _is_plain(figure: Figure) -> bool:
    return figure.state in ((PRINTED, CORRECTED) if figure.value is not None else (BLANK, DASH))


def _sentences(report: Report) -> list[tuple[int, str]]:
    """(section, sentence) of the prose, folded; lines that are no sentences left out."""
    return [
        (section.number, sentence)
        for section in report.sections
        for line in section.text.splitlines()
        for sentence in _of_line(line)
    ]


def _of_line(line: str) -> Iterable[str]:
    line = _BRACKETED.sub("", unicodedata.normalize("NFKC", line)).strip()
    # A heading, a button or a counter has no sentence marks.
    if _FURNITURE.search(line) or not _PART.search(line):
        return []
    folded = (_SIGNS.sub("", part) for part in _ENDS.split(line))
    return [sentence for sentence in folded if len(sentence) >= FEWEST]


def _without(some: list[tuple[int, str]], others: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Those of some sentences that the others do not have, wherever these stand, and however they are divided."""
    left = Counter(sentence for _, sentence in others)
    text = "".join(sentence for _, sentence in others)
    for number, sentence in some:
        if left[sentence]:
            left[sentence] -= 1
        elif sentence not in text:
            yield number, sentence


def _mended(before: Report, after: Report) -> Iterator[str]:
    form = load_forms().get(after.form or "")
    if form is None or before.form != after.form:
        return
    old, new = variants_of(form, before.figures), variants_of(form, after.figures)
    for instance in expand(form):
        if (
            not instance.rule.spans_years
            and judge(instance, before.figures, None, old).outcome == BROKEN
            and judge(instance, after.figures, None, new).outcome == HOLDS
        ):
            yield instance.subject
