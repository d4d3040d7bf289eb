"""A report whose page gives a day for its publication on which, and well after which, the lists did not show it."""

from collections.abc import Iterator

from db.records import Finding
from monitor.calendar import beijing_day
from monitor.catalogue import sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.judging.absence import Column
from monitor.judging.lateness import backdated
from monitor.judging.rule import Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import column_words, pair, peer_words, places_before


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    found = backdated(season)
    if found is None:
        return
    reads, days = found.before.fewest()
    known = {column.url: column for column in season.absence.columns}
    columns = [known.get(url, Column(url)) for url in sorted({read.column for read in found.before.proof})]
    yield rule.finding(
        season,
        "printed-before",
        {
            "reads": reads,
            "days": days,
            **pair("printed", day_words(found.printed)),
            **pair("first", day_words(beijing_day(found.before.proof[0].at))),
            **pair("as_of", moment_words(found.before.as_of)),
            **pair("came", moment_words(found.arrival.at)),
            **pair("columns", column_words(columns)),
            **pair("peers", peer_words(found.before.witnesses, season.agency, season.year)),
        },
        observed=found.printed.isoformat(),
        expected=found.arrival.day.isoformat(),
        places=places_before(found.before.proof, season.publications, season.year),
        confirmed=found.confirmed,
    )


RULE = SeasonRule(
    name="backdated",
    kind="time",
    basis="observation",
    severity="warning",
    certainty="likely",
    needs=Needs.SEASON,
    judge=_judge,
    innocent=(
        Innocent("栏目页面为缓存的旧页面。", "The list was a stale copy.", excluded=True),
        Innocent(
            "所标日期为录入系统或报送的日期，发布须排队审核。",
            "The date is that of entry in the publishing system, whose queue released it later.",
            excluded=False,
        ),
        Innocent(
            "所标日期为在另一网站或栏目首次发布的日期。",
            "The date is that of its publication on another site or in another list.",
            excluded=False,
        ),
        Innocent("所标日期为报告落款日期。", "The date is that of the signature in the text.", excluded=True),
    ),
    about="""The latest day that the page, the list or the metadata give for the publication lies within the deadline,
and two complete reads or more of every column that could carry the report, on two days or more, after that day and one
more working day, the last of them five working days after it or later, did not show it, while the list had other news.
It first came after the deadline. The day of signing in the text is no such claim, and neither is a date in the address.
Reads count as they do for `late`; where the address was known before, the lists could not be read over the deadline, a
notice says that it was published, many reports came at once, or the list served old copies, nothing is
said. Never more than likely.""",
    says={
        "printed-before": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的页面或栏目所标发布日期为{printed_zh}；而自{first_zh}至{as_of_zh}"
                "（北京时间），下列栏目各被完整读取至少{reads}次（分布于至少{days}天），均未查到该报告：{columns_zh}；"
                "{peers_zh}。{came_zh}首次在该网站查到。所标日期可能是录入、报送或在别处发布的日期，"
                "此处只说明所标日期与栏目所见不一致。"
            ),
            en=(
                "The page or list of the {year} annual report of {agency} gives {printed_en} as its date of "
                "publication; from {first_en} to {as_of_en} (Beijing time) each of these lists was read completely "
                "at least {reads} times (on at least {days} days) without finding it: {columns_en}; {peers_en}. It was "
                "first found on that site at {came_en}. The date may be that of entry, of handing in, or of "
                "publication elsewhere; this only says that the printed date and what the lists showed differ."
            ),
        ),
    },
)
