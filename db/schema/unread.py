"""The view `unread`: documents that may be reports and could not be read, the one place that says which these are.

Left out is what came to be read all the same: at the same address later, or beside it (a page that only carries its
report as an attachment, or the other way round).
"""

READ_BESIDE = (
    "EXISTS (SELECT 1 FROM sightings o JOIN sightings a ON a.source = o.source AND a.page_url = o.page_url"
    " JOIN readings b ON b.source = a.source AND b.url = a.url AND b.seen_at = a.first_seen_at AND b.sha256 = a.sha256"
    " WHERE o.source = {row}.source AND o.url = {row}.url AND o.first_seen_at = {row}.seen_at"
    " AND o.sha256 = {row}.sha256 AND b.report_id IS NOT NULL)"
)
"""SQL: a page that only carries its report as an attachment, or the other way round, is not unread. row: a reading."""

UNREAD = f"""
SELECT d.agency, d.agency_id, d.year, d.kind, d.sentence, d.source, d.url, coalesce(d.title, s.title) AS title,
  d.seen_at, d.sha256
FROM readings d
LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at AND s.sha256 = d.sha256
WHERE d.report_id IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM readings e
    WHERE e.source = d.source AND e.url = d.url AND e.seen_at > d.seen_at AND e.report_id IS NOT NULL
  )
  AND NOT {READ_BESIDE.format(row="d")}
"""
