"""A report whose figures or prose were changed after it was published."""

from collections.abc import Iterator, Sequence
from typing import Any

from db.records import Finding
from monitor.catalogue import fill, sentence
from monitor.catalogue.dates import moment_words
from monitor.config import Thresholds
from monitor.judging.publication_words import change_words, content_place
from monitor.judging.revisions import Revised, revised
from monitor.judging.rule import Article, Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import Words, pair
from parsers.form import load_forms

_PROSE = sentence(zh="第{sections_zh}部分文字有改动。", en="The text of section {sections_en} was changed.")
_MENDED = sentence(
    zh="改动前不成立的{count}项数据关系，改动后成立。",
    en="{count} of the form's relations that did not hold before hold now.",
)
_NUMERALS = "〇一二三四五六七八九十"


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    for number, change in enumerate(revised(season), start=1):
        said = change.alteration
        is_of_figures = bool(said.figures)
        form = load_forms().get(change.after.report.form or "")
        if not is_of_figures and not said.is_whole:
            continue  # one of the two may not have been read whole
        prose = _sections(said.sections) if said.is_whole and said.sections else ("", "")
        addresses = dict.fromkeys((change.before.url, change.after.url))
        yield rule.finding(
            season,
            "figures" if is_of_figures else "prose",
            {
                "addresses_zh": "；".join(addresses),
                "addresses_en": "; ".join(addresses),
                **pair("before", moment_words(change.before.seen.last_seen_at)),
                **pair("after", moment_words(change.after.seen.first_seen_at)),
                **pair("changes", change_words(said.figures, form) if form else ("", "")),
                **pair("prose", prose),
                **pair("mended", fill(_MENDED, {"count": len(said.mended)}) if said.mended else ("", "")),
            },
            severity="warning" if said.has_new_numbers and not said.mended else "notice",
            certainty="certain" if is_of_figures else "likely",
            # Each change of a report is a finding of its own.
            figure=f"revision.{number}",
            figures=[c.figure for c in said.figures],
            observed={c.figure: c.after.value for c in said.figures if c.after} or None,
            expected={c.figure: c.before.value for c in said.figures if c.before} or None,
            places=_places(change, season.year),
            confirmed=change.is_confirmed,
        )


def _sections(numbers: Sequence[int]) -> Words:
    zh = "、".join(_NUMERALS[n] if n < len(_NUMERALS) else str(n) for n in numbers)
    return fill(_PROSE, {"sections_zh": zh, "sections_en": ", ".join(map(str, numbers))})


def _places(change: Revised, year: int) -> list[dict[str, Any]]:
    """Each figure in both documents; the documents alone where only the prose differs."""
    if not change.alteration.figures:
        return [content_place(one, year) for one in (change.before, change.after)]
    return [
        content_place(one, year, figure.figure)
        for figure in change.alteration.figures
        for one in (change.before, change.after)
    ]


RULE = SeasonRule(
    name="revised",
    kind="change",
    basis="observation",
    severity="warning",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    article=Article(
        "《中华人民共和国政府信息公开条例》（2019年修订）第六条、第五十条",
        "Regulations on Open Government Information (2019), Articles 6 and 50",
    ),
    innocent=(
        Innocent(
            "页面的浏览次数、发布日期、字号按钮、导航等变化。",
            "View counters, dates of the page, buttons for the size of letters, navigation.",
            excluded=True,
        ),
        Innocent(
            "重新上传内容相同的文件。",
            "The same contents were uploaded as another file, or in another format.",
            excluded=True,
        ),
        Innocent("读取程序有更新。", "A newer version of the reader reads it otherwise.", excluded=True),
        Innocent(
            "机关自行更正差错，并可能已在别处说明。",
            "The agency has put right a mistake, and may have said so elsewhere.",
            excluded=False,
        ),
    ),
    about="""*Revised* is a report whose figures or prose say something else than when it was published. Two documents
of different bytes are compared that stood, one after the other, at one address, or of which the second took the place
of the first: at another address of the same portal, under the same title, once the first was gone. Both must have been
read by the same version of the parser.

- A figure counts where both cells were plainly read and no doubt concerns their table: another number, another unit,
  or a number where there was a blank or a dash. Where a person has corrected the cell of one of the two only, it does
  not: what was misread in the one was perhaps misread in the other. The sentence says from what to what; the places
  name both cells.
- The prose counts sentence by sentence, without blanks and marks. Lines of the page around it (counters, dates,
  buttons, navigation) and lines that are no sentences do not; nor does a sentence that only moved; nor a text of which
  one of the two was perhaps not read whole.
- Bytes, counters, layout and format make no revision.

Changed numbers are a warning, *certain*; only blanks filled in, or emptied, a notice. Changed prose alone is a notice,
*likely*. Where a relation of the form that did not hold before holds now, the change is a notice, and the sentence says
so: to put a mistake right is what is wanted. Which of two versions is right no sentence says. Each change is a finding
of its own (`revision.1`, `revision.2`, …), told once a second look has shown the new contents; contents that were seen
once between two that say the same are none.""",
    says={
        "figures": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告公布后数据有改动：{changes_zh}。{prose_zh}{mended_zh}"
                "改动前末次见于{before_zh}，改动后首次见于{after_zh}（北京时间），网址：{addresses_zh}。"
                "数据不同本身不说明何者正确。"
            ),
            en=(
                "Figures of the {year} annual report of {agency} were changed after its publication: {changes_en}. "
                "{prose_en} {mended_en} The earlier version was last seen at {before_en}, the later one first at "
                "{after_en} (Beijing time), at {addresses_en}. This does not say which of them is right."
            ),
            optional=["prose", "mended"],
        ),
        "prose": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告公布后文字有改动，数据未见改动。{prose_zh}"
                "改动前末次见于{before_zh}，改动后首次见于{after_zh}（北京时间），网址：{addresses_zh}。"
            ),
            en=(
                "The text of the {year} annual report of {agency} was changed after its publication, its figures were "
                "not. {prose_en} The earlier version was last seen at {before_en}, the later one first at {after_en} "
                "(Beijing time), at {addresses_en}."
            ),
            optional=["prose"],
        ),
    },
)
