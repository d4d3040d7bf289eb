"""A report whose deadline has passed, and of which not enough has been seen to call it missing."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import say, sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.judging.absence import MIN_DAYS, MIN_READS, MIN_WORKING_DAYS, Lack, State
from monitor.judging.rule import Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import joined, pair, read_place

_NEEDS = {Lack.READS: MIN_READS, Lack.DAYS: MIN_DAYS, Lack.SPAN: MIN_WORKING_DAYS}


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    if absence.state is not State.OVERDUE_UNCONFIRMED:
        return
    if absence.due is None or absence.as_of is None or absence.duty is None:
        raise ValueError("an overdue report has a deadline and reads")
    lacking = [say(f"lacking-{lack}", need=_NEEDS.get(lack, 0)) for lack in absence.lacking]
    yield rule.finding(
        season,
        "to-confirm",
        {
            **pair("due", day_words(absence.due)),
            **pair("as_of", moment_words(absence.as_of)),
            **pair("lacking", joined(lacking)),
        },
        basis=absence.duty.name,
        expected=absence.due.isoformat(),
        places=[read_place(read, absence.year) for read in absence.proof],
    )


RULE = SeasonRule(
    name="overdue-unconfirmed",
    kind="time",
    basis="law",
    severity="notice",
    certainty="doubtful",
    needs=Needs.SEASON,
    judge=_judge,
    told=False,
    about="""The deadline has passed, and something that `missing` needs is lacking; the sentence says what.""",
    says={
        "to-confirm": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的公布期限（{due_zh}）已过，截至{as_of_zh}（北京时间）"
                "在已读取的栏目尚未查到，有待确认：{lacking_zh}。"
            ),
            en=(
                "The date by which the {year} annual report of {agency} was due ({due_en}) has passed, and as of "
                "{as_of_en} (Beijing time) it was not found in the lists that were read; still to be confirmed: "
                "{lacking_en}."
            ),
        ),
    },
)
