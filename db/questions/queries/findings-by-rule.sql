-- Findings that stand, by rule: how often each rule speaks, and how sure it is.
--
-- :year integer  only this reporting year
--
-- told: those that may be told; the others are shown only. docs/rules.md says what each rule means and rests on.
--
-- empty: No finding stands. That means something only once the archive was judged, by `nianbao run` or `nianbao check`.
SELECT rule, kind, severity, certainty, count(*) AS findings, sum(told) AS told,
  count(DISTINCT agency_key) AS agencies, min(year) AS first_year, max(year) AS last_year
FROM findings
WHERE is_open = 1 AND (:year IS NULL OR year = :year)
GROUP BY rule, kind, severity, certainty
ORDER BY findings DESC, rule, severity, certainty
