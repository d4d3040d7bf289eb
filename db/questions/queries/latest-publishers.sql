-- Who publishes last: reports by when we saw them, relative to the day on which they were due.
--
-- :year integer       only this reporting year
-- :region text        only regions whose code begins so
-- :rows integer = 50  so many rows, the latest first
--
-- seen_late = 1: a complete read of the column after the deadline (absent_on) did not show the report, a later one did;
-- days_late is at most so many; 0: seen in time; null: cannot be told, and last here. published_after counts days from
-- the deadline to the date that the page gives, which may be wrong or changed later: it makes nobody late. Days are days
-- in Beijing. is_local = 1: a region has set the date, and no law.
--
-- empty: No report of an agency that owes one by a date was seen. Without a register with dated duties, and deadlines,
-- which every run keeps, nobody is compared with a date. The archive has {reports} all the
-- same.
SELECT agency, region_code, organ, year, due_on, is_local, seen_late, days_late, absent_on, first_seen_on, watched_since,
  published_on, CAST(julianday(published_on) - julianday(due_on) AS INTEGER) AS published_after
FROM (
  SELECT t.*, (SELECT l.published_on FROM latest l WHERE l.agency_id = t.agency_id AND l.year = t.year) AS published_on
  FROM (
    SELECT *, julianday(first_seen_on) - julianday(due_on) AS seen_after FROM timeliness
    WHERE first_seen_on IS NOT NULL AND (:year IS NULL OR year = :year)
      AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
    ORDER BY seen_late DESC NULLS LAST, seen_after DESC, agency, year
    LIMIT :rows
  ) t
)
ORDER BY seen_late DESC NULLS LAST, seen_after DESC, agency, year
