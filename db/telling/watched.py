"""What the archive knows of how well portals are watched. Set by set, since there may be a thousand of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from db.connection import ArchiveFile
from db.readings.rows import as_json
from db.times import from_text, to_text

GOOD_READS = ("ok", "unchanged", "empty")  # of a column
_GOOD = ", ".join(map(repr, GOOD_READS))

# The looks since the last one that read something; one that was put off asked for nothing and says nothing. Runs of the
# calendar that left no crawl behind (killed, no contact address) are looks that failed, too.
_LOOKS = """
SELECT p.value,
  (SELECT started_at FROM crawls WHERE portal = p.value ORDER BY id LIMIT 1),
  (SELECT ended_at FROM crawls WHERE portal = p.value AND ended_at IS NOT NULL AND outcome <> 'postponed'
    ORDER BY id DESC LIMIT 1),
  g.ended_at,
  (SELECT count(*) FROM crawls WHERE portal = p.value AND id > coalesce(g.id, 0) AND outcome IN ('failed', 'blocked')),
  (SELECT ended_at FROM crawls WHERE portal = p.value AND id > coalesce(g.id, 0) AND outcome IN ('failed', 'blocked')
    ORDER BY id LIMIT 1),
  l.ended_at, l.outcome, l.summary ->> '$.errors[0]'
FROM json_each(?) p
LEFT JOIN crawls g ON g.id = (
  SELECT id FROM crawls WHERE portal = p.value AND outcome IN ('ok', 'partial') ORDER BY id DESC LIMIT 1)
LEFT JOIN crawls l ON l.id = (SELECT id FROM crawls WHERE portal = p.value AND id > coalesce(g.id, 0)
  AND outcome IN ('failed', 'blocked') ORDER BY id DESC LIMIT 1)
ORDER BY p.key
"""
_RUNS = """
SELECT p.key, r.started_at, r.ended_at, r.detail FROM json_each(:since) p
JOIN job_runs r ON r.job = 'crawl' AND r.subject = p.key AND r.outcome IN ('failed', 'killed')
  AND r.started_at >= p.value AND NOT EXISTS (
    SELECT 1 FROM crawls c WHERE c.portal = p.key AND c.ended_at >= r.started_at AND c.ended_at <= r.ended_at)
ORDER BY r.id
"""
_COLUMNS = f"""
SELECT c.portal, c.url, c.good, (SELECT min(r.at) FROM column_reads r WHERE r.portal = c.portal
  AND r.column_url = c.url AND r.at > coalesce(c.good, '') AND r.outcome NOT IN ({_GOOD}))
FROM (
  SELECT j.value ->> 0 AS portal, j.value ->> 1 AS url, (
    SELECT r.at FROM column_reads r WHERE r.portal = j.value ->> 0 AND r.column_url = j.value ->> 1
    AND r.outcome IN ({_GOOD}) ORDER BY r.at DESC LIMIT 1) AS good
  FROM json_each(?) j
) c
"""


class Looks(NamedTuple):
    """The looks at a portal. first_at: when the first began. last_at: when the last one ended that asked for anything.
    good_at: when the last one ended that read something. bad: how many failed or were refused since; bad_since, bad_at:
    when the first and the last of them ended; was_refused: whether the last was; said: what it said first."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    good_at: datetime | None = None
    bad: int = 0
    bad_since: datetime | None = None
    bad_at: datetime | None = None
    was_refused: bool = False
    said: str = ""


class ColumnReads(NamedTuple):
    """The reads of a column. good_at: the last good one. bad_since: the first that was not good after it."""

    good_at: datetime | None = None
    bad_since: datetime | None = None


class Carried(NamedTuple):
    """An agency whose reports a portal carries."""

    id: str
    region_code: str
    organ: str


class Watched:
    """Questions to one archive about its portals."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def looks(self, portals: Iterable[str]) -> dict[str, Looks]:
        """Portal -> its looks, of every portal that is asked for."""
        wanted = list(dict.fromkeys(portals))
        found = {
            portal: Looks(
                _time(first), _time(last), _time(good), bad, _time(since), _time(bad_at), word == "blocked", said or ""
            )
            for portal, first, last, good, bad, since, bad_at, word, said in self._file.query(
                _LOOKS, (as_json(wanted),)
            )
        }
        since = {portal: to_text(looks.good_at) if looks.good_at else "" for portal, looks in found.items()}
        for portal, began, ended, detail in self._file.query(_RUNS, {"since": as_json(since)}):
            found[portal] = _with_run(found[portal], from_text(began), from_text(ended), detail or "")
        return found

    def columns(self, urls: Mapping[str, Iterable[str]]) -> dict[str, dict[str, ColumnReads]]:
        """Portal -> column -> its reads, of every column that is asked for. urls: portal -> the addresses of its
        columns."""
        pairs = [(portal, url) for portal, columns in urls.items() for url in columns]
        found: dict[str, dict[str, ColumnReads]] = {portal: {} for portal in urls}
        for portal, url, good, bad in self._file.query(_COLUMNS, (as_json(pairs),)):
            found[portal][url] = ColumnReads(_time(good), _time(bad))
        return found

    def names(self) -> dict[str, str]:
        """Portal -> its name, of all that were ever crawled."""
        return {portal: name or portal for portal, name in self._file.query("SELECT id, name FROM portals")}

    def looks_between(self, begin: datetime, end: datetime) -> tuple[int, int, int]:
        """(looks that read something, looks that failed or were refused, portals that were read) in a time."""
        ((good, bad, portals),) = self._file.query(
            "SELECT count(*) FILTER (WHERE outcome IN ('ok', 'partial')),"
            " count(*) FILTER (WHERE outcome IN ('failed', 'blocked')),"
            " count(DISTINCT CASE WHEN outcome IN ('ok', 'partial') THEN portal END)"
            " FROM crawls WHERE ended_at > ? AND ended_at <= ?",
            (to_text(begin), to_text(end)),
        )
        return good, bad, portals

    def carried(self, portals: Iterable[str]) -> dict[str, list[Carried]]:
        """Portal -> the agencies that the register says it carries. One of which it says none has no entry."""
        found: dict[str, list[Carried]] = {}
        for portal, *agency in self._file.query(
            "SELECT portal, id, region_code, organ FROM agencies WHERE portal IN (SELECT value FROM json_each(?))",
            (as_json(list(portals)),),
        ):
            found.setdefault(portal, []).append(Carried(*agency))
        return found

    def anywhere(self, agencies: Iterable[str]) -> list[Carried]:
        """Those whose portal the register does not say: each pair of region and organ once, without its id; of the
        agencies that are named here each, with its id, and those that the register does not have at all."""
        named = as_json(list(agencies))
        rows = self._file.query(
            "SELECT DISTINCT CASE WHEN id IN (SELECT value FROM json_each(:named)) THEN id ELSE '' END, region_code,"
            " organ FROM agencies WHERE portal IS NULL AND organ <> ''",
            {"named": named},
        )
        strangers = self._file.query(
            "SELECT n.value FROM json_each(?) n WHERE NOT EXISTS ("
            "SELECT 1 FROM agencies a WHERE a.id = n.value AND a.organ <> '')",
            (named,),
        )
        return [*(Carried(*row) for row in rows), *(Carried(agency_id, "", "") for (agency_id,) in strangers)]


def _with_run(looks: Looks, began: datetime, ended: datetime, detail: str) -> Looks:
    """The looks with a run that left no crawl behind."""
    is_last = looks.bad_at is None or ended >= looks.bad_at
    return looks._replace(
        first_at=min(looks.first_at or began, began),
        last_at=max(looks.last_at or ended, ended),
        bad=looks.bad + 1,
        bad_since=min(looks.bad_since or ended, ended),
        bad_at=max(looks.bad_at or ended, ended),
        was_refused=looks.was_refused and not is_last,
        said=detail if is_last else looks.said,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
