-- Who was seen late two years running.
--
-- :year integer  only where this is the later of the two reporting years
-- :region text   only regions whose code begins so
--
-- Late is what we saw: a complete read of the column after the deadline did not show the report, a later one did. A date
-- on a page makes nobody late, and neither does a report that was there when we first looked. Days are days in Beijing;
-- days_late is at most so many. is_local = 1: a region has set the date for one of them, and no law. It is no accusation
-- yet: the rule `late` looks at more (docs/rules.md).
--
-- empty: Nobody was seen late two years running. Nobody can have been in a first season, nor without a register with
-- dated duties, deadlines, and complete reads of the columns after the deadlines of two years: it is not to say that all
-- were in time.
WITH late AS MATERIALIZED (SELECT * FROM timeliness WHERE seen_late = 1)
SELECT t.agency, t.agency_id, max(p.is_local, t.is_local) AS is_local,
  p.year AS first_year, p.due_on AS first_due_on, p.absent_on AS first_absent_on, p.first_seen_on AS first_year_seen_on,
  p.days_late AS first_days_late, t.year AS second_year, t.due_on AS second_due_on, t.absent_on AS second_absent_on,
  t.first_seen_on AS second_year_seen_on, t.days_late AS second_days_late
FROM late t JOIN late p ON p.agency_id = t.agency_id AND p.year = t.year - 1
WHERE (:year IS NULL OR t.year = :year)
  AND (:region IS NULL OR substr(t.region_code, 1, length(:region)) = :region)
ORDER BY t.agency, t.year
