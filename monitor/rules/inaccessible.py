"""A report that is published, and that few will find or be able to read."""

from collections.abc import Iterator

from db.records import Finding
from monitor.calendar import beijing_day
from monitor.catalogue import sentence
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Thresholds
from monitor.judging.absence import Column
from monitor.judging.access import dead_files, images, unlisted
from monitor.judging.publication_words import look_place
from monitor.judging.rule import Innocent, Needs, SeasonRule
from monitor.judging.season import Publication, Season
from monitor.judging.time_words import column_words, pair, publication_place, read_place


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    if found := images(season):
        yield rule.finding(
            season,
            "image",
            {"addresses_zh": "；".join(p.url for p in found), "addresses_en": "; ".join(p.url for p in found)},
            severity="notice",
            figure="access.image",
            places=[publication_place(p, season.year) for p in found],
            confirmed=any(_was_seen_twice(p) for p in found),
        )
    for dead in dead_files(season)[:1]:
        yield rule.finding(
            season,
            "dead-file",
            {
                "page": dead.page.page_url,
                "file": dead.file,
                "days": len({beijing_day(look.at) for look in dead.looks}),
                **pair("first", moment_words(dead.looks[0].at)),
                **pair("last", moment_words(dead.looks[-1].at)),
            },
            severity="warning",
            figure="access.attachment",
            observed=beijing_day(dead.looks[0].at).isoformat(),
            places=[publication_place(dead.page, season.year), *(look_place(k, season.year) for k in dead.looks)],
        )
    if (left := unlisted(season)) is not None:
        known = {column.url: column for column in season.absence.columns}
        columns = [known.get(url, Column(url)) for url in sorted({read.column for read in left.reads})]
        yield rule.finding(
            season,
            "dropped" if left.was_listed else "unlisted",
            {
                "address": left.publication.url,
                "days": len({beijing_day(read.at) for read in left.reads}),
                **pair("first", day_words(beijing_day(left.reads[0].at))),
                **pair("last", day_words(beijing_day(left.reads[-1].at))),
                **pair("columns", column_words(columns)),
            },
            severity="notice",
            certainty="likely",
            figure="access.list",
            places=[
                publication_place(left.publication, season.year),
                *(read_place(read, season.year) for read in left.reads),
            ],
        )


def _was_seen_twice(publication: Publication) -> bool:
    return publication.last_seen_at > publication.first_seen_at


RULE = SeasonRule(
    name="inaccessible",
    kind="form",
    basis="observation",
    severity="warning",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    innocent=(
        Innocent(
            "同一报告另有可读取的文本。",
            "The same report is there as text, too, on the page or in another file.",
            excluded=True,
        ),
        Innocent("附件网址暂时无法访问。", "The file could not be reached for a while.", excluded=True),
        Innocent("栏目只列最新若干条。", "The list shows the newest rows only.", excluded=True),
        Innocent(
            "报告在未收录的其他栏目列出，或另有文本载于他处。",
            "It is listed in a column that is not watched, or stands elsewhere as text.",
            excluded=False,
        ),
    ),
    about="""The report is published; this says that it is hard to read or to find. Three claims, each a finding of its
own:

- `access.image` (notice): all that stands there of the report is pictures: scans, or pages without a text layer.
  Nothing is said where a page, or another file of the page, holds the text, or has not been obtained.
- `access.attachment` (warning): the page is there, and the file that it links has been gone (404, 410, a page that
  says so) on three days or more, with nothing since that says otherwise; no other file and no page holds the report.
  That a file is blocked, has failed or is not understood says nothing.
- `access.list` (notice, likely): its address answers, and every column that could carry it was read well three times
  or more, on three days or more over a week, without showing it: it was added by hand, found by way of another portal,
  or was listed before. Those reads must show reports of that year and of a year before, and all others of that year
  that the list has shown but two at most, so that it is no list of the newest rows, no old copy and no filter. Only
  for the current season.""",
    says={
        "image": sentence(
            zh="{agency}{year}年政府信息公开工作年度报告已公布，所见文件均为图片或扫描件，不含可读取的文字：{addresses_zh}。",
            en=(
                "The {year} annual report of {agency} is published; all files that were seen of it are pictures or "
                "scans without text: {addresses_en}."
            ),
        ),
        "dead-file": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的页面（{page}）可以打开，其附件（{file}）自{first_zh}至{last_zh}"
                "（北京时间）在{days}个不同日期均显示不存在。"
            ),
            en=(
                "The page of the {year} annual report of {agency} ({page}) can be opened; from {first_en} to {last_en} "
                "(Beijing time), on {days} different days, the file that it links ({file}) was not there."
            ),
        ),
        "unlisted": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告可在{address}打开；自{first_zh}至{last_zh}（{days}天），"
                "完整读取的下列栏目均未列出该报告：{columns_zh}。该报告可能列于其他栏目。"
            ),
            en=(
                "The {year} annual report of {agency} can be opened at {address}; from {first_en} to {last_en} (on "
                "{days} days) none of these lists, read completely, showed it: {columns_en}. It may be listed "
                "elsewhere."
            ),
        ),
        "dropped": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告可在{address}打开，此前曾列于栏目；自{first_zh}至{last_zh}"
                "（{days}天），完整读取的下列栏目均未再列出该报告：{columns_zh}。该报告可能列于其他栏目。"
            ),
            en=(
                "The {year} annual report of {agency} can be opened at {address} and was listed before; from "
                "{first_en} to {last_en} (on {days} days) none of these lists, read completely, showed it any more: "
                "{columns_en}. It may be listed elsewhere."
            ),
        ),
    },
)
