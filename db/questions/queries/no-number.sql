-- What has no number, and why: cells by year, form, table and state.
--
-- :year integer  only this reporting year
--
-- Of the reports in latest. blank: the cell is empty; dash: /, -, —, 无, 不适用; row_absent: the report does not print the
-- row; unreadable: something is printed that is no number. cells (n) counts cells, reports counts reports with such a cell.
--
-- empty: Every cell of {reports} has a number; a report of which no table was found has no cells.
WITH sizes AS MATERIALIZED (
  SELECT form, row_figures, count(*) AS cells FROM form_figures GROUP BY form, row_figures
)
SELECT w.year, w.form, substr(c.figure, 1, instr(c.figure, '.') - 1) AS table_name, c.state,
  sum(coalesce(s.cells, 1)) AS cells, count(DISTINCT c.report_id) AS reports
FROM cell_states c CROSS JOIN wide w
LEFT JOIN sizes s ON s.form = w.form AND s.row_figures = c.figure
WHERE w.report_id = c.report_id AND w.is_latest = 1 AND (:year IS NULL OR w.year = :year)
  AND c.state IN ('blank', 'dash', 'row_absent', 'not_in_form', 'unreadable')
GROUP BY w.year, w.form, table_name, c.state
ORDER BY w.year, w.form, table_name, cells DESC
