"""How single values are made public: masked, withheld, without what tells of persons and machines."""

import hashlib
import json
import re
from collections.abc import Callable, Set
from typing import Any

from db.readings.rows import as_json
from db.release.people import People
from db.release.tables import DROPPED_ROWS, HIDDEN, MARK, Table
from db.takedowns import Held

Mask = Callable[[str], str]
Row = tuple[Any, ...]

WITHHELD = "[已撤下]"
"""What stands in sentences in place of an address that is withheld."""

# Of the headers only those that say what was asked for and what came: no names of persons, no cookies, no keys.
_HEADERS = frozenset({
    "accept", "accept-encoding", "accept-language", "age", "cache-control", "content-disposition",
    "content-encoding", "content-language", "content-length", "content-type", "date", "etag", "expires",
    "if-modified-since", "if-none-match", "last-modified", "location", "pragma", "range", "retry-after", "server",
    "transfer-encoding", "vary", "via", "x-cache",
})  # fmt: skip
_NETWORK = ("from", "via", "server", "tls", "clock", "browser", "page")
_PROXY = "proxy"
_FILE = re.compile(r"file://\S+")
# A figure as a cell prints it. Nothing with a leading zero or a hyphen inside: that may be a telephone number.
_NUMBER = re.compile(r"\s*[-－+]?\s*(?!0[0-9]|０[０-９])[0-9０-９]+(?:[.,，．][0-9０-９]+)*\s*[%％]?\s*")


def without_folders(url: str) -> str:
    """An address as it is; of a file that was added by hand its name, behind a mark that keeps it apart from others of
    that name, without the folders of the machine on which it lay."""
    if not url.startswith("file:"):
        return url
    return f"file:{hashlib.sha256(url.encode()).hexdigest()[:12]}/{url.rpartition('/')[2]}"


class Public:
    """Makes rows public. mask: what masks prose. held: what is withheld; reports: the ids of the reports that are;
    addresses: where withheld documents were seen. people: those who said something."""

    def __init__(self, mask: Mask, held: Held, reports: Set[int], addresses: Set[str], people: People) -> None:
        self._mask = mask
        self._people = people
        self._held = held
        self._reports = reports
        self._addresses = addresses | held.urls
        self.withheld = 0  # rows that were left out or of which something was withheld

    def rows_of(self, table: Table) -> Callable[[Row], Row | None]:
        """What makes a row of the table public: its values without the mark; None: it is left out."""
        names = [column.name for column in table.columns if column.name != MARK]
        ways = [(n, getattr(self, f"_{c.way}")) for n, c in enumerate(table.columns) if c.way != "plain"]
        hidden = [names.index(name) for name in HIDDEN.get(table.name, ()) if name in names]
        addresses = [names.index(name) for name in ("url", "page_url", "column_url", "final_url") if name in names]
        sha256 = names.index("sha256") if "sha256" in names else None
        body = names.index("body_sha256") if "body_sha256" in names else None
        report = names.index("report_id") if "report_id" in names else None
        report = names.index("id") if table.name == "reports" else report
        is_marked = len(names) < len(table.columns)
        drops = table.name in DROPPED_ROWS

        def is_withheld(row: Row) -> bool:
            if not self._held:
                return False
            if report is not None and row[report] in self._reports:
                return True
            if any(row[n] in self._held.sha256s for n in (sha256, body) if n is not None):
                return True
            return any(row[n] in self._addresses for n in addresses)

        def public(row: Row) -> Row | None:
            values = list(row)
            withheld = is_withheld(row)
            if withheld:
                self.withheld += 1
                if drops:
                    return None
                for n in hidden:
                    values[n] = None
            for n, way in ways:  # only now: what is withheld is not counted as masked
                if isinstance(values[n], str):
                    values[n] = way(values[n])
            return (*values, int(withheld)) if is_marked else tuple(values)

        return public

    # One method for each way, see release_tables.Way.

    def _prose(self, text: str) -> str:
        if "file:" in text:
            text = _FILE.sub(lambda match: without_folders(match[0]), text)
        for address in self._addresses:
            text = text.replace(address, WITHHELD)
        return self._mask(text)

    def _person(self, name: str) -> str:
        return self._people.number(name)

    def _said(self, text: str) -> str:
        return self._prose(self._people.without_names(text))

    def _cell(self, text: str) -> str:
        return text if _NUMBER.fullmatch(text) else self._prose(text)

    def _url(self, url: str) -> str | None:
        return None if url in self._addresses else without_folders(url)

    def _json(self, text: str) -> str:
        return as_json(self._walk(json.loads(text)))

    def _headers(self, text: str) -> str:
        kept = {name: value for name, value in json.loads(text).items() if name.lower() in _HEADERS}
        return as_json(self._walk(kept))

    def _network(self, text: str) -> str:
        network = json.loads(text)
        kept = {name: network[name] for name in _NETWORK if name in network}
        if str(kept.get("via") or "").startswith(_PROXY):
            kept["via"] = _PROXY  # its name is that of a variable on our machine
        if network.get("by") == "browser":
            kept["by"] = "browser"  # else it is who added the file
        return as_json(self._walk(kept))

    def _walk(self, value: Any) -> Any:
        """The same value with each text in it made public; of what is about a withheld document no address."""
        if isinstance(value, dict):
            hides = value.get("sha256") in self._held.sha256s
            return {
                name: None if hides and name in ("source", "url") else self._walk(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._walk(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value.startswith(("http://", "https://", "file:")) and " " not in value:
            return None if value in self._addresses else without_folders(value)
        return self._cell(value)
