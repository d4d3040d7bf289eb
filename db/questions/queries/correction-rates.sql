-- How often reconsideration and litigation over disclosure ended in a correction, from 20 concluded cases on.
--
-- :year integer        only this reporting year
-- :region text         only regions whose code begins so
-- :digits integer = 6  regions by the first digits of their code: 2 province, 4 prefecture, 6 county
--
-- concluded (n): 结果维持, 结果纠正 and 其他结果; pending cases are none. Only reports in which the three cells of a row
-- have a number are summed: reports counts them, left_out the others. Kinds of organs are never summed together: a
-- government's report may cover its departments. Cases against the body that reports, not those that it decided.
--
-- empty: In {reports} no region, kind of organ and year has 20 concluded cases. That says nothing of how such cases
-- end.
WITH parts AS (
  SELECT substr(region_code, 1, :digits) AS region_code, organ, year,
    challenges_reconsideration_upheld AS u1, challenges_reconsideration_corrected AS c1,
    challenges_reconsideration_other AS o1,
    challenges_litigation_direct_upheld AS u2, challenges_litigation_direct_corrected AS c2,
    challenges_litigation_direct_other AS o2,
    challenges_litigation_after_reconsideration_upheld AS u3,
    challenges_litigation_after_reconsideration_corrected AS c3,
    challenges_litigation_after_reconsideration_other AS o3
  FROM latest
  WHERE agency_id IS NOT NULL AND (:year IS NULL OR year = :year)
    AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
),
sums AS MATERIALIZED (
  SELECT region_code, organ, year, count(*) AS reports,
    count(u1 + c1 + o1) AS n1, sum(u1 + c1 + o1) AS d1, sum(c1) FILTER (WHERE u1 + o1 IS NOT NULL) AS k1,
    count(u2 + c2 + o2) AS n2, sum(u2 + c2 + o2) AS d2, sum(c2) FILTER (WHERE u2 + o2 IS NOT NULL) AS k2,
    count(u3 + c3 + o3) AS n3, sum(u3 + c3 + o3) AS d3, sum(c3) FILTER (WHERE u3 + o3 IS NOT NULL) AS k3
  FROM parts GROUP BY region_code, organ, year
),
cases (region_code, organ, year, row_name, reports, left_out, concluded, corrected) AS (
  SELECT region_code, organ, year, 'reconsideration', n1, reports - n1, d1, k1 FROM sums
  UNION ALL SELECT region_code, organ, year, 'litigation_direct', n2, reports - n2, d2, k2 FROM sums
  UNION ALL SELECT region_code, organ, year, 'litigation_after_reconsideration', n3, reports - n3, d3, k3 FROM sums
)
SELECT c.region_code, r.name AS region, c.organ, c.year, c.row_name AS kind, c.reports, c.left_out, c.concluded,
  c.corrected, round(100.0 * c.corrected / c.concluded, 1) AS corrected_percent
FROM cases c LEFT JOIN regions r ON r.code = substr(c.region_code || '0000', 1, 6)
WHERE c.concluded >= 20
ORDER BY c.region_code, c.organ, c.year, c.row_name
