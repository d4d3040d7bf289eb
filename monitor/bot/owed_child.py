"""Who owes a report for a year, by the state of each, in a process of its own: `python -P -m monitor.bot.owed_child`,
its order as one JSON object on stdin. Reading only.

Prints one JSON line for each agency that owes one and has none that was read: {"event": "owed", "state", "agency",
"agency_id", "due", "as_of", "columns"}, and {"event": "done", "counts"} at the end.
"""

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict

from crawler.orders import ChildOrder, print_line, take_order
from db.archive import Archive
from db.errors import ArchiveError
from db.local_rules import region_stem
from monitor.config import load_config
from monitor.judging.absence import State
from parsers.strict_toml import ConfigError


class Order(ChildOrder):
    """What the bot asks for. place: a region's code, with all below it; "": everywhere. agency_id: only this one."""

    model_config = ConfigDict(extra="forbid")

    config: Path
    archive: Path
    year: int
    place: str = ""
    agency_id: str = ""
    now: datetime


def main() -> int:
    """Exit status 0 if all was told."""
    order = take_order(Order)
    if order is None:
        return 2
    try:
        counts = _tell(order)
    except (ArchiveError, ConfigError) as error:
        print(f"nianbao: {error}", file=sys.stderr)
        return 2
    print_line({"event": "done", "counts": counts})
    return 0


def _tell(order: Order) -> dict[str, int]:
    from monitor.crawling import deployment_portals, known_columns
    from monitor.judging.seasons import Seasons

    counts: Counter[str] = Counter()
    stem = region_stem(order.place) if order.place else ""
    portals = deployment_portals(load_config(order.config))
    with Archive.open(order.archive, backup=False, must_exist=True) as archive:
        for season in Seasons(archive, known_columns(archive, portals), order.now).all_of(order.year):
            absence = season.absence
            agency = absence.agency
            if not agency.region_code.startswith(stem) or order.agency_id not in ("", agency.id):
                continue
            counts[absence.state] += 1
            if absence.state not in (State.NOT_OWED, State.PRESENT):
                print_line(
                    {
                        "event": "owed",
                        "state": str(absence.state),
                        "agency": agency.name,
                        "agency_id": agency.id,
                        "due": absence.due.isoformat() if absence.due else None,
                        "as_of": absence.as_of.isoformat() if absence.as_of else None,
                        "columns": [f"{column.name} {column.url}".strip() for column in absence.columns],
                    }
                )
    return dict(counts)


if __name__ == "__main__":
    sys.exit(main())
