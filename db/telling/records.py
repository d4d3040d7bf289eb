"""Who is told, and what they want to hear of, as plain values."""

from datetime import datetime
from typing import Literal, NamedTuple

Audience = Literal["desk", "public", "none"]
Origin = Literal["config", "bot"]
Language = Literal["zh", "en", "both"]


class Subscriber(NamedTuple):
    """A chat on a channel; see the table subscribers.

    subscriber: the number of a chat, or "@name" of a channel. audience: desk hears all that is told; public of what is
    not arithmetic only what a person has released; none hears nothing new. kind: private, group, supergroup, channel.
    language: zh, en, both; None: the deployment's. gone_at: when it refused for good; moved_to: the number that it has
    now. paused_until: it asked to be sent nothing before.
    """

    channel: str
    subscriber: str
    audience: Audience
    origin: Origin
    kind: str | None
    title: str | None
    language: Language | None
    since: datetime
    gone_at: datetime | None = None
    gone_why: str | None = None
    moved_to: str | None = None
    paused_until: datetime | None = None
    paused_why: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Channel and subscriber, which no other has."""
        return self.channel, self.subscriber


class Filter(NamedTuple):
    """What a subscriber wants to hear of: findings that all that is given here fits; "" is any.

    place: a region's code (GB/T 2260, 2 to 12 digits), with all below it: 370400 is 3704 and what begins so. agency_id,
    organ, kind, rule: as they stand in agencies and findings. severity: the least (notice, warning, error).
    """

    place: str = ""
    agency_id: str = ""
    organ: str = ""
    kind: str = ""
    rule: str = ""
    severity: str = ""


EVERYTHING = Filter()
