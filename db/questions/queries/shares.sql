-- What each agency refused and granted of the applications that it decided, from 20 on.
--
-- :year integer       only this reporting year
-- :region text        only regions whose code begins so
-- :organ text         only this kind of organ: department, government, township, …
-- :rows integer = 50  so many rows, the largest share of refusals first
--
-- processed (n): row （七）总计. refused: the eight rows of 不予公开 (refused_*) only; what was not held, not handled or
-- ended otherwise is none. granted: 予以公开 and 部分公开. A sum with a cell that has no number is null, and so is its
-- share. Unit: applications, after splitting. A report may cover others too: see scopes and agencies.covered_by.
--
-- empty: None of {reports} gives 20 or more decided applications. Smaller ones are left out, whatever they refused.
SELECT agency, agency_id, region, level, organ, year, processed, granted, refused,
  round(100.0 * granted / processed, 1) AS granted_percent, round(100.0 * refused / processed, 1) AS refused_percent
FROM (
  SELECT agency, agency_id, region_code, region, level, organ, year, applications_processed_total AS processed,
    applications_granted_total + applications_partly_granted_total AS granted,
    applications_refused_state_secret_total + applications_refused_law_forbids_total
      + applications_refused_security_total + applications_refused_third_party_total
      + applications_refused_internal_total + applications_refused_process_total
      + applications_refused_enforcement_file_total + applications_refused_admin_query_total AS refused
  FROM latest
)
WHERE processed >= 20 AND (:year IS NULL OR year = :year) AND (:organ IS NULL OR organ = :organ)
  AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
ORDER BY 1.0 * refused / processed DESC NULLS LAST, processed DESC, agency, year
LIMIT :rows
