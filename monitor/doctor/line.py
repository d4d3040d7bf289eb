"""One line of the doctor."""

from typing import Literal, NamedTuple

from db.errors import ArchiveError
from db.keeping.verify import Fault

Level = Literal["ok", "notice", "fault"]


class Line(NamedTuple):
    """topic: one word. what: what was found, and where. do: what to do; "" where nothing is to be done."""

    topic: str
    level: Level
    what: str
    do: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.what}; {self.do}" if self.do else self.what


def ok(topic: str, what: str) -> Line:
    return Line(topic, "ok", what)


def notice(topic: str, what: str, do: str) -> Line:
    return Line(topic, "notice", what, do)


def fault(topic: str, what: str, do: str) -> Line:
    return Line(topic, "fault", what, do)


def of_fault(topic: str, found: Fault) -> Line:
    """What the checks of the archive found."""
    return Line(topic, "fault" if found.is_damage else "notice", found.what, found.do)


def of_error(topic: str, error: ArchiveError) -> Line:
    """Why the archive could not be asked."""
    what, _, do = str(error).partition("; ")
    return fault(topic, what, do or "see docs/safety.md")
