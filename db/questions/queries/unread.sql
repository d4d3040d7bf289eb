-- Documents that may be reports and could not be read: published, but unread by us.
--
-- :year integer  only this reporting year
-- :kind text     only this reason: image-only, unsupported, encrypted, truncated, …
--
-- agency and year come from title and portal; null: these do not say. Left out: what stood there in a readable version
-- later, and a page that only carries its report as a file.
SELECT d.agency, d.agency_id, d.year, d.kind, d.sentence, d.source, d.url, coalesce(d.title, s.title) AS title,
  d.seen_at, d.sha256
FROM readings d
LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at AND s.sha256 = d.sha256
WHERE d.report_id IS NULL AND (:year IS NULL OR d.year = :year) AND (:kind IS NULL OR d.kind = :kind)
  AND NOT EXISTS (
    SELECT 1 FROM readings e
    WHERE e.source = d.source AND e.url = d.url AND e.seen_at > d.seen_at AND e.report_id IS NOT NULL
  )
  AND NOT EXISTS (
    SELECT 1 FROM sightings b
    JOIN readings e ON e.source = b.source AND e.url = b.url AND e.seen_at = b.first_seen_at AND e.sha256 = b.sha256
    WHERE b.source = s.source AND b.page_url = s.page_url AND e.report_id IS NOT NULL
  )
ORDER BY d.year, d.agency, d.source, d.url, d.seen_at
