"""The view `timeliness`: when each report that was owed by a date was first seen, and what was seen before.

A row for each agency of the register and each reporting year for which it has a dated duty and of which the archive has
any report, if its own was seen, or if its portal was read wholly after the deadline. A report of the agency that covers
it is its report; what could not be read is one, too.

first_seen_on: the day in Beijing on which a list first showed the address, or else the document was first seen,
wherever that was. An address that is older than the year in which the report is due has carried something else before;
there the document alone counts. absent_on: of a report seen late, the last day after the deadline and before that day
on which the column in which it was then seen was read wholly, and did not show it; of one never seen, the last day
after the deadline on which any column of its portal was read wholly. seen_late is 1 only if the portal is the agency's
own and the column was so read: what was first seen elsewhere, added by hand, at an address that was known before, or in
a column that was not read between, cannot be told (null). A read within a crawl that failed, or was broken off and not
gone on with, counts nowhere, as in Crawls.doubtful_spans.

This is what SQL can say of one column, and no accusation. Left to the rule `late`: three reads on three days; the
other columns of the portal, and those of other portals, in which it may have stood in time; witnesses, that is whether
the reads showed other reports of that year; entries that were listed and not understood, and names that stand in the
bytes of the lists; the report of a body that it was merged with, or of one that covers the one that covers it;
announced closures; the days off between deadline and report.
"""

# Whole reads of columns that nothing speaks against; see Crawls.doubtful_spans.
_GOOD = """c.outcome IN ('ok', 'unchanged') AND NOT EXISTS (
      SELECT 1 FROM crawls x WHERE x.portal = c.portal AND (x.outcome = 'failed' OR x.ended_at IS NULL)
        AND x.started_at <= c.at AND c.at <= coalesce(x.ended_at, (
          SELECT n.started_at FROM crawls n WHERE n.portal = x.portal AND n.id > x.id ORDER BY n.id LIMIT 1
        ), '9999'))"""

_LAST_READ = f"""(
    SELECT c.at FROM column_reads c
    WHERE c.portal = s.portal AND c.at >= s.due_until AND {_GOOD} ORDER BY c.at DESC LIMIT 1
  )"""


def _showings(table: str, seen_at: str, portal: str, agency: str, more: str) -> str:
    """SELECT of when, by which portal and in which column each document of an agency and year was first seen.

    f: its address; p: the page of that address. An address of before the year in which the report is due is not where
    a list first showed this report; then no column has shown it first.
    """
    due_year = "d.year || '-12-31T16:00:00+00:00'"
    return f"""
        SELECT json_array(
          min(r.{seen_at}, iif(f.found_at >= {due_year}, f.found_at, r.{seen_at}),
            iif(p.found_at >= {due_year}, p.found_at, r.{seen_at})),
          r.{portal},
          iif(min(f.found_at, coalesce(p.found_at, f.found_at)) >= {due_year}, coalesce(p.column_url, f.column_url),
            NULL)
        ) AS first
        FROM {table} r
        LEFT JOIN frontier f ON f.portal = r.{portal} AND f.url = r.url
        LEFT JOIN frontier p ON p.portal = f.portal AND p.url = f.page_url
        WHERE r.{agency} IN (a.id, a.covered_by) AND r.year = d.year{more}"""


# The plus keeps SQLite from taking the index of all that is unread.
_REPORTS = _showings("reports", "first_seen_at", "portal", "agency_key", "")
_UNREAD = _showings("readings", "seen_at", "source", "agency_id", " AND +r.report_id IS NULL AND r.kind <> 'empty'")
# The grouping groups nothing: it keeps SQLite from working out the first showing anew for every column below, and lets
# it look at one agency alone where one is asked for.
_SHOWN = f"""
    SELECT a.id AS agency_id, a.name AS agency, a.region_code, a.organ, a.portal, d.year, d.duty, d.due_on, d.due_until,
      (
        SELECT min(first) FROM ({_REPORTS}
        UNION ALL {_UNREAD}
        )
      ) AS showing
    FROM agencies a JOIN deadlines d ON d.duty = a.duty
      AND d.year >= coalesce(a.from_year, d.year) AND d.year <= coalesce(a.to_year, d.year)
    WHERE a.organ <> ''
      AND d.year IN (SELECT y.year FROM deadlines y WHERE EXISTS (SELECT 1 FROM reports r WHERE r.year = y.year))
    GROUP BY a.id, d.year"""

_JUDGED = f"""
  SELECT agency_id, agency, region_code, organ, year, duty, due_on, due_until,
    showing ->> '$[0]' AS first_at,
    (
      SELECT c.at FROM column_reads c WHERE c.portal = s.portal AND {_GOOD} ORDER BY c.at LIMIT 1
    ) AS watched_from,
    CASE
      WHEN showing IS NULL THEN {_LAST_READ}
      WHEN showing ->> '$[0]' >= due_until AND showing ->> '$[1]' = portal THEN (
        SELECT c.at FROM column_reads c WHERE c.portal = s.portal AND c.column_url = s.showing ->> '$[2]'
          AND c.at >= s.due_until AND c.at < s.showing ->> '$[0]' AND {_GOOD} ORDER BY c.at DESC LIMIT 1
      )
    END AS absent_at
  FROM ({_SHOWN}
  ) s
  WHERE showing IS NOT NULL OR {_LAST_READ} IS NOT NULL"""

TIMELINESS = f"""
SELECT agency_id, agency, region_code, organ, year, duty, due_on, date(first_at, '+8 hours') AS first_seen_on,
  date(watched_from, '+8 hours') AS watched_since, date(absent_at, '+8 hours') AS absent_on,
  CASE WHEN first_at < due_until THEN 0 WHEN first_at IS NOT NULL AND absent_at IS NOT NULL THEN 1 END AS seen_late,
  CASE WHEN first_at >= due_until AND absent_at IS NOT NULL
    THEN CAST(julianday(date(first_at, '+8 hours')) - julianday(due_on) AS INTEGER) END AS days_late
FROM ({_JUDGED}
)"""

# What the view needs to be fast.
INDEXES = (
    "CREATE INDEX column_reads_whole ON column_reads (portal, at) WHERE outcome IN ('ok', 'unchanged')",
    "CREATE INDEX crawls_doubtful ON crawls (portal, started_at) WHERE outcome = 'failed' OR ended_at IS NULL",
    "CREATE INDEX readings_unread ON readings (agency_id, year) WHERE agency_id IS NOT NULL",
)
