-- What the agencies of a region refused and granted of the applications that they decided, by kind of organ and year.
--
-- :year integer        only this reporting year
-- :region text         only regions whose code begins so
-- :organ text          only this kind of organ: department, government, township, …
-- :digits integer = 6  regions by the first digits of their code: 2 province, 4 prefecture, 6 county
--
-- processed (n): row （七）总计; no row where it is under 20. refused: the eight rows of 不予公开 (refused_*) only.
-- granted: 予以公开 and 部分公开. Only reports in which all these cells have a number are summed: reports counts them,
-- left_out the others. Kinds of organs are never summed together: a government's report may cover its departments.
--
-- empty: In {reports} no region, kind of organ and year has 20 decided applications. Reports with a blank among the
-- cells are not summed.
WITH parts AS (
  SELECT substr(region_code, 1, :digits) AS region_code, organ, year, applications_processed_total AS processed,
    applications_granted_total + applications_partly_granted_total AS granted,
    applications_refused_state_secret_total + applications_refused_law_forbids_total
      + applications_refused_security_total + applications_refused_third_party_total
      + applications_refused_internal_total + applications_refused_process_total
      + applications_refused_enforcement_file_total + applications_refused_admin_query_total AS refused
  FROM latest
  WHERE agency_id IS NOT NULL AND (:year IS NULL OR year = :year) AND (:organ IS NULL OR organ = :organ)
    AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
)
SELECT s.region_code, r.name AS region, s.organ, s.year, s.reports, s.left_out, s.processed, s.granted, s.refused,
  round(100.0 * s.granted / s.processed, 1) AS granted_percent,
  round(100.0 * s.refused / s.processed, 1) AS refused_percent
FROM (
  SELECT region_code, organ, year, count(processed + granted + refused) AS reports,
    count(*) - count(processed + granted + refused) AS left_out,
    sum(processed) FILTER (WHERE granted + refused IS NOT NULL) AS processed,
    sum(granted) FILTER (WHERE processed + refused IS NOT NULL) AS granted,
    sum(refused) FILTER (WHERE processed + granted IS NOT NULL) AS refused
  FROM parts GROUP BY region_code, organ, year
) s
LEFT JOIN regions r ON r.code = substr(s.region_code || '0000', 1, 6)
WHERE s.processed >= 20
ORDER BY s.region_code, s.organ, s.year
