-- Coverage by kind of organ and year: agencies that owe a report by a date, and how many of their reports there are.
--
-- :year integer  only this reporting year
-- :region text   only regions whose code begins so
--
-- Columns and limits are those of the query coverage.
--
-- empty: Nobody is known to owe a report by a date. Without a register (config.toml: register), its duties, and
-- deadlines, which every run keeps, no coverage can be told. The archive has {reports} all the same.
WITH years AS MATERIALIZED (
  SELECT DISTINCT year FROM wide WHERE is_latest = 1 AND (:year IS NULL OR year = :year)
),
unread AS MATERIALIZED (
  SELECT DISTINCT agency_id, year FROM readings WHERE report_id IS NULL AND agency_id IS NOT NULL
),
owed AS (
  SELECT a.organ, y.year,
    EXISTS (
      SELECT 1 FROM agency_keys k CROSS JOIN wide w
      -- Under its full name: of several of that name nobody can tell which.
      WHERE k.key IN (a.id, '?:' || a.name) AND w.agency_no = k.no AND w.year = y.year AND w.is_latest = 1
    ) OR EXISTS (
      SELECT 1 FROM report_bodies b CROSS JOIN reports r
      WHERE b.agency_id = a.id AND r.id = b.report_id AND r.year = y.year AND r.is_current = 1
    ) OR EXISTS (
      SELECT 1 FROM stand_ins i CROSS JOIN reports r
      WHERE i.agency_id = a.id AND i.year IN (0, y.year)
        AND r.agency_key = i.by_agency_id AND r.year = y.year AND r.is_current = 1
    ) OR EXISTS (
      SELECT 1 FROM stand_ins i CROSS JOIN report_bodies b CROSS JOIN reports r
      WHERE i.agency_id = a.id AND i.year IN (0, y.year)
        AND b.agency_id = i.by_agency_id AND r.id = b.report_id AND r.year = y.year AND r.is_current = 1
    ) AS is_found,
    (a.id, y.year) IN (SELECT agency_id, year FROM unread) OR EXISTS (
      SELECT 1 FROM stand_ins i
      WHERE i.agency_id = a.id AND i.year IN (0, y.year)
        AND (i.by_agency_id, y.year) IN (SELECT agency_id, year FROM unread)
    ) AS is_unread
  FROM agencies a JOIN deadlines d ON d.duty = a.duty JOIN years y ON y.year = d.year
  WHERE a.organ <> ''
    AND (:region IS NULL OR substr(a.region_code, 1, length(:region)) = :region)
    AND (a.from_year IS NULL OR a.from_year <= y.year) AND (a.to_year IS NULL OR a.to_year >= y.year)
)
SELECT organ, year, count(*) AS agencies, sum(is_found) AS found, sum(is_unread AND NOT is_found) AS unread,
  round(100.0 * sum(is_found) / count(*), 1) AS found_percent
FROM owed GROUP BY organ, year ORDER BY organ, year
