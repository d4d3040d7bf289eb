-- Reports whose figures, title or prose changed after they were published.
--
-- :year integer  only this reporting year
-- :source text   only this portal
--
-- One row for each change, at one address of one source. Changed bytes alone and a better parser make no revision;
-- `nianbao history AGENCY YEAR` shows what changed. numbers: how many figures have a number. Times are UTC.
--
-- empty: No report was seen to change. That takes two looks at the same address: an archive of a first visit has none.
SELECT k.name AS agency, r.agency_id, r.year, r.source, r.url, r.revision, b.last_seen_at AS before_seen_until,
  r.first_seen_at AS seen_from, b.numbers AS numbers_before, r.numbers, b.sha256 AS sha256_before, r.sha256
FROM reports r
JOIN reports b ON b.agency_key = r.agency_key AND b.year = r.year AND b.source = r.source AND b.url = r.url
  AND b.revision = r.revision - 1
JOIN agency_keys k ON k.key = r.agency_key
WHERE r.revision > 1 AND (:year IS NULL OR r.year = :year) AND (:source IS NULL OR r.source = :source)
ORDER BY r.first_seen_at DESC, agency, r.year, r.source, r.url
