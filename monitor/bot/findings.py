"""/findings: what was found and may be seen here."""

from dataclasses import fields

from db.archive import Archive
from db.records import Finding
from db.telling.lookups import Lookups
from monitor.bot.ask import Ask, Pair
from monitor.bot.facets import Trouble, in_words, place_or_agency
from monitor.bot.listing import MOST, answer_list
from monitor.bot.visible import Row, listed, one
from monitor.catalogue import say
from monitor.channels import Outgoing
from monitor.channels.telegram_text import fitted, rows_of
from monitor.rules import rule_names
from monitor.telling.alert import compose
from monitor.telling.buttons import buttons_under

_DIGITS = frozenset("0123456789abcdef")


async def findings(ask: Ask) -> None:
    """/findings [PLACE|AGENCY|RULE]: a list; /findings NUMBER: one of them in full, with its buttons."""
    if len(ask.words) == 1 and _is_number(ask.words[0]):
        await _one(ask, ask.words[0])
        return

    def read(archive: Archive) -> Trouble | tuple[Pair, list[Row]]:
        lookups = Lookups(archive)
        understood = place_or_agency(ask.words, lookups, rule_names())
        if isinstance(understood, Trouble):
            return understood
        facets = understood.facets
        rules = [facets.rule] if facets.rule else []
        rows = listed(archive, ask.eyes, place=facets.place, agency_id=facets.agency_id, rules=rules, most=MOST)
        return in_words(facets, lookups), rows

    found = await ask.station.read(read)
    if isinstance(found, Trouble):
        await ask.answer(*found.said)
        return
    (zh, en), rows = found
    rest = [] if ask.is_desk else [say("bot-public-findings")]
    if not rows:
        await ask.answer(say("bot-findings-none", what_zh=zh, what_en=en), *rest)
        return
    head = "bot-findings-many" if len(rows) >= MOST else "bot-findings"
    await answer_list(ask, say(head, what_zh=zh, what_en=en, count=len(rows)), rows, say("bot-findings-how"), *rest)


async def _one(ask: Ask, number: str) -> None:
    row = one(ask.archive, ask.eyes, number)
    if row is None:
        await ask.say("bot-no-such-finding")
        return
    finding = finding_of(row)
    said = compose(ask.archive, finding, "found", ask.language, ask.station.now())
    buttons = buttons_under(ask.archive, ask.config, row, ask.language, is_desk=ask.is_desk)
    message = fitted(Outgoing(said.text, said.document))
    document = message.document and (message.document[0], message.document[1].encode())
    await ask.send(message.text, document=document, buttons=rows_of(buttons))


def finding_of(row: Row) -> Finding:
    """The finding of a row."""
    return Finding(**{field.name: row[field.name] for field in fields(Finding)})


def _is_number(text: str) -> bool:
    """Whether this may be the number of a finding, or its beginning, and no code of a region."""
    is_code = text.isdigit() and len(text) in (9, 12)
    return 8 <= len(text) <= 16 and not set(text.casefold()) - _DIGITS and not is_code
