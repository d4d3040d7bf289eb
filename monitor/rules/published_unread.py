"""A report that is published, and that we could not read: our limit, not the agency's fault."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import say, sentence
from monitor.config import Thresholds
from monitor.judging.absence import State
from monitor.judging.rule import Needs, SeasonRule
from monitor.judging.season import Season
from monitor.judging.time_words import pair, read_place


def _judge(rule: SeasonRule, season: Season, thresholds: Thresholds) -> Iterator[Finding]:
    absence = season.absence
    if absence.state is not State.PUBLISHED_UNREAD:
        return
    yield rule.finding(
        season,
        "unread",
        pair("reason", say("unread-listed" if absence.proof else "unread-document")),
        basis=absence.duty.name if absence.duty else "observation",
        expected=absence.due.isoformat() if absence.due else None,
        places=[read_place(read, absence.year) for read in absence.proof],
    )


RULE = SeasonRule(
    name="published-unread",
    kind="time",
    basis="observation",
    severity="notice",
    certainty="certain",
    needs=Needs.SEASON,
    judge=_judge,
    told=False,
    about="""The report is on the site, and its file has not been obtained or cannot be read (a scan, a format that is
not supported). Our limit, not the agency's fault.""",
    says={
        "unread": sentence(
            zh=("{agency}{year}年政府信息公开工作年度报告已见于网站，但其内容尚未能读取：{reason_zh}。"),
            en=(
                "The {year} annual report of {agency} is on the site, but its contents could not be read yet: "
                "{reason_en}."
            ),
        ),
    },
)
