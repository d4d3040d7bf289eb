-- Documents that may be reports and could not be read: published, but unread by us.
--
-- :year integer  only this reporting year
-- :kind text     only this reason: image-only, unsupported, encrypted, truncated, …
--
-- agency and year come from title and portal; null: these do not say. Left out: what stood there in a readable version
-- later, and a page that only carries its report as a file.
--
-- empty: Nothing of this is unread: what was fetched and may be a report was read. What was never fetched is not here
-- (`nianbao missing YEAR`); what does not say its year is here only without --year.
SELECT * FROM unread
WHERE (:year IS NULL OR year = :year) AND (:kind IS NULL OR kind = :kind)
ORDER BY year, agency, source, url, seen_at
