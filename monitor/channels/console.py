"""Findings on a terminal or in a file: shown at once, by whoever finds them, and never through the outbox."""

from typing import IO

from rich.console import Console
from rich.text import Text

from db.records import Finding
from monitor.config import Language
from monitor.telling.messages import message_text

_STYLES = {"error": "bold red", "warning": "bold yellow", "notice": "bold cyan"}


class ConsoleChannel:
    """Shows findings on a stream, in colour if it is a terminal. language: "zh", "en" or "both"."""

    name = "console"

    def __init__(self, stream: IO[str], language: Language = "both") -> None:
        # Text that was fetched is not markup: it is put in as Text, and nothing in it is highlighted.
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._language: Language = language

    def show(self, finding: Finding, event: str = "found") -> None:
        """Print one finding; also those that are not sent to anybody."""
        headline, _, rest = message_text(finding, event, self._language).partition("\n")
        self._console.print(Text(headline, style=_STYLES.get(finding.severity, "bold")))
        self._console.print(Text(rest))
        self._console.print()
