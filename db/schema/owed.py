"""The view `owed`: who owes a report for a year, by when and by what, and whether it is there.

A row for each agency of the register and each reporting year of which the archive has any report, while it existed, for
which a date is set: by the law (deadlines), or else by its region (local_rules; the nearest region that has a rule for
that kind of body and year, as db.local_rules.LocalRules.find has it).

is_found: a report that was read: its own, a joint one that names it (report_bodies), or that of a body that stands in
for it: the one that covers it, and in the year of a merger the other one (stand_ins). is_unread: one that could not be
read was put down to one of these; what was empty is none.
"""

_LOCAL_ON = "printf('%d-%02d-%02d', y.year + 1, {0}.month, {0}.day)"


def _nearest(column: str) -> str:
    """A column of the rule of the nearest region. Each of the codes above a body's own is looked up by the key of the
    table, so that many rules cost no more than few."""
    return f"""(
    SELECT {column} FROM local_rules n
    WHERE n.region_code IN (substr(a.region_code, 1, 2), substr(a.region_code, 1, 4), substr(a.region_code, 1, 6),
        substr(a.region_code, 1, 9), a.region_code)
      AND n.organ = a.organ AND n.from_year <= y.year AND coalesce(n.to_year, y.year) >= y.year
    ORDER BY length(n.region_code) DESC LIMIT 1
  )"""


_JOINT = "report_bodies b CROSS JOIN reports r ON r.id = b.report_id"

# Under its full name: of several of that name nobody can tell which.
_IS_FOUND = f"""(
    EXISTS (
      SELECT 1 FROM agency_keys k CROSS JOIN wide w
      WHERE k.key IN (a.id, '?:' || a.name) AND w.agency_no = k.no AND w.year = y.year AND w.is_latest = 1
    ) OR EXISTS (
      SELECT 1 FROM {_JOINT} WHERE b.agency_id = a.id AND r.year = y.year AND r.is_current = 1
    ) OR EXISTS (
      SELECT 1 FROM stand_ins i CROSS JOIN reports r
      WHERE i.agency_id = a.id AND i.year IN (0, y.year)
        AND r.agency_key = i.by_agency_id AND r.year = y.year AND r.is_current = 1
    ) OR EXISTS (
      SELECT 1 FROM stand_ins i CROSS JOIN {_JOINT}
      WHERE i.agency_id = a.id AND i.year IN (0, y.year)
        AND b.agency_id = i.by_agency_id AND r.year = y.year AND r.is_current = 1
    )
  )"""

# The plus keeps SQLite from taking the index of all that is unread.
_UNREAD = "r.year = y.year AND +r.report_id IS NULL AND r.kind <> 'empty'"
_IS_UNREAD = f"""(
    EXISTS (SELECT 1 FROM readings r WHERE r.agency_id = a.id AND {_UNREAD})
    OR EXISTS (
      SELECT 1 FROM stand_ins i CROSS JOIN readings r ON r.agency_id = i.by_agency_id
      WHERE i.agency_id = a.id AND i.year IN (0, y.year) AND {_UNREAD}
    )
  )"""

_LOCAL_DUE_ON = _LOCAL_ON.format("l")
_EARLIER = _LOCAL_ON.format("n")

# Crossed, so that SQLite goes through the agencies once: they are many, and the years few. The CASE keeps it from
# looking for a local rule where the law sets the date.
OWED = f"""
SELECT a.id AS agency_id, a.name AS agency, a.region_code, a.organ, a.portal, y.year, a.duty,
  coalesce(d.due_on, {_LOCAL_DUE_ON}) AS due_on,
  coalesce(d.due_until, {_LOCAL_DUE_ON} || 'T16:00:00+00:00') AS due_until,
  d.duty IS NULL AS is_local,
  coalesce(d.basis_en, l.name || ' ' || l.source) AS basis,
  {_nearest(f"CASE WHEN {_EARLIER} < d.due_on THEN {_EARLIER} END")} AS local_due_on,
  {_IS_FOUND} AS is_found,
  {_IS_UNREAD} AS is_unread
FROM agencies a
CROSS JOIN (
  SELECT DISTINCT year FROM deadlines WHERE EXISTS (SELECT 1 FROM reports r WHERE r.year = deadlines.year)
) y ON y.year >= coalesce(a.from_year, y.year) AND y.year <= coalesce(a.to_year, y.year)
LEFT JOIN deadlines d ON d.duty = a.duty AND d.year = y.year
LEFT JOIN local_rules l ON l.region_code = CASE WHEN d.duty IS NULL THEN {_nearest("n.region_code")} END
  AND l.organ = a.organ AND l.from_year <= y.year AND coalesce(l.to_year, y.year) >= y.year
WHERE a.organ <> '' AND a.duty <> 'none' AND (d.duty IS NOT NULL OR l.organ IS NOT NULL)"""
