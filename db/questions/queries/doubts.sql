-- Doubts about our own reading, by portal and kind of file: where the parser needs work.
--
-- :year integer  only this reporting year
--
-- Of the last revision of each source. A doubt is never an accusation. reports: those with such a doubt.
--
-- empty: The parser had no doubt about what it read ({reports}).
SELECT r.source, r.media, d.reason, count(*) AS doubts, count(DISTINCT d.report_id) AS reports
FROM doubts d JOIN reports r ON r.id = d.report_id
WHERE r.is_current = 1 AND (:year IS NULL OR r.year = :year)
GROUP BY r.source, r.media, d.reason
ORDER BY doubts DESC, r.source, r.media, d.reason
