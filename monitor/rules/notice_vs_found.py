"""A notice that says of a report that it is published, where we did not find it: a question."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import fill, sentence
from monitor.catalogue.dates import moment_words
from monitor.config import Thresholds
from monitor.judging.absence import State
from monitor.judging.rule import Innocent, Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import column_words, pair, read_place

_LINK = sentence(zh="通报所附网址为{link}。", en="The notice gives the address {link}.")
_NOT_FOUND = (State.NOT_FOUND_SO_FAR, State.OVERDUE_UNCONFIRMED, State.MISSING)


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    said = [claim for claim in season.claims if claim.has_published is not None]
    if absence.state not in _NOT_FOUND or absence.as_of is None or not said:
        return
    claim = said[-1]
    # Notices that disagree say nothing; what was read before the notice came has to be read once more.
    if not all(one.has_published for one in said) or absence.as_of < claim.seen_at:
        return
    yield rule.finding(
        season,
        "not-found",
        {
            "notice": claim.url,
            "unit": claim.unit,
            **pair("link", fill(_LINK, {"link": claim.link}) if claim.link else ("", "")),
            **pair("seen", moment_words(claim.seen_at)),
            **pair("as_of", moment_words(absence.as_of)),
            **pair("columns", column_words(absence.columns)),
        },
        figure="access.notice",
        places=[
            {
                "year": season.year,
                "sha256": claim.sha256,
                "source": claim.url,
                "figure": None,
                "place": {"unit": claim.unit},
            },
            *(read_place(read, season.year) for read in absence.proof),
        ],
    )


RULE = SeasonRule(
    name="notice-vs-found",
    kind="time",
    basis="observation",
    severity="notice",
    certainty="likely",
    needs=Needs.SEASON,
    judge=_judge,
    innocent=(
        Innocent(
            "报告在未收录的网站或栏目公布。",
            "It is published on a site or in a list that is not watched.",
            excluded=False,
        ),
        Innocent(
            "报告以另一名称或联合报告公布，未能辨认。",
            "It is published under another name, or in a joint report that was not recognised.",
            excluded=False,
        ),
        Innocent(
            "通报所称系另一年度，或先于公布发出。",
            "The notice means another year, or came before the publication.",
            excluded=False,
        ),
    ),
    about="""An authority's own list (通报, 公布情况) says that this body has published its report for the year, and the
lists that were read since do not show it. A question to whoever runs the watch, or to the authority, never an
accusation: more often than not it stands where nobody looks, and its address should be added. Nothing is said where
notices disagree, where the lists were not read again after the notice, and where a notice says that it is not
published: whoever has published it all the same has published it.""",
    says={
        "not-found": sentence(
            zh=(
                "一份通报（{notice}，{seen_zh}所见，北京时间）列明{unit}已公布{year}年政府信息公开工作年度报告；"
                "截至{as_of_zh}，在下列栏目未查到{agency}的该报告：{columns_zh}。{link_zh}该报告载于何处，有待核实。"
            ),
            en=(
                "A notice ({notice}, seen at {seen_en}, Beijing time) lists {unit} as having published its annual "
                "report for {year}; as of {as_of_en} that of {agency} was not found in: {columns_en}. {link_en} Where "
                "it stands is to be asked."
            ),
            optional=["link"],
        ),
    },
)
