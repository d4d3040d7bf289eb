"""A report of a body that no rule sets a date for, and that was not found: shown, and never sent."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.dates import moment_words
from monitor.config import Thresholds
from monitor.judging.absence import State
from monitor.judging.rule import Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import column_words, pair, read_place


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    if absence.state is not State.NOT_FOUND_SO_FAR or absence.as_of is None:
        return
    read = {one.column for one in absence.proof}
    last = {one.column: one for one in absence.proof}
    yield rule.finding(
        season,
        "not-found",
        {
            **pair("as_of", moment_words(absence.as_of)),
            **pair("columns", column_words(column for column in absence.columns if column.url in read)),
        },
        places=[read_place(one, absence.year) for one in last.values()],
    )


RULE = SeasonRule(
    name="not-found-so-far",
    kind="time",
    basis="observation",
    severity="notice",
    certainty="likely",
    needs=Needs.SEASON,
    judge=_judge,
    told=False,
    about="""A body that owes a report by no date, neither by law nor by a sourced rule of its region, and whose report
was not found in the lists that were read since the year ended. It can be neither missing nor late. The sentence says
截至…尚未查到, what was looked at and when, and names no deadline.""",
    says={
        "not-found": sentence(
            zh="截至{as_of_zh}（北京时间），在下列已读取的栏目尚未查到{agency}{year}年政府信息公开工作年度报告：{columns_zh}。",
            en=(
                "As of {as_of_en} (Beijing time), the {year} annual report of {agency} on government information "
                "disclosure has not been found so far in the lists that were read: {columns_en}."
            ),
        ),
    },
)
