-- Coverage by region and year: agencies that owe a report by a date, and how many of their reports the archive has.
--
-- :year integer        only this reporting year
-- :region text         only regions whose code begins so
-- :digits integer = 6  regions by the first digits of their code: 2 province, 4 prefecture, 6 county
--
-- agencies (n): of the register, for which the law or a local rule sets a date for that year, while they existed; by_law:
-- those of them for which the law does. found: a report that was read: its own, a joint one that names it, or that of a
-- body that stands in for it: the one that covers it, and in the year of a merger the other one. unread: only one that
-- could not be read. Years: those of which the archive has any report. All this is the view owed. A report that was not
-- found may be there all the same: `nianbao missing` says what was looked at.
--
-- empty: Nobody is known to owe a report by a date. Without a register (config.toml: register), its duties, and
-- deadlines, which every run keeps, no coverage can be told. The archive has {reports} all the same.
SELECT o.region_code, r.name AS region, o.year, o.agencies, o.by_law, o.found, o.unread,
  round(100.0 * o.found / o.agencies, 1) AS found_percent
FROM (
  SELECT substr(region_code, 1, :digits) AS region_code, year, count(*) AS agencies, sum(NOT is_local) AS by_law,
    sum(is_found) AS found, count(*) FILTER (WHERE NOT is_found AND is_unread) AS unread
  FROM owed
  WHERE (:year IS NULL OR year = :year) AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
  GROUP BY 1, 2
) o
LEFT JOIN regions r ON r.code = substr(o.region_code || '0000', 1, 6)
ORDER BY o.region_code, o.year
