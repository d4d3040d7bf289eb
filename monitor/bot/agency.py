"""/agency NAME: what is known of an agency, as far as it may be seen here."""

from itertools import groupby

from db.archive import Archive
from db.telling.lookups import Held, Lookups
from monitor.bot.ask import Ask, Pair
from monitor.bot.facets import Trouble
from monitor.bot.facets import agency as find_agency
from monitor.bot.listing import marked
from monitor.bot.visible import Row, listed
from monitor.calendar import beijing_day
from monitor.catalogue import say, word

_MOST_YEARS = 12
_MOST_FINDINGS = 10


async def agency(ask: Ask) -> None:
    """/agency NAME, alias or id."""
    name = "".join(ask.words)
    if not name:
        await ask.say("bot-agency-which")
        return
    await ask.answer(*await ask.station.read(lambda archive: _page(ask, archive, name)))


def _page(ask: Ask, archive: Archive, name: str) -> list[Pair]:
    lookups = Lookups(archive)
    found = find_agency(name, lookups)
    if isinstance(found, Trouble):
        return found.said
    known = archive.agency(found.id)
    if known is None:
        return [say("bot-unknown", name=found.name)]
    organ = word("bot-organ", known.organ)
    place = lookups.place_name(known.region_code) if known.region_code else "—"
    page = [
        say("bot-agency", agency=known.name, id=known.id),
        say("bot-agency-kind", place=place, organ_zh=organ[0], organ_en=organ[1]),
    ]
    if known.aliases:
        page.append(say("bot-agency-aliases", names="、".join(known.aliases[:5])))
    if known.supervisor:
        over = archive.agency(known.supervisor)
        page.append(say("bot-agency-supervisor", agency=over.name if over else known.supervisor))
    if known.portal:
        portal = archive.evidence.portal_name(known.portal) or known.portal
        page.append(say("bot-agency-portal", portal=portal))
    page += _reports(lookups.reports_of(known.id))
    return page + _findings(ask, listed(archive, ask.eyes, agency_id=known.id, most=_MOST_FINDINGS + 1))


def _reports(reports: list[Held]) -> list[Pair]:
    """A line for each year, the newest first: how many sources, and when the report was first seen."""
    if not reports:
        return [say("bot-agency-no-report")]
    lines = [say("bot-agency-reports")]
    years = groupby(reports, key=lambda one: one.year)
    for year, of_year in [(year, list(some)) for year, some in years][:_MOST_YEARS]:
        first = min(one.first_seen_at for one in of_year)
        lines.append(
            say("bot-agency-year", year=year, day=beijing_day(first).isoformat(), count=len({o.url for o in of_year}))
        )
    return lines


def _findings(ask: Ask, rows: list[Row]) -> list[Pair]:
    if not rows:
        return [say("bot-agency-no-finding")]
    lines = [say("bot-agency-findings")]
    for row in rows[:_MOST_FINDINGS]:
        severity, rule = marked(row), word("bot-rule", row["rule"])
        lines.append(
            say(
                "bot-agency-finding", year=row["year"], fingerprint=row["fingerprint"], severity_zh=severity[0],
                severity_en=severity[1], rule_zh=rule[0], rule_en=rule[1],
            )
        )  # fmt: skip
    if len(rows) > _MOST_FINDINGS:
        lines.append(say("bot-agency-more"))
    return lines
