"""What each chat heard in a season, in order, each with the moment and with what it was about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from db.archive import Archive
from db.telling.events import TAKES_BACK, TELLS, base
from tests.bot_api import Sent


class Heard(NamedTuple):
    """A message that a chat received. kind: tells, back (takes back), adds, about (the deployment, digests), reply (of
    the bot). subject: of a finding (rule, agency, year), else what the outbox calls it; event: as the outbox names it.
    """

    at: datetime
    sent: Sent
    kind: str
    number: str = ""
    event: str = ""
    subject: tuple[str, str, int] | str = ""


def heard(archive: Archive, sent: Iterable[tuple[datetime, Sent]]) -> dict[str, list[Heard]]:
    """Chat -> what it heard. A message is known by its text, which names the finding; so one that was sent twice, or to
    a chat under its new number, is known too."""
    findings = {
        number: (rule, agency, year)
        for number, rule, agency, year in archive.query("SELECT fingerprint, rule, agency_id, year FROM findings")
    }
    outbox: dict[tuple[str, str], tuple[str, str]] = {}
    for chat, text, number, event in archive.query(
        "SELECT o.subscriber, t.text, o.fingerprint, o.event FROM outbox o JOIN message_texts t ON t.id = o.text_id"
        " ORDER BY o.id DESC"
    ):
        outbox[chat, text] = outbox["", text] = number, event
    found: dict[str, list[Heard]] = defaultdict(list)
    for at, one in sent:
        number, event = outbox.get((one.chat, one.text)) or outbox.get(("", one.text), ("", ""))
        what = base(event)
        if not event:
            made = Heard(at, one, "reply")
        elif number not in findings:
            made = Heard(at, one, "about", number, event, number)
        else:
            kind = "tells" if what in TELLS else "back" if what in TAKES_BACK else "adds"
            made = Heard(at, one, kind, number, event, findings[number])
        found[one.chat].append(made)
    return dict(found)
