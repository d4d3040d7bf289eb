"""What the parent asks of a look."""

from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, Field

from crawler.orders import ChildOrder
from crawler.portal import Portal

ID = "probe"  # of the portal that stands for the site
MOST_REQUESTS = 12


class ProbeOrder(ChildOrder):
    """url: where the look begins. portal: stands for the site; its hosts and its pace hold, its daily_budget is how
    many requests may be sent. archive: of this look alone, thrown away by the one who gave the order. contact, network,
    now: see crawler.child.Order."""

    model_config = ConfigDict(extra="forbid")

    url: str
    portal: Portal
    archive: Path
    contact: str | None = None
    network: str = ""
    now: datetime | None = None
    most: int = Field(default=MOST_REQUESTS, ge=2)
