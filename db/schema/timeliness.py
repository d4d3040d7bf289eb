"""The view `timeliness`: when each report that was owed by a date was first seen, and what was seen before.

A row for each row of the view `owed` (an agency and a year for which it owes a report by a date, by law or by a local
rule), if its report was seen, or if its portal was read wholly after the deadline. Its report is also a joint report
that names it (report_bodies), and one of a body that the register lets stand in for it: that which covers it, and in
the year of a merger the other body (stand_ins). What could not be read is one, too, by whom it was put down to.

first_seen_on: the day in Beijing on which a list first showed the address, or else the document was first seen,
wherever that was. An address that is older than the year in which the report is due has carried something else before;
there the document alone counts. absent_on: of a report seen late, the last day after the deadline and before that day
on which the column in which it was then seen was read wholly, and did not show it; of one never seen, the last day
after the deadline on which any column of its portal was read wholly. seen_late is 1 only if the portal is the agency's
own and the column was so read: what was first seen elsewhere, added by hand, at an address that was known before, or
in a column that was not read between, cannot be told (null); nor what came after a document of that portal of which
nobody knows whose it is, for that may have been it (a name on it that shares nothing with the agency's excepted). A
read within a crawl that failed, or was broken off and not gone on with, counts nowhere, as in Crawls.doubtful_spans.

This is what SQL can say of one column, and no accusation. Left to the rule `late`: three reads on three days; the
other columns of the portal, and those of other portals, in which it may have stood in time; witnesses, that is whether
the reads showed other reports of that year; entries that were listed and not understood, and names that stand in the
bytes of the lists; the other bodies of a joint report that could not be read; announced closures; the days off between
deadline and report.
"""

from db.schema.unread import READ_BESIDE

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


def _showings(table: str, seen_at: str, portal: str, whose: str, more: str = "") -> str:
    """SELECT of when, by which portal and in which column each document of an agency and year was first seen.

    r: the document; f: its address; p: the page of that address. whose: which are the agency's. An address of before
    the year in which the report is due is not where a list first showed this report; then no column has shown it first.
    """
    due_year = "o.year || '-12-31T16:00:00+00:00'"
    return f"""
        SELECT json_array(
          min(r.{seen_at}, iif(f.found_at >= {due_year}, f.found_at, r.{seen_at}),
            iif(p.found_at >= {due_year}, p.found_at, r.{seen_at})),
          r.{portal},
          iif(min(f.found_at, coalesce(p.found_at, f.found_at)) >= {due_year}, coalesce(p.column_url, f.column_url),
            NULL)
        ) AS first
        FROM {table}
        LEFT JOIN frontier f ON f.portal = r.{portal} AND f.url = r.url
        LEFT JOIN frontier p ON p.portal = f.portal AND p.url = f.page_url
        WHERE {whose} AND r.year = o.year{more}"""


def _all_showings() -> str:
    """The same of all documents that are the agency's: its own, those of joint reports, what could not be read; then
    those of whoever stands in for it. Arm by arm, since SQLite finds each by its index then."""
    reports, unread = ("first_seen_at", "portal"), ("seen_at", "source")
    # The plus keeps SQLite from taking the index of all that is unread.
    no_report = " AND +r.report_id IS NULL AND r.kind <> 'empty'"
    joint = "report_bodies b CROSS JOIN reports r ON r.id = b.report_id"
    stand_ins, stands_in = "stand_ins i CROSS JOIN ", "i.agency_id = o.agency_id AND i.year IN (0, o.year)"
    arms = (
        # A report with the agency's full name of which the register cannot say whose it is may be its.
        _showings("reports r", *reports, "r.agency_key IN (o.agency_id, '?:' || o.agency)"),
        _showings(joint, *reports, "b.agency_id = o.agency_id"),
        _showings("readings r", *unread, "r.agency_id = o.agency_id", no_report),
        _showings(f"{stand_ins}reports r ON r.agency_key = i.by_agency_id", *reports, stands_in),
        _showings(f"{stand_ins}{joint.replace(' ON', ' ON b.agency_id = i.by_agency_id AND')}", *reports, stands_in),
        _showings(f"{stand_ins}readings r ON r.agency_id = i.by_agency_id", *unread, stands_in, no_report),
    )
    return " UNION ALL".join(arms)


# The grouping groups nothing: it keeps SQLite from working out the first showing anew for every column below, and lets
# it look at one agency alone where one is asked for.
_SHOWN = f"""
    SELECT o.agency_id, o.agency, o.region_code, o.organ, o.portal, o.year, o.duty, o.due_on, o.due_until, o.is_local, (
        SELECT min(first) FROM ({_all_showings()}
        )
      ) AS showing
    FROM owed o
    GROUP BY o.agency_id, o.year"""

# What stood in the portal before, of that year as far as is known, and of which nobody knows whose it is, may have been
# this report, unless it bears a name without so much as the first character of the agency's own: short names keep that.
_FIRST = "substr(s.agency_id, instr(s.agency_id, ':') + 1, 1)"
_ANYBODYS = f"""(
      EXISTS (
        SELECT 1 FROM reports r WHERE r.portal = s.portal AND r.year = s.year AND r.agency_id IS NULL
          AND r.first_seen_at < s.showing ->> '$[0]'
          AND (r.printed_agency IS NULL OR instr(r.printed_agency, {_FIRST}))
      ) OR EXISTS (
        SELECT 1 FROM readings r WHERE r.source = s.portal AND r.report_id IS NULL AND r.agency_id IS NULL
          AND r.kind <> 'empty' AND coalesce(r.year, s.year) = s.year
          AND r.seen_at >= s.year || '-12-31T16:00:00+00:00' AND r.seen_at < s.showing ->> '$[0]'
          AND (r.agency IS NULL OR instr(r.agency, {_FIRST}))
          AND NOT {READ_BESIDE.format(row="r")}
      )
    )"""

_JUDGED = f"""
  SELECT agency_id, agency, region_code, organ, year, duty, due_on, due_until, is_local,
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
    END AS absent_at,
    CASE WHEN showing ->> '$[0]' >= due_until THEN {_ANYBODYS} END AS is_doubtful
  FROM ({_SHOWN}
  ) s
  WHERE showing IS NOT NULL OR {_LAST_READ} IS NOT NULL"""

TIMELINESS = f"""
SELECT agency_id, agency, region_code, organ, year, duty, due_on, is_local, date(first_at, '+8 hours') AS first_seen_on,
  date(watched_from, '+8 hours') AS watched_since, date(absent_at, '+8 hours') AS absent_on,
  CASE WHEN first_at < due_until THEN 0 WHEN absent_at IS NOT NULL AND NOT is_doubtful THEN 1 END AS seen_late,
  CASE WHEN first_at >= due_until AND absent_at IS NOT NULL AND NOT is_doubtful
    THEN CAST(julianday(date(first_at, '+8 hours')) - julianday(due_on) AS INTEGER) END AS days_late
FROM ({_JUDGED}
)"""

# What the view needs to be fast.
INDEXES = (
    "CREATE INDEX column_reads_whole ON column_reads (portal, at) WHERE outcome IN ('ok', 'unchanged')",
    "CREATE INDEX crawls_doubtful ON crawls (portal, started_at) WHERE outcome = 'failed' OR ended_at IS NULL",
    "CREATE INDEX reports_nobodys ON reports (portal, year) WHERE agency_id IS NULL",
    "CREATE INDEX readings_nobodys ON readings (source) WHERE report_id IS NULL AND agency_id IS NULL",
    "CREATE INDEX readings_unread ON readings (agency_id, year) WHERE agency_id IS NOT NULL",
)
