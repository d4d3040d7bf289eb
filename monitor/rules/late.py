"""A report that was not there after its deadline, and then came."""

from collections.abc import Iterator

from db.records import Finding
from monitor.calendar import beijing_day
from monitor.catalogue import say, sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.duties import LOCAL
from monitor.judging.absence import Column
from monitor.judging.lateness import Doubt, Lateness, lateness, shown_in_time
from monitor.judging.rule import Certainty, Defect, Innocent, Needs, SeasonRule, Severity
from monitor.judging.season import Season
from monitor.judging.time_words import (
    ARTICLE_49,
    column_words,
    holiday_words,
    joined,
    pair,
    peer_words,
    places_before,
)


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    if found := lateness(season, season.absence.duty):
        yield _finding(rule, season, found)
        return
    due = season.absence.due
    if due and shown_in_time(season, due):
        early = lateness(season, season.absence.local)
        # In time by law: only where it is beyond doubt that the earlier local date was missed.
        if early and not early.doubts and not early.in_grace:
            yield _said(rule, season, early, "local-date", "notice", "certain")


def _finding(rule: SeasonRule, season: Season, found: Lateness) -> Finding:
    is_local = found.duty.name == LOCAL
    if found.in_grace:
        return _said(rule, season, found, "in-grace", "notice", "likely", told=False)
    if Doubt.UNWATCHED in found.doubts:
        return _said(rule, season, found, "unclear", "notice", "likely", told=False)
    if found.doubts:
        return _said(rule, season, found, "unclear", "notice" if is_local else "warning", "likely")
    return _said(rule, season, found, "late", "warning" if is_local else "error", "certain")


def _said(
    rule: SeasonRule,
    season: Season,
    found: Lateness,
    says: str,
    severity: Severity,
    certainty: Certainty,
    *,
    told: bool | None = None,
) -> Finding:
    reads, days = found.before.fewest()
    read = {read.column for read in found.before.proof}
    known = {column.url: column for column in season.absence.columns}
    columns = [known.get(url, Column(url)) for url in sorted(read)]
    return rule.finding(
        season,
        says,
        {
            "source_zh": found.duty.source_zh,
            "source_en": found.duty.source_en,
            "reads": reads,
            "days": days,
            "late": found.late.days,
            "off": found.late.off,
            **pair("due", day_words(found.due)),
            **pair("first", day_words(beijing_day(found.before.proof[0].at))),
            **pair("as_of", moment_words(found.before.as_of)),
            **pair("came", moment_words(found.arrival.at)),
            **pair("columns", column_words(columns)),
            **pair("holiday", holiday_words(found.due)),
            **pair("peers", peer_words(found.before.witnesses, season.agency, season.year)),
            **pair(
                "printed",
                say("late-printed", **pair("printed", day_words(found.printed))) if found.printed else ("", ""),
            ),
            **pair("doubts", joined([say(f"doubt-{doubt}") for doubt in found.doubts])),
        },
        severity=severity,
        certainty=certainty,
        basis=found.duty.name,
        observed=found.arrival.day.isoformat(),
        expected=found.due.isoformat(),
        places=places_before(found.before.proof, season.publications, season.year),
        told=told,
        confirmed=found.confirmed,
    )


RULE = SeasonRule(
    name="late",
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
            "网站在期限前后无法访问，或栏目为缓存的旧页面、带有地区筛选、只列最新若干条。",
            "The site could not be reached around the deadline, or its list was a stale copy, filtered by place, or "
            "showed the newest rows only.",
            excluded=True,
        ),
        Innocent(
            "网站改版或栏目迁移，报告以新网址重新出现。",
            "The site was rebuilt or its lists moved, and the report came back under a new address.",
            excluded=True,
        ),
        Innocent(
            "此前已以图片、扫描件、联合报告或其他网址的文件公布。",
            "It had been published before as an image, in a joint report, or as another document.",
            excluded=True,
        ),
        Innocent(
            "期限最后一日为休息日或节假日，报告于其后首个工作日公布。",
            "The deadline fell on a day off, and the report came on the first working day after it.",
            excluded=True,
        ),
        Innocent(
            "此前已在其他网站、未收录的栏目或政府公报上公布。",
            "It had been published before on another site, in a list that is not watched, or in a gazette.",
            excluded=False,
        ),
        Innocent(
            "机关按时报送，网站管理部门延后发布。",
            "The agency handed it in on time, and whoever runs the site posted it later.",
            excluded=False,
        ),
    ),
    about="""*Late* is what was read absent after the deadline and then present. A date printed on the page is not
enough; that alone is `dated-after-deadline`. It is said only if

1. the duty is dated, by law or by a rule of its region, and has a source;
2. nothing shows the report to have been public before the deadline's whole day had passed in Beijing: no list of its
   portal, whether that read was good for anything else or not, no document of any source, read or not, no look at its
   address; and not every date printed on its page or in the list says so (or that it came by the first working day
   after a deadline on a day off);
3. after the deadline, and before the first sign of it anywhere, every column that could carry it was read well and
   completely. Reads that lack what the list had shown before do not count: a stale copy, a filter, or a list of the
   newest rows. If the deadline fell on a day off, only reads after the first working day count;
4. in such a read the list that showed it later showed others' reports of that year, or an earlier one of this agency,
   and nothing that may be this report under a name that could not be told;
5. then a list of its own portal shows it, and no other source had it on a day before, nor had a list of another portal
   led to it when the last of those reads was made, whether it was fetched or not;
6. the text of those list pages, searched as it is kept, does not name the agency near the words of a report.

It is *certain* if, besides, each of those columns had been read well before the deadline, the one that showed it within
31 days and not only before an outage; two reads on two days did not show it while the list had other news, or the page
or list prints a date after the deadline; no printed date, no date in the address, no notice of then says otherwise; it
did not come together with many others or with its own earlier ones; the bytes of the lists are all kept; the public
holidays of the year are known; the agency was not reorganised. Else it is a warning and *likely*, and the sentence says
what is unclear. Where the deadline lies before our first visit of the list it is a notice that is shown only.
Without a printed date after the deadline nothing is said where the list served old copies around then: where it lacked
what it had shown and showed again, this report among that.

A report that came up to the first working day after a deadline on a day off is at most a notice, shown only. A date of
the region's own makes a warning, never by Article 49; where the law sets a later date that was kept, a notice.

The days late are counted up to the first sight of it, with the days off among them. It is told once a second read or
visit has shown the report.""",
    says={
        "late": sentence(
            zh=(
                "依据{source_zh}，{agency}{year}年政府信息公开工作年度报告应于{due_zh}前（含当日）向社会公布。{holiday_zh}"
                "自{first_zh}至{as_of_zh}（北京时间），下列栏目各被完整读取至少{reads}次（分布于至少{days}天），"
                "均未查到该报告：{columns_zh}；{peers_zh}。{came_zh}首次在该网站查到，此时期限已过{late}天"
                "（其中休息日、节假日{off}天）。{printed_zh}"
                "本提示仅说明上述栏目在上述时间的情形，该报告此前可能载于别处。"
            ),
            en=(
                "Under the {source_en}, the annual report of {agency} on government information disclosure for {year} "
                "was due by {due_en} (that day included). {holiday_en} From {first_en} to {as_of_en} (Beijing time) "
                "each of these lists was read completely at least {reads} times (on at least {days} days) without "
                "finding it: {columns_en}; {peers_en}. It was first found on that site at {came_en}, {late} days after "
                "the deadline ({off} of them weekends or public holidays). {printed_en} This only says what these "
                "lists showed at those times; the report may have been elsewhere before."
            ),
            optional=["holiday", "printed"],
        ),
        "unclear": sentence(
            zh=(
                "依据{source_zh}，{agency}{year}年政府信息公开工作年度报告应于{due_zh}前（含当日）向社会公布。{holiday_zh}"
                "截至{as_of_zh}（北京时间），在下列栏目未查到该报告：{columns_zh}；{came_zh}首次在该网站查到，"
                "此时期限已过{late}天（其中休息日、节假日{off}天）。{printed_zh}尚有不明之处：{doubts_zh}。"
                "该报告此前可能已在别处或以其他形式公布。"
            ),
            en=(
                "Under the {source_en}, the annual report of {agency} on government information disclosure for {year} "
                "was due by {due_en} (that day included). {holiday_en} As of {as_of_en} (Beijing time) it was not "
                "found in: {columns_en}; it was first found on that site at {came_en}, {late} days after the deadline "
                "({off} of them weekends or public holidays). {printed_en} What is unclear: {doubts_en}. The report "
                "may have been published before, elsewhere or in another form."
            ),
            optional=["holiday", "printed"],
        ),
        "in-grace": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的公布期限为{due_zh}（含当日）。{holiday_zh}"
                "该报告于{came_zh}（北京时间）首次查到，未晚于期限后的首个工作日。"
            ),
            en=(
                "The {year} annual report of {agency} was due by {due_en} (that day included). {holiday_en} It was "
                "first found at {came_en} (Beijing time), not later than the first working day after the deadline."
            ),
            optional=["holiday"],
        ),
        "local-date": sentence(
            zh=(
                "{source_zh}要求{year}年政府信息公开工作年度报告于{due_zh}前（含当日）公布。截至{as_of_zh}（北京时间），"
                "在下列栏目未查到{agency}的该报告：{columns_zh}；{came_zh}首次查到。{printed_zh}该日期为地方自定日期，"
                "早于《中华人民共和国政府信息公开条例》第四十九条的期限；该报告未超过第四十九条的期限。"
            ),
            en=(
                "{source_en} asks for annual reports on government information disclosure for {year} by {due_en} (that "
                "day included). As of {as_of_en} (Beijing time) that of {agency} was not found in: {columns_en}; it "
                "was first found at {came_en}. {printed_en} This is a local date, earlier than that of Article 49 of "
                "the Regulations on Open Government Information; the report is within the time of Article 49."
            ),
            optional=["printed"],
        ),
    },
)
