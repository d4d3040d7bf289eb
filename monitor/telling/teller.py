"""What is told to whom of a finding's event: the messages that are written down with it.

What tells of a finding goes to the chats of which a subscription fits; to a public one, where it is not arithmetic,
only once a person has released this very claim. What takes back, or says more, goes to whoever was told, whatever they
want to hear of by now.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from db.archive import Archive
from db.finding_state import FOUND, GONE, RELEASED
from db.records import Agency, Finding, Message
from db.telling.events import REPLACED, TELLS
from db.telling.gates import needs_release
from db.telling.records import Subscriber
from monitor.config import Config, Language
from monitor.telling.alert import Said, compose
from monitor.telling.matching import Matcher
from monitor.telling.messages import TELEGRAM

Quiet = Callable[[str, int], bool]
Compose = Callable[..., Said]
Key = tuple[str, str]

_MOST_AGENCIES = 5000  # kept in memory


class Teller:
    """For `messages` and `replaced` of whatever writes findings. quiet: of which agency (key) and year nobody is told
    anything new. compose: see monitor.telling.alert; another one in measurements only.

    Chats that come, go or change their mind meanwhile are seen at the next event.
    """

    def __init__(
        self,
        archive: Archive,
        config: Config,
        now: datetime,
        *,
        quiet: Quiet | None = None,
        compose: Compose = compose,
    ) -> None:
        self._archive = archive
        self._config = config
        self._now = now
        self._quiet = quiet
        self._compose = compose
        self._version: tuple[int, int] | None = None
        self._matcher = Matcher([])
        self._chats: dict[Key, Subscriber] = {}
        self._agencies: dict[str, Agency | None] = {}

    def messages(self, finding: Finding, event: str) -> list[Message]:
        """Of an event of a finding. What takes back, or says more, is for all who were told, or wait to be; which of
        them is to hear it, the archive knows."""
        self._look()
        if event in TELLS:
            return self._written(finding, event, self._hearers(finding, event))
        told = self._archive.outbox.told(finding.fingerprint)
        return self._written(finding, event, [(key, event) for key in told])

    def replaced(self, finding: Finding, by: Finding) -> list[Message]:
        """Of a finding that is gone while another about the same report came in its place: who hears of the other is
        told so, who was told of the first alone hears that it is gone."""
        self._look()
        hear = {key for key, _ in self._hearers(by, FOUND)}
        told = self._archive.outbox.told(finding.fingerprint)
        gone = self._written(finding, GONE, [(key, GONE) for key in told if key not in hear])
        return self._written(finding, REPLACED, [(key, REPLACED) for key in told if key in hear], by=by) + gone

    def _hearers(self, finding: Finding, event: str) -> list[tuple[Key, str]]:
        """Who is to be told of a finding, each with the event under which it is written down."""
        if not finding.told or finding.certainty == "doubtful":
            return []
        if self._quiet is not None and self._quiet(*finding.key):
            return []
        matched = self._matcher.match(finding, self._agency(finding.agency_id))
        if not any(needs_release(one.audience, finding.kind) for one in matched):
            return [(one.key, event) for one in matched]
        is_free = not self._config.findings.public_needs_release
        is_open = is_free or event == RELEASED or self._archive.life.is_released(finding)
        # Under the name of a release it waits for one again if the claim changes before it is sent.
        under = RELEASED if not is_free else FOUND if event == RELEASED else event
        hear = []
        for one in matched:
            if not needs_release(one.audience, finding.kind):
                hear.append((one.key, event))
            elif is_open:
                hear.append((one.key, under))
        return hear

    def _written(
        self, finding: Finding, event: str, hear: Iterable[tuple[Key, str]], *, by: Finding | None = None
    ) -> list[Message]:
        """One text for each language, however many hear it."""
        said: dict[Language, Said] = {}
        fingerprint, messages = finding.fingerprint, []
        for key, under in hear:
            language = self._language(key)
            text = said.get(language)
            if text is None:
                text = said[language] = self._compose(self._archive, finding, event, language, self._now, by=by)
            messages.append(Message(key[1], key[0], fingerprint, under, text.text, text.document))
        return messages

    def _language(self, key: Key) -> Language:
        chat = self._chats.get(key)
        wanted = chat.language if chat else None
        return wanted if wanted is not None else self._config.telegram.language

    def _agency(self, agency_id: str | None) -> Agency | None:
        if agency_id is None:
            return None
        if agency_id not in self._agencies:
            if len(self._agencies) >= _MOST_AGENCIES:
                self._agencies.clear()
            self._agencies[agency_id] = self._archive.agency(agency_id)
        return self._agencies[agency_id]

    def _look(self) -> None:
        """Learn who wants to hear of what, as it is now; at first, which chats the settings name."""
        subscribers = self._archive.subscribers
        if self._version is None:
            sync_chats(self._archive, self._config, self._now)
        elif self._version == subscribers.version():
            return
        self._version = subscribers.version()
        known = subscribers.with_filters()
        self._chats = {one.key: one for one, _ in known}
        self._matcher = Matcher((one, filters) for one, filters in known if one.gone_at is None)


def sync_chats(archive: Archive, config: Config, now: datetime) -> None:
    """Make the chats that the settings name known to the archive."""
    telegram = config.telegram
    archive.subscribers.sync(TELEGRAM, map(str, telegram.chats), map(str, telegram.public), now)
