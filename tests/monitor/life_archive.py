"""An archive with findings, as judging would have saved them, and a desk that hears of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.archive import Archive
from db.records import Agency, Finding
from db.telling.outbox import TELLS
from monitor.config import Config, load_config
from monitor.rules import rule_names
from monitor.telling.teller import Teller

NOON = datetime(2024, 3, 1, 4, tzinfo=UTC)

SETTINGS = """\
archive = "a.db"
[telegram]
chats = [1]
maintainers = [7]
language = "zh"
"""


@dataclass(slots=True)
class Desk:
    """An archive with its settings."""

    archive: Archive
    config: Config

    def save(self, *findings: Finding, day: float = 0, **how: object) -> list[str]:
        """Save findings as a judgement of everything; the events."""
        teller = Teller(self.archive, self.config, NOON + timedelta(days=day))
        saved = self.archive.save_findings(
            list(findings),
            judged=None,
            rules=set(rule_names()),
            messages=teller.messages,
            at=NOON + timedelta(days=day),
            replaced=teller.replaced,
            **how,  # type: ignore[arg-type]
        )
        return [event for _, event in saved]

    def heard(self) -> list[str]:
        """Of what report each message speaks that is due, and how (the beginning of its first line); sent, long after
        the commands, which know the time by themselves."""
        moment = NOON.replace(year=2998)
        lines = []
        for row in self.archive.outbox.each_due(moment):
            self.archive.outbox.mark_sent(row["id"], moment)
            lines.append("".join(row["text"].partition("\n")[0].partition("年年度报告")[:2]))
        return lines

    def waiting(self) -> int:
        """How many messages that tell of findings are due."""
        return sum(row["event"] in TELLS for row in self.archive.outbox.each_due(NOON.replace(year=2998)))


def desk(folder: Path, settings: str = SETTINGS) -> Desk:
    (folder / "config.toml").write_text(settings, "utf-8")
    config = load_config(folder / "config.toml")
    return Desk(Archive.open(config.archive), config)


def agencies(archive: Archive, portals: Iterable[tuple[str, str, int]]) -> None:
    """portals: name, platform, and how many agencies it has."""
    for portal, platform, count in portals:
        archive.add_portal(portal, portal, platform)
        archive.import_agencies([
            Agency(f"990101:{portal}{number}局", f"{portal}县{number}局", region_code="990101", organ="department",
                   duty="art49_department", duty_source="…", portal=portal)
            for number in range(count)
        ])  # fmt: skip


def finding(rule: str = "withdrawn", portal: str = "柳溪", number: int = 0, **changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": rule,
        "kind": "time",
        "severity": "warning",
        "certainty": "certain",
        "basis": "observation",
        "agency_id": f"990101:{portal}{number}局",
        "agency": f"{portal}县{number}局",
        "year": 2023,
        "figure": None,
        "figures": [],
        "observed": None,
        "expected": None,
        "sentence_zh": "自3月1日起在原栏目未查到。",
        "sentence_en": "Not found there since 1 March.",
    }
    return Finding(**values | changes)  # type: ignore[arg-type]
