-- Agencies that report zero in every report that the archive has of them, three reports at least.
--
-- :figure figure = applications.new.total  the figure
-- :region text                             only regions whose code begins so
--
-- Null is not zero: an agency with one report that gives no number here (blank, dash, unreadable, no tables) is left
-- out. Reports whose form does not have the figure do not count.
--
-- empty: None of the agencies behind {reports} has three or more with a zero in each. An agency with one blank among
-- them is not here, and an archive of one or two years has no three reports of anybody.
SELECT k.name AS agency, k.agency_id, count(*) AS reports, min(w.year) AS first_year, max(w.year) AS last_year
FROM wide w JOIN agency_keys k ON k.no = w.agency_no
WHERE w.is_latest = 1 AND k.agency_id IS NOT NULL
  AND (w.form IS NULL OR w.form IN (SELECT form FROM form_figures WHERE figure = :figure))
  AND (:region IS NULL OR k.agency_id IN (SELECT id FROM agencies WHERE substr(region_code, 1, length(:region)) = :region))
GROUP BY w.agency_no
HAVING count(*) >= 3 AND count(w.{figure}) = count(*) AND min(w.{figure}) = 0 AND max(w.{figure}) = 0
ORDER BY reports DESC, agency, k.agency_id
