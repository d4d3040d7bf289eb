"""A report whose page gives a day after the deadline as that of its publication: what it prints, and no more."""

from collections.abc import Iterator
from datetime import date, timedelta

from db.records import Finding
from monitor.calendar import end_of_day
from monitor.catalogue import sentence
from monitor.catalogue.dates import day_words
from monitor.config import Thresholds
from monitor.judging.absence import State
from monitor.judging.arrival import claimed, claimed_days
from monitor.judging.lateness import grace_day, lateness, shown_in_time
from monitor.judging.rule import Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import holiday_words, pair, publication_place

MOST = timedelta(days=365)
"""A printed date that lies further behind the deadline tells of a site that was rebuilt rather than of the report."""


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    if absence.duty is None or absence.due is None or absence.state not in (State.PRESENT, State.PUBLISHED_UNREAD):
        return
    days, due = claimed_days(season), absence.due
    if not days or days[0] <= grace_day(due) or days[0] > due + MOST or shown_in_time(season, due):
        return
    if any(date.fromisoformat(one.day) <= due for one in claimed(season)) or lateness(season, absence.duty):
        return
    is_watched = any(read.good and read.at < end_of_day(due) for read in season.reads)
    yield rule.finding(
        season,
        "printed",
        {
            "source_zh": absence.duty.source_zh,
            "source_en": absence.duty.source_en,
            **pair("due", day_words(due)),
            **pair("printed", day_words(days[0])),
            **pair("holiday", holiday_words(due)),
        },
        basis="observation",
        observed=days[0].isoformat(),
        expected=due.isoformat(),
        places=[publication_place(publication, season.year) for publication in season.publications],
        told=is_watched,  # what was there before our first visit is shown and not sent
    )


RULE = SeasonRule(
    name="dated-after-deadline",
    kind="time",
    basis="observation",
    severity="notice",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    rests_on_fetch=False,
    innocent=(
        Innocent(
            "页面日期为网站改版、迁移或重新编辑的日期。",
            "The date is that of a migration of the site, or of a later edit.",
            excluded=False,
        ),
        Innocent(
            "此前已在其他网站或栏目公布。",
            "It had been published before on another site or in another list.",
            excluded=False,
        ),
        Innocent(
            "期限最后一日为休息日或节假日，所标日期未晚于其后首个工作日。",
            "The deadline fell on a day off, and the date is not later than the first working day after it.",
            excluded=True,
        ),
    ),
    about="""Every day that the page, the list or the metadata give for the publication lies after the deadline, by less
than a year; neither the address nor anything that was seen says otherwise; and it was not seen to be absent before, for
then it is `late`. It tells what is printed, and does not say that the report was late. Where nothing was read before
the deadline it is shown and not sent.""",
    says={
        "printed": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的页面或栏目所标发布日期为{printed_zh}，在{source_zh}所定的"
                "{due_zh}（含当日）之后。{holiday_zh}所标日期可能是网页迁移或修改的日期，本身不说明该报告首次公布于何日。"
            ),
            en=(
                "The page or list of the {year} annual report of {agency} gives {printed_en} as its date of "
                "publication, after {due_en} (that day included), by which it was due under the {source_en}. "
                "{holiday_en} The date may be that of a migration or an edit; it does not by itself say when the "
                "report was first published."
            ),
            optional=["holiday"],
        ),
    },
)
