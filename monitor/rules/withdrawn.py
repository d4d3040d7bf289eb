"""A report that was published, and was taken away: not from its address alone, but from the portal."""

from collections.abc import Iterator
from typing import Any

from db.records import Finding
from monitor.calendar import beijing_day
from monitor.catalogue import fill, sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.judging.absence import Column
from monitor.judging.publication_words import look_place
from monitor.judging.rule import Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import ARTICLE_49, column_words, joined, pair, publication_place, read_place
from monitor.judging.withdrawal import Doubt, Withdrawal, withdrawal

DOUBTS = {
    Doubt.UNREAD: sentence(zh="该文件内容未能读取", en="what stood there could not be read"),
    Doubt.NOT_KEPT: sentence(zh="该文件的原件未留存", en="its bytes are not kept"),
    Doubt.NEVER_LISTED: sentence(
        zh="此前读取的栏目未见列出该报告及同期其他报告", en="no list that was read has shown it together with others"
    ),
    Doubt.SHRUNK: sentence(
        zh="该栏目列出的其他报告也有减少", en="the list shows fewer of the other reports than before, too"
    ),
    Doubt.UNRESOLVED: sentence(
        zh="栏目中有报告未能辨明所属机关", en="a report is listed there whose agency could not be told"
    ),
    Doubt.SEARCH: sentence(
        zh="栏目页面的原件未能全部检索", en="the kept pages of the lists could not all be searched for its name"
    ),
}


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    found = withdrawal(season)
    if found is None:
        return
    first, last = found.looks[0], found.looks[-1]
    known = {column.url: column for column in season.absence.columns}
    columns = [known.get(url, Column(url)) for url in sorted({read.column for read in found.proof})]
    yield rule.finding(
        season,
        "unclear" if found.doubts else "gone",
        {
            "addresses_zh": "；".join(p.url for p in found.publications),
            "addresses_en": "; ".join(p.url for p in found.publications),
            "days": found.days,
            "reads": min(sum(r.column == column.url for r in found.proof) for column in columns),
            **pair("seen", moment_words(found.last_seen_at)),
            **pair("first", moment_words(first.at)),
            **pair("last", moment_words(last.at)),
            **pair("as_of", day_words(beijing_day(found.proof[-1].at))),
            **pair("columns", column_words(columns)),
            **pair("doubts", joined([fill(DOUBTS[doubt], {}) for doubt in found.doubts])),
        },
        severity="warning" if found.doubts else "error",
        certainty="likely" if found.doubts else "certain",
        observed=beijing_day(first.at).isoformat(),
        places=_places(season, found),
    )


def _places(season: Season, found: Withdrawal) -> list[dict[str, Any]]:
    return [
        *(publication_place(p, season.year) for p in found.publications),
        *(look_place(look, season.year) for look in found.looks),
        *(read_place(read, season.year) for read in found.proof),
    ]


RULE = SeasonRule(
    name="withdrawn",
    kind="time",
    basis="observation",
    severity="error",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    article=ARTICLE_49,
    innocent=(
        Innocent(
            "网站改版、栏目迁移，报告移至其他网址。",
            "The site was rebuilt or its lists moved, and the report stands at another address.",
            excluded=True,
        ),
        Innocent(
            "机构合并、撤销、更名，报告随之移出（以名录所载为限）。",
            "The body was merged, ended or renamed, and its reports went with it, as far as the register says so.",
            excluded=True,
        ),
        Innocent("网站暂时无法访问或拒绝访问。", "The site could not be reached, or refused to answer.", excluded=True),
        Innocent(
            "栏目只列最新若干条。", "The list shows the newest rows only; the report is still there.", excluded=True
        ),
        Innocent(
            "更正后重新公布，或移至未收录的网站、栏目。",
            "It was taken back to be corrected, or stands on a site or in a list that is not watched.",
            excluded=False,
        ),
    ),
    about="""*Withdrawn* is a report that was there and is gone from the portal, not from its address alone. It needs
all of these; short of it nothing is said:

1. every address at which it stood says plainly (404, 410, a page that says so, a redirection elsewhere) that it is
   gone, on three days or more since it was last there; what was blocked, has failed or was not understood is no look
   at all. Where it was a file, the page that carried it is gone, too;
2. every column that could carry it was read well and completely since, three times or more on three days or more, and
   none of those reads shows it; nor does any other list of the portal;
3. in one such column, one that had shown it where any has, each of those reads showed other agencies' reports of that
   year, or an earlier one of this agency; where they had shown its reports of other years, one of them shows some still
   (all of a body's reports go when it was merged, which the register may not know yet); and nothing has come to be
   listed since that may be it under another name or year;
4. the same agency's report of that year stands at no other address of any source, no list of another portal has led to
   it, and the same bytes stand nowhere;
5. the site was not rebuilt: for each other address that went within two weeks, four or more have answered since; where
   none went, the list shows at least half of what it had shown with it, or others have answered;
6. by the register the agency was not merged, ended, renamed or founded anew in that year or since;
7. the text of those list pages does not name the agency near the words of a report.

It is *certain* if, besides, it had been read and its bytes are kept, a list had shown it with others and still shows
four fifths of them, nothing listed may be it under another name, and the bytes of the lists are all kept. Else it is a
warning and *likely*, and the sentence says what is unclear. That a list no longer shows a report is nothing by itself.
One more look that shows it, at an address or in a list, ends the finding.""",
    says={
        "gone": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告曾载于{addresses_zh}，末次见到为{seen_zh}（北京时间）。"
                "自{first_zh}至{last_zh}，上述网址在至少{days}个不同日期均显示页面不存在。此后至{as_of_zh}，"
                "下列栏目各被完整读取至少{reads}次，均未再列出该报告，同期仍列出其他报告：{columns_zh}。"
                "本提示仅说明上述网址和栏目在上述时间的情形，该报告可能载于别处。"
            ),
            en=(
                "The {year} annual report of {agency} on government information disclosure stood at {addresses_en} and "
                "was seen there last at {seen_en} (Beijing time). From {first_en} to {last_en} these addresses said on "
                "at least {days} different days that there is no such page. Since then, up to {as_of_en}, each of "
                "these lists was read completely at least {reads} times; none showed it any more, while they still "
                "showed other reports: {columns_en}. This only says what these addresses and lists showed at those "
                "times; the report may be elsewhere."
            ),
        ),
        "unclear": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告曾载于{addresses_zh}，末次见到为{seen_zh}（北京时间）。"
                "自{first_zh}至{last_zh}，上述网址在至少{days}个不同日期均显示页面不存在；此后至{as_of_zh}，"
                "在下列栏目未再查到：{columns_zh}。尚有不明之处：{doubts_zh}。该报告可能载于别处。"
            ),
            en=(
                "The {year} annual report of {agency} on government information disclosure stood at {addresses_en} and "
                "was seen there last at {seen_en} (Beijing time). From {first_en} to {last_en} these addresses said on "
                "at least {days} different days that there is no such page; since then, up to {as_of_en}, it was not "
                "found in these lists: {columns_en}. What is unclear: {doubts_en}. The report may be elsewhere."
            ),
        ),
    },
)
