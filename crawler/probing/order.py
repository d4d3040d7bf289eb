"""What the parent asks of a look."""

from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, Field

from crawler.orders import ChildOrder
from crawler.portal import Portal

ID = "probe"  # of the portal that stands for the site
MOST_REQUESTS = 12
WITH_BROWSER = 3  # so many times as many requests, where a browser has to show the list: its scripts and data count too


class ProbeOrder(ChildOrder):
    """url: where the look begins. portal: stands for the site; its hosts and its pace hold, its daily_budget is how
    many requests may be sent. archive: of this look alone, thrown away by the one who gave the order. contact, network,
    now, chromium: see crawler.child.Order. most: requests, WITH_BROWSER times as many where a browser shows the
    list."""

    model_config = ConfigDict(extra="forbid")

    url: str
    portal: Portal
    archive: Path
    contact: str | None = None
    network: str = ""
    now: datetime | None = None
    chromium: str | None = None
    most: int = Field(default=MOST_REQUESTS, ge=2)
