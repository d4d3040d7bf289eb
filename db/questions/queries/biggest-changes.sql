-- The biggest changes of a figure from one year to the next.
--
-- :figure figure = applications.new.total  the figure
-- :year integer                            only changes to this reporting year
-- :region text                             only regions whose code begins so
-- :rows integer = 50                       so many rows, the biggest change first
--
-- Two reports running of one agency that both have a number; null is not zero. A report may cover others than the year
-- before (scopes, agencies.covered_by), a form may count differently (2019, 2021): change of form stands in the row.
--
-- empty: Nobody's number differs from the year before in {reports}. It takes two reports running of an agency that is
-- known, both with a number: an archive of one year has no change.
SELECT k.name AS agency, k.agency_id, c.year, c.before, c.value, c.change, c.form_before, c.form
FROM (
  SELECT w.agency_no, w.year, p.{figure} AS before, w.{figure} AS value, w.{figure} - p.{figure} AS change,
    p.form AS form_before, w.form
  FROM wide w CROSS JOIN wide p
  WHERE w.is_latest = 1 AND (:year IS NULL OR w.year = :year) AND w.{figure} IS NOT NULL
    AND p.agency_no = w.agency_no AND p.year = w.year - 1 AND p.is_latest = 1 AND p.{figure} <> w.{figure}
) c
JOIN agency_keys k ON k.no = c.agency_no
WHERE k.agency_id IS NOT NULL
  AND (:region IS NULL OR k.agency_id IN (SELECT id FROM agencies WHERE substr(region_code, 1, length(:region)) = :region))
ORDER BY abs(c.change) DESC, agency, c.year
LIMIT :rows
