-- Whose carry-over does not match: applications carried in are not those that the year before carried out.
--
-- :year integer  only this reporting year, compared with the one before
-- :region text   only regions whose code begins so
--
-- Two reports running of one agency that both have a number. Left out: years in which it took over from another agency
-- or gave to a new one, and reports that say that they cover something else than the year before. It shows which two
-- reports disagree, not which of them errs. Unit: applications. Where state is realigned, look at the document first.
--
-- empty: No mismatch shows in {reports}. It takes two reports running of an agency that is known, both with a number
-- and of the same body: an archive of one year has none, and blanks are no match either.
WITH other_body AS MATERIALIZED (
  SELECT s.successor AS agency_id, b.to_year + 1 AS year FROM successions s JOIN agencies b ON b.id = s.predecessor
  UNION SELECT s.successor, b.to_year FROM successions s JOIN agencies b ON b.id = s.predecessor
  UNION SELECT s.predecessor, a.from_year FROM successions s JOIN agencies a ON a.id = s.successor
)
SELECT k.name AS agency, k.agency_id, c.year, c.carried_out_before, c.carried_in,
  c.carried_in - c.carried_out_before AS difference,
  coalesce((
    SELECT state FROM cell_states WHERE report_id = c.before_id
      AND figure IN ('applications.carried_out.total', 'applications.carried_out.*')
  ), 'printed') AS state_before,
  coalesce((
    SELECT state FROM cell_states WHERE report_id = c.report_id
      AND figure IN ('applications.carried_in.total', 'applications.carried_in.*')
  ), 'printed') AS state
FROM (
  SELECT w.agency_no, w.year, w.report_id, p.report_id AS before_id,
    p.applications_carried_out_total AS carried_out_before, w.applications_carried_in_total AS carried_in
  FROM wide w CROSS JOIN wide p
  WHERE w.is_latest = 1 AND (:year IS NULL OR w.year = :year) AND w.applications_carried_in_total IS NOT NULL
    AND p.agency_no = w.agency_no AND p.year = w.year - 1 AND p.is_latest = 1
    AND p.applications_carried_out_total <> w.applications_carried_in_total
) c
JOIN agency_keys k ON k.no = c.agency_no
WHERE k.agency_id IS NOT NULL
  AND (:region IS NULL OR k.agency_id IN (SELECT id FROM agencies WHERE substr(region_code, 1, length(:region)) = :region))
  AND NOT EXISTS (SELECT 1 FROM other_body o WHERE o.agency_id = k.agency_id AND o.year = c.year)
  AND NOT EXISTS (
    SELECT 1 FROM scopes s JOIN scopes b ON b.report_id = c.before_id AND b.table_name = s.table_name
    WHERE s.report_id = c.report_id AND s.table_name = 'applications' AND s.text <> b.text
  )
ORDER BY abs(difference) DESC, agency, c.year
