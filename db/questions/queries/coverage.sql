-- Coverage by region and year: agencies that owe a report by a date, and how many of their reports the archive has.
--
-- :year integer        only this reporting year
-- :region text         only regions whose code begins so
-- :digits integer = 6  regions by the first digits of their code: 2 province, 4 prefecture, 6 county
--
-- agencies (n): of the register, with a duty that had a date for that year (deadlines), while they existed. found: a
-- report that was read: its own, a joint one that names it (report_bodies), or that of a body that stands in for it: the
-- one that covers it, and in the year of a merger the other one (stand_ins). unread: only one that could not be read.
-- Years: those of which the archive has any report. A report that was not found may be there all the same: `nianbao
-- missing` says what was looked at.
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
  SELECT substr(a.region_code, 1, :digits) AS region_code, y.year,
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
SELECT o.region_code, r.name AS region, o.year, o.agencies, o.found, o.unread,
  round(100.0 * o.found / o.agencies, 1) AS found_percent
FROM (
  SELECT region_code, year, count(*) AS agencies, sum(is_found) AS found,
    sum(is_unread AND NOT is_found) AS unread
  FROM owed GROUP BY region_code, year
) o
LEFT JOIN regions r ON r.code = substr(o.region_code || '0000', 1, 6)
ORDER BY o.region_code, o.year
