"""One report that stands at two addresses, with different figures."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.dates import moment_words
from monitor.config import Thresholds
from monitor.judging.publication_words import HERE_THERE, change_words, content_place
from monitor.judging.rule import Defect, Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import pair
from monitor.judging.versions import versions
from parsers.form import load_forms


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    for number, found in enumerate(versions(season), start=1):
        form = load_forms()[found.first.report.form or ""]
        contents = (found.first, found.second)
        yield rule.finding(
            season,
            "one-page" if found.is_one_page else "two-addresses",
            {
                "first": found.first.url,
                "second": found.second.url,
                **pair("first_seen", moment_words(found.first.seen.last_seen_at)),
                **pair("second_seen", moment_words(found.second.seen.last_seen_at)),
                **pair("changes", change_words(found.figures, form, HERE_THERE)),
            },
            severity="notice" if found.is_doubtful else "warning",
            certainty="doubtful" if found.is_doubtful else "likely",
            figure=f"versions.{number}",
            figures=[change.figure for change in found.figures],
            observed={c.figure: c.after.value for c in found.figures if c.after},
            expected={c.figure: c.before.value for c in found.figures if c.before},
            places=[content_place(one, season.year, c.figure) for c in found.figures for one in contents],
            confirmed=found.is_seen_twice,
        )


RULE = SeasonRule(
    name="versions-differ",
    kind="change",
    basis="observation",
    severity="warning",
    certainty="likely",
    needs=Needs.SEASON,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent(
            "先后发布的版本，旧版本已删除或已更新。",
            "They are earlier and later versions, and the earlier one is gone, or was changed as well.",
            excluded=True,
        ),
        Innocent("两份报告统计范围不同，且报告已注明。", "They cover different bodies, and say so.", excluded=True),
        Innocent(
            "其中一份为更正前的旧版本，尚未更新。",
            "One of them is an older version that nobody has brought up to date.",
            excluded=False,
        ),
        Innocent("两份报告统计范围不同，未注明。", "They cover different bodies, and do not say so.", excluded=False),
    ),
    about="""Two addresses (two portals, a page and the file that it links) that carry the report of one agency for one
year at the same time, and print different numbers. Both cells must have been plainly read by the same version of the
parser; a number in one and a blank in the other says nothing. Left out are a version that is gone, one that another
address took the place of (that is `revised`), reports that print different names of the agency or say that they cover
different bodies, and what was not seen at the same time.

Never more than *likely*: one of them may be an older version that nobody has brought up to date. The sentence gives the
day on which each was last seen, and does not say which is right. Where more than half of the numbers differ it is
*doubtful*, since one of the two is perhaps another report. Told once each of them was seen twice.""",
    says={
        "one-page": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的同一页面及其附件数据不同：{changes_zh}。"
                "前者：{first}（末次见于{first_seen_zh}）；后者：{second}（末次见于{second_seen_zh}，北京时间）。"
                "其中一份可能是更早的版本；数据不同本身不说明何者正确。"
            ),
            en=(
                "The {year} annual report of {agency} has different figures on one page and in what it links: "
                "{changes_en}. The former stands at {first} (last seen at {first_seen_en}), the latter at {second} "
                "(last seen at {second_seen_en}, Beijing time). One of them may be an earlier version; this does not "
                "say which is right."
            ),
        ),
        "two-addresses": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告在两处公布的数据不同：{changes_zh}。"
                "前者：{first}（末次见于{first_seen_zh}）；后者：{second}（末次见于{second_seen_zh}，北京时间）。"
                "其中一份可能是更早的版本；数据不同本身不说明何者正确。"
            ),
            en=(
                "The {year} annual report of {agency} has different figures at two addresses: {changes_en}. The former "
                "stands at {first} (last seen at {first_seen_en}), the latter at {second} (last seen at "
                "{second_seen_en}, Beijing time). One of them may be an earlier version; this does not say which is "
                "right."
            ),
        ),
    },
)
