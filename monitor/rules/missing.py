"""A report that was due, and was not found where it should be, often enough and for long enough."""

from collections.abc import Iterator

from db.records import Finding
from monitor.calendar import beijing_day
from monitor.catalogue import sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.duties import LOCAL
from monitor.judging.absence import State
from monitor.judging.rule import Certainty, Defect, Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import ARTICLE_49, column_words, holiday_words, pair, peer_words, read_place


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    if absence.state is not State.MISSING:
        return
    duty = absence.duty
    if absence.due is None or absence.as_of is None or duty is None:
        raise ValueError("a missing report has a deadline and reads")
    columns = {read.column for read in absence.proof}
    by_column = {column: [read for read in absence.proof if read.column == column] for column in columns}
    is_local = duty.name == LOCAL
    yield rule.finding(
        season,
        "not-found-local" if is_local else "not-found",
        {
            "source_zh": duty.source_zh,
            "source_en": duty.source_en,
            "reads": min(len(reads) for reads in by_column.values()),
            "days": min(len({beijing_day(read.at) for read in reads}) for reads in by_column.values()),
            **pair("as_of", moment_words(absence.as_of)),
            **pair("due", day_words(absence.due)),
            **pair("first", day_words(beijing_day(absence.proof[0].at))),
            **pair("last", day_words(beijing_day(absence.proof[-1].at))),
            **pair("columns", column_words(absence.columns)),
            **pair("holiday", holiday_words(absence.due)),
            **pair("peers", peer_words(absence.witnesses, absence.agency, absence.year)),
        },
        severity="warning" if is_local else None,
        certainty=_certainty(season),
        basis=duty.name,
        expected=absence.due.isoformat(),
        places=[read_place(read, absence.year) for read in absence.proof],
    )


def _certainty(season: Season) -> Certainty:
    if any(claim.has_published for claim in season.claims):
        return "doubtful"  # an authority says that it is there: a question, and not to be told
    absence = season.absence
    # Otherwise it may have come and gone before our first visit, its entry was not understood, or another owed it.
    is_sure = absence.watched_before_due and absence.searched and not season.is_reformed
    return "certain" if is_sure else "likely"


RULE = SeasonRule(
    name="missing",
    kind="time",
    basis="law",
    severity="error",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    defect=Defect.LATE,
    article=ARTICLE_49,
    innocent=(
        Innocent(
            "网站无法访问、改版或栏目不完整。",
            "The site was blocked, rebuilt, or its list was not whole.",
            excluded=True,
        ),
        Innocent(
            "以联合报告、上级或合并机关的报告公布。",
            "It was published in a joint report, or in that of the body which covers it or took it over.",
            excluded=True,
        ),
        Innocent(
            "以图片、扫描件等未能读取的形式公布。", "It was published in a form that could not be read.", excluded=True
        ),
        Innocent(
            "在其他网站或栏目、政府公报上公布。",
            "It was published on another site, in another list, or in a gazette.",
            excluded=False,
        ),
    ),
    about="""*Missing* needs all of these; anything short of it is `overdue-unconfirmed`:

1. a dated duty, with its source, in the register, or a sourced rule of its region;
2. the deadline and the first working day after it have passed, in Beijing time;
3. of every column that could carry the report, three complete reads or more after the deadline, on three days or
   more, from first to last over five working days or more, none of which showed it. Reads that lack what the list had
   shown before do not count: a stale copy, a filter, or a list of the newest rows;
4. in one such column each of those reads showed other agencies' reports of that year, or an earlier one of this
   agency; if a column has ever shown this agency, it must be such a column; and one of them, if it was read before the
   last two weeks of January (or of an earlier deadline), has shown something new in them or since: else it may have
   been left behind for another list;
5. in those reads no report for that year, or for a year that could not be told, is listed whose agency could not be
   told, or whose name may be another spelling of this one's; none of the agency's own under the title of a year that
   is not over, nor one under that of an earlier year which is dated since or stands there twice; and, where a
   government's report is looked for, none of its office, unless both were listed for an earlier year;
6. the text of the list pages of those reads, searched once more as it is kept (scripts and attributes too), names the
   agency nowhere near 年报, 年度报告 or 信息公开 and the year, or no year. This veto rather errs on the side of
   silence. Nor has a list of another portal led to its report for that year, whether that was fetched or not.

A report counts for everyone whose report it is: for each agency of a joint title (文化和旅游局、文物局), for one that
is `covered_by` the other, and in the year of a merger for predecessor and successor alike
([agencies.md](agencies.md)). What is published and cannot be read by us is published.

It is *certain* if a column was read before the deadline passed, the bytes of all those pages are kept, and the agency
was not reorganised, else *likely*: the report may have come and gone before our first visit. Where an authority's
notice says that it is published, it is *doubtful* and never sent. Where only a rule of its region sets the date, it is
a warning that rests on that rule and not on Article 49. The sentence says 截至…在下列栏目未查到, not found
there as of then: what was seen, where and when, and nothing about what the agency did.""",
    says={
        "not-found": sentence(
            zh=(
                "截至{as_of_zh}（北京时间），在下列栏目未查到{agency}{year}年政府信息公开工作年度报告：{columns_zh}。"
                "依据{source_zh}，该报告应于{due_zh}前（含当日）向社会公布。{holiday_zh}自{first_zh}至{last_zh}，"
                "上述栏目各被完整读取至少{reads}次（分布于至少{days}天），均未查到；{peers_zh}。"
                "本提示仅说明上述栏目在上述时间的情形，该报告可能载于别处。"
            ),
            en=(
                "As of {as_of_en} (Beijing time), the annual report of {agency} on government information disclosure "
                "for {year} was not found in: {columns_en}. Under the {source_en}, it was due by {due_en} (that day "
                "included). {holiday_en} From {first_en} to {last_en} each of these lists was read completely at "
                "least {reads} times (on at least {days} days) without finding it; {peers_en}. This only says what "
                "these lists showed at those times; the report may be elsewhere."
            ),
            optional=["holiday"],
        ),
        "not-found-local": sentence(
            zh=(
                "截至{as_of_zh}（北京时间），在下列栏目未查到{agency}{year}年政府信息公开工作年度报告：{columns_zh}。"
                "{source_zh}要求该报告于{due_zh}前（含当日）公布；该日期为地方规定的日期，并非"
                "《中华人民共和国政府信息公开条例》第四十九条所定。{holiday_zh}自{first_zh}至{last_zh}，"
                "上述栏目各被完整读取至少{reads}次（分布于至少{days}天），均未查到；{peers_zh}。"
                "本提示仅说明上述栏目在上述时间的情形，该报告可能载于别处。"
            ),
            en=(
                "As of {as_of_en} (Beijing time), the annual report of {agency} on government information disclosure "
                "for {year} was not found in: {columns_en}. {source_en} asks for it by {due_en} (that day included); "
                "this is a local date and not one of Article 49 of the Regulations on Open Government Information. "
                "{holiday_en} From {first_en} to {last_en} each of these lists was read completely at least {reads} "
                "times (on at least {days} days) without finding it; {peers_en}. This only says what these lists "
                "showed at those times; the report may be elsewhere."
            ),
            optional=["holiday"],
        ),
    },
)
