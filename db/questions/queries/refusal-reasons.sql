-- Reasons for refusal by year, in the words of the form.
--
-- :year integer  only this reporting year
-- :organ text    only this kind of organ: department, government, township, …
--
-- applications: the sum of the column 总计 of the row. reports: those that give a number there; without_number: those
-- that give none, which is not zero. Without :organ a government's report may count its departments' cases again.
--
-- empty: There is no report with tables to sum ({reports}).
WITH sums AS MATERIALIZED (
  SELECT year, count(*) AS reports,
    sum(applications_refused_state_secret_total) AS s1, count(applications_refused_state_secret_total) AS n1,
    sum(applications_refused_law_forbids_total) AS s2, count(applications_refused_law_forbids_total) AS n2,
    sum(applications_refused_security_total) AS s3, count(applications_refused_security_total) AS n3,
    sum(applications_refused_third_party_total) AS s4, count(applications_refused_third_party_total) AS n4,
    sum(applications_refused_internal_total) AS s5, count(applications_refused_internal_total) AS n5,
    sum(applications_refused_process_total) AS s6, count(applications_refused_process_total) AS n6,
    sum(applications_refused_enforcement_file_total) AS s7, count(applications_refused_enforcement_file_total) AS n7,
    sum(applications_refused_admin_query_total) AS s8, count(applications_refused_admin_query_total) AS n8
  FROM wide
  WHERE is_latest = 1 AND form IS NOT NULL AND (:year IS NULL OR year = :year)
    AND (:organ IS NULL OR agency_no IN (
      SELECT k.no FROM agency_keys k JOIN agencies a ON a.id = k.agency_id WHERE a.organ = :organ
    ))
  GROUP BY year
),
reasons (row_name, year, applications, reports, without_number) AS (
  SELECT 'refused_state_secret', year, s1, n1, reports - n1 FROM sums
  UNION ALL SELECT 'refused_law_forbids', year, s2, n2, reports - n2 FROM sums
  UNION ALL SELECT 'refused_security', year, s3, n3, reports - n3 FROM sums
  UNION ALL SELECT 'refused_third_party', year, s4, n4, reports - n4 FROM sums
  UNION ALL SELECT 'refused_internal', year, s5, n5, reports - n5 FROM sums
  UNION ALL SELECT 'refused_process', year, s6, n6, reports - n6 FROM sums
  UNION ALL SELECT 'refused_enforcement_file', year, s7, n7, reports - n7 FROM sums
  UNION ALL SELECT 'refused_admin_query', year, s8, n8, reports - n8 FROM sums
)
SELECT r.year, r.row_name AS reason,
  (
    SELECT f.label FROM form_rows f JOIN forms o ON o.name = f.form
    WHERE f.table_name = 'applications' AND f.row_name = r.row_name ORDER BY o.first_year DESC LIMIT 1
  ) AS label,
  r.applications, r.reports, r.without_number
FROM reasons r ORDER BY r.year, r.applications DESC NULLS LAST, r.row_name
