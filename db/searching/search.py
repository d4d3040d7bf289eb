"""Full text search over the titles and sections of reports: any word from one character up, exact.

The index holds, for each report, the different characters and the different pairs of neighbouring characters of its
folded text (db/searching/folding.py), each passage for itself. A word of one or two characters is one token of it; a
longer one is looked for by its pairs, and then in the text itself. With them stand the year of the report and the
code of its region, so that the newest reports are found without sorting them all. No such token can be taken for
text: they have three characters or more."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from db.errors import ArchiveError
from db.searching.folding import fold
from db.searching.passages import Quote, has_all, passages_of, printed, quote
from db.takedowns import Held, held

if TYPE_CHECKING:
    from db.connection import ArchiveFile

_FEW = 1_000  # so many candidates are looked up and sorted; of more, the newest years are gone through one by one
_QUICKLY_COUNTED = 20_000  # so many candidates can be looked at in a few milliseconds without their text
_TIDIED = 200  # pages of the database that tidying writes at a time
_PAIRS = 64  # of a longer word; the text itself is looked at in any case


class Hit(NamedTuple):
    """One report that has all the words."""

    agency: str
    agency_id: str | None
    year: int
    report_id: int
    sha256: str
    url: str
    quote: Quote


class Count(NamedTuple):
    """How many reports have the words; not is_exact: so many at most."""

    reports: int
    is_exact: bool


class Found(NamedTuple):
    """One page of hits, and how many there are in all."""

    hits: list[Hit]
    total: Count


# Writing the index


def index(connection: sqlite3.Connection, report_id: int, title: str | None, sections: Iterable[str]) -> None:
    """Put a report into the index. sections: every heading and every text. To be called within a write transaction,
    once the report has its row: agency key and year are taken from there, and must not change afterwards."""
    key, year = _key_and_year(connection, report_id)
    connection.execute(
        "INSERT INTO report_search (rowid, tokens) VALUES (?, ?)",
        (report_id, _tokens(key, year, chain([title or ""], sections))),
    )


def unindex(connection: sqlite3.Connection, report_id: int) -> None:
    """Take a report out of the index. To be called before its rows are changed or deleted: an index without content
    forgets only what it is told word for word."""
    row = connection.execute("SELECT agency_key, year, title FROM reports WHERE id = ?", (report_id,)).fetchone()
    if row is None:
        return
    key, year, title = row
    connection.execute(
        "INSERT INTO report_search (report_search, rowid, tokens) VALUES ('delete', ?, ?)",
        (report_id, _tokens(key, year, printed(connection, report_id, title))),
    )


def rebuild_index(connection: sqlite3.Connection) -> None:
    """Make the whole index anew from the stored reports, one report at a time, and as small as it gets."""
    connection.execute("INSERT INTO report_search (report_search) VALUES ('delete-all')")
    reports = connection.execute("SELECT id, agency_key, year, title FROM reports ORDER BY id")
    connection.executemany(
        "INSERT INTO report_search (rowid, tokens) VALUES (?, ?)",
        (
            (report_id, _tokens(key, year, printed(connection, report_id, title)))
            for report_id, key, year, title in reports
        ),
    )
    optimize(connection)


def optimize(connection: sqlite3.Connection) -> None:
    """Make the index as small and quick as it gets, by writing it anew in one piece."""
    connection.execute("INSERT INTO report_search (report_search) VALUES ('optimize')")


def _key_and_year(connection: sqlite3.Connection, report_id: int) -> tuple[str, int]:
    row = connection.execute("SELECT agency_key, year FROM reports WHERE id = ?", (report_id,)).fetchone()
    if row is None:
        raise ArchiveError(f"report {report_id} has no row; it must be written before it is indexed")
    return row[0], row[1]


def _tokens(key: str, year: int, passages: Iterable[str]) -> str:
    tokens = {_year_token(year)}
    code, colon, _ = key.partition(":")
    if colon and code.isdecimal():
        tokens.update(_region_token(code[:length]) for length in (2, 4, 6))
    for passage in passages:
        folded = fold(passage)
        tokens.update(folded)
        tokens.update(map(add, folded, folded[1:]))
    return " ".join(tokens)


def _year_token(year: int) -> str:
    return f"year{year}"


def _region_token(prefix: str) -> str:
    return f"region{prefix}"


# Asking it


class _Query(NamedTuple):
    """words: folded, each once. tokens: what the index must have of a report. is_exact: then it has the words."""

    words: list[str]
    tokens: list[str]
    is_exact: bool


def _query(words: str) -> _Query:
    try:
        words.encode()
    except UnicodeEncodeError:
        raise ArchiveError(f"{words!r}: is no text; give a word as the reports print it, in UTF-8") from None
    folded = list(dict.fromkeys(filter(None, map(fold, words.split()))))
    if not folded:
        raise ArchiveError(f"{words!r}: has no character that can be searched for; give a word as the reports print it")
    tokens: dict[str, None] = {}
    for word in folded:
        pairs = [word] if len(word) <= 2 else list(map(add, word, word[1:]))
        tokens.update(dict.fromkeys(pairs[:_PAIRS]))
    return _Query(folded, list(tokens), all(len(word) <= 2 for word in folded))


class _Asked(NamedTuple):
    """Everything that decides which reports are candidates. keys: of the agency, None for all."""

    match: str
    year: int | None
    region: str
    keys: list[str] | None
    all_revisions: bool
    held: Held

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The named parameters of the statements below."""
        return {
            "match": self.match,
            "year": self.year,
            "region": self.region,
            "keys": json.dumps(self.keys),
            "all_revisions": self.all_revisions,
            "held_sha256s": json.dumps(sorted(self.held.sha256s)),
            "held_urls": json.dumps(sorted(self.held.urls)),
        } | more


_FOUND = "SELECT r.title, coalesce(a.name, r.agency), r.agency_id, r.year, r.id, r.sha256, r.url"
_NAMED = "LEFT JOIN agencies a ON a.id = r.agency_id"
_SHOWN = """(:all_revisions OR w.is_latest = 1) AND r.sha256 NOT IN (SELECT value FROM json_each(:held_sha256s))
  AND r.url NOT IN (SELECT value FROM json_each(:held_urls))"""
_CANDIDATES = """FROM report_search CROSS JOIN wide w ON w.report_id = report_search.rowid
  CROSS JOIN reports r ON r.id = w.report_id"""
_OF_INDEX = (
    f"{_FOUND} {_CANDIDATES} {_NAMED} WHERE report_search MATCH :match AND {_SHOWN} ORDER BY report_search.rowid"
)
_OF_FEW = f"""{_FOUND} FROM json_each(:ids) c CROSS JOIN reports r ON r.id = c.value
  CROSS JOIN wide w ON w.report_id = r.id {_NAMED} WHERE {_SHOWN} ORDER BY r.year DESC, r.id"""
_OF_AGENCY = f"""{_FOUND} FROM reports r CROSS JOIN wide w ON w.report_id = r.id {_NAMED}
  WHERE r.agency_key IN (SELECT value FROM json_each(:keys)) AND (:year IS NULL OR r.year = :year)
  AND substr(r.agency_key, 1, length(:region)) = :region AND {_SHOWN} ORDER BY r.year DESC, r.id"""
_COUNTED = f"SELECT count(*) {_CANDIDATES} WHERE report_search MATCH :match AND {_SHOWN}"
_KEYS = """SELECT key FROM agency_keys WHERE key = ?1 UNION SELECT key FROM agency_keys WHERE name = ?1
  UNION SELECT k.key FROM agency_keys k WHERE k.agency_id IN (SELECT ?1 UNION SELECT id FROM agencies WHERE name = ?1
    UNION SELECT agency_id FROM agency_aliases WHERE alias = ?1)"""
_YEARS = """WITH RECURSIVE years (year) AS (
    SELECT max(year) FROM reports
    UNION ALL SELECT (SELECT max(r.year) FROM reports r WHERE r.year < years.year) FROM years WHERE year IS NOT NULL)
  SELECT year FROM years WHERE year IS NOT NULL AND (:year IS NULL OR year = :year)"""


class Search:
    """Search in an open archive. Never shows a report whose document is taken down."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    def tidy(self) -> None:
        """Bring the pieces that the last reports have left in the index together, some hundred KB of it at a time: run
        after run it stays as small as it can be."""
        with self._file.write() as connection:
            connection.execute("INSERT INTO report_search (report_search, rank) VALUES ('merge', ?)", (-_TIDIED,))

    def find(
        self,
        words: str,
        *,
        agency: str | None = None,
        region: str | None = None,
        year: int | None = None,
        all_revisions: bool = False,
        limit: int = 20,
        offset: int = 0,
        count_all: bool = False,
    ) -> Found:
        """The reports that have all the words, newest year first, `limit` of them from number `offset` on.

        words: separated by blanks. agency: its id or one of its names. region: a code as in 440000, with all that lies
        in it. all_revisions: not only the report to trust for each agency and year. count_all: look into every
        candidate until their number is exact. Raises ArchiveError for words without a character to search for, an
        agency that is not in the archive, and a region that is no code.
        """
        query = _query(words)
        prefix = region_prefix(region) if region is not None else ""
        tokens = [*query.tokens]
        if year is not None:
            tokens.append(_year_token(year))
        if prefix:
            tokens.append(_region_token(prefix))
        with self._file.read() as connection:
            keys = self.keys(agency) if agency is not None else None
            if keys == []:
                raise ArchiveError(
                    f"agency {agency!r}: no report of such an agency is in the archive; give its id or its whole name"
                )
            asked = _Asked(_all_of(tokens), year, prefix, keys, all_revisions, held(connection))
            return _find(connection, query, asked, limit, offset, count_all)

    def keys(self, agency: str) -> list[str]:
        """Under what the reports of an agency are kept, by its id, its key, or one of its names; empty without any."""
        rows = self._file.query(_KEYS, (agency,))
        return [key for (key,) in rows]


def region_prefix(code: str) -> str:
    """What the codes of a region and of all that lies in it begin with: 44 of 440000. Raises ArchiveError."""
    prefix = code
    while len(prefix) > 2 and prefix.endswith("00"):
        prefix = prefix[:-2]
    if len(prefix) not in (2, 4, 6) or len(code) > 6 or not (code.isascii() and code.isdecimal()) or prefix == "00":
        raise ArchiveError(f"region {code!r}: is no region code; give six digits, as 440000 for a province")
    return prefix


def _find(
    connection: sqlite3.Connection, query: _Query, asked: _Asked, limit: int, offset: int, count_all: bool
) -> Found:
    if asked.keys is not None:
        known = connection.execute(_OF_AGENCY, asked.parameters()).fetchall()
        candidates, count_all = len(known), True
        rows = iter(known)
    else:
        ids = _first_candidates(connection, asked)
        if len(ids) <= _FEW:
            known = connection.execute(_OF_FEW, asked.parameters(ids=json.dumps(ids))).fetchall()
            candidates, rows = len(known), iter(known)
        else:
            known, candidates, rows = None, _number_of_candidates(connection, asked), _by_year(connection, asked)
    hits: list[Hit] = []
    seen = rejected = 0
    for title, agency, agency_id, of_year, report_id, sha256, url in rows:
        passages = passages_of(connection, report_id, title)
        if not has_all(passages, query.words):
            rejected += 1
            continue
        seen += 1
        if seen > offset:
            hits.append(Hit(agency, agency_id, of_year, report_id, sha256, url, quote(passages, query.words)))
        if len(hits) == limit:
            break
    else:
        return Found(hits, Count(seen, True))
    if count_all and not query.is_exact:
        seen += sum(has_all(passages_of(connection, row[4], row[0]), query.words) for row in rows)
        return Found(hits, Count(seen, True))
    is_exact = query.is_exact
    if is_exact and known is None and not (asked.all_revisions and not asked.held):
        if count_all or candidates <= _QUICKLY_COUNTED:
            (candidates,) = connection.execute(_COUNTED, asked.parameters()).fetchone()
        else:
            is_exact = False
    return Found(hits, Count(candidates - rejected, is_exact))


def _first_candidates(connection: sqlite3.Connection, asked: _Asked) -> list[int]:
    rows = connection.execute(
        "SELECT rowid FROM report_search WHERE report_search MATCH ? LIMIT ?", (asked.match, _FEW + 1)
    )
    return [report_id for (report_id,) in rows]


def _number_of_candidates(connection: sqlite3.Connection, asked: _Asked) -> int:
    row = connection.execute("SELECT count(*) FROM report_search WHERE report_search MATCH ?", (asked.match,))
    return int(row.fetchone()[0])


def _by_year(connection: sqlite3.Connection, asked: _Asked) -> Iterator[Any]:
    for (year,) in connection.execute(_YEARS, {"year": asked.year}).fetchall():
        yield from connection.execute(
            _OF_INDEX, asked.parameters(match=f"{asked.match} AND {_quoted(_year_token(year))}")
        )


def _all_of(tokens: Iterable[str]) -> str:
    return " AND ".join(map(_quoted, tokens))


def _quoted(token: str) -> str:
    """A token as FTS5 takes it literally, whatever sign it is."""
    return '"' + token.replace('"', '""') + '"'
