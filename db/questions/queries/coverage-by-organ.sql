-- Coverage by kind of organ and year: agencies that owe a report by a date, and how many of their reports there are.
--
-- :year integer  only this reporting year
-- :region text   only regions whose code begins so
--
-- Columns and limits are those of the query coverage.
--
-- empty: Nobody is known to owe a report by a date. Without a register (config.toml: register), its duties, and
-- deadlines, which every run keeps, no coverage can be told. The archive has {reports} all the same.
SELECT organ, year, count(*) AS agencies, sum(NOT is_local) AS by_law, sum(is_found) AS found,
  count(*) FILTER (WHERE NOT is_found AND is_unread) AS unread,
  round(100.0 * sum(is_found) / count(*), 1) AS found_percent
FROM owed
WHERE (:year IS NULL OR year = :year) AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
GROUP BY organ, year ORDER BY organ, year
