"""/status: how far what is said here can be trusted today: the last looks, what is in trouble, what was interrupted."""

from importlib.metadata import version

from db.archive import Archive
from db.telling.lookups import Lookups, Tried
from db.telling.troubles import INTERRUPTED, Kept
from monitor.bot.ask import Ask, Pair
from monitor.bot.rights import in_settings
from monitor.catalogue import say, word
from monitor.catalogue.dates import moment_words

_GOOD = ("ok", "partial")
_MOST = 20


async def status(ask: Ask) -> None:
    """/status"""
    await ask.answer(*await ask.station.read(lambda archive: _said(ask, archive)))


def _said(ask: Ask, archive: Archive) -> list[Pair]:
    crawls = Lookups(archive).last_crawls()
    good = [one for one in crawls if one.outcome in _GOOD]
    page = [say("bot-status", version=version("nianbao"))]
    if good:
        newest = max(one.at for one in good)
        page.append(say("bot-status-looks", portals=len(crawls), **_pair("at", moment_words(newest))))
    else:
        page.append(say("bot-status-no-look"))
    bad = [one for one in crawls if one.outcome not in _GOOD]
    if bad:
        page.append(say("bot-status-bad", count=len(bad)))
    standing = archive.troubles.standing()
    mine = f"{ask.subscriber[0]} {ask.key}"
    page += [
        say("bot-status-interrupted", **_pair("since", moment_words(one.since)))
        for one in standing
        if one.kind == INTERRUPTED and one.subject == mine
    ]
    if ask.is_desk or in_settings(ask.key, ask.config.telegram.maintainers):
        page += _more(archive, bad, [one for one in standing if one.kind != INTERRUPTED])
    return page


def _more(archive: Archive, bad: list[Tried], standing: list[Kept]) -> list[Pair]:
    """What a desk is told besides: which portals, what else is wrong, what is held."""
    lines = []
    for one in bad[:_MOST]:
        outcome = word("bot-outcome", one.outcome)
        fields = {"portal": one.name or one.portal, "outcome_zh": outcome[0], "outcome_en": outcome[1]}
        lines.append(say("bot-status-portal", **fields, **_pair("at", moment_words(one.at))))
    for trouble in standing[:_MOST]:
        kind = word("bot-trouble", trouble.kind)
        since = _pair("since", moment_words(trouble.since))
        subject = f" {trouble.subject}" if trouble.subject else ""
        lines.append(say("bot-status-trouble", kind_zh=kind[0], kind_en=kind[1], subject=subject, **since))
    held = sum(archive.life.held_by_rule().values())
    if held:
        lines.append(say("bot-status-held", count=held))
    if suspended := archive.life.suspended():
        lines.append(say("bot-status-suspended", rules=" ".join(suspended)))
    return lines


def _pair(name: str, words: Pair) -> dict[str, object]:
    return {f"{name}_zh": words[0], f"{name}_en": words[1]}
