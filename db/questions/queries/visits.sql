-- Visits by portal and outcome: where the portals answered, and where they made trouble.
--
-- :portal text  only this portal; added: what people put in
-- :since day    only visits from this day on (UTC)
--
-- ok, unchanged and empty say something about the agency; blocked, failed, gone and unknown do not. blocked: a guard, a
-- challenge or robots.txt; nothing may be said about what is behind it. Times are UTC.
--
-- empty: No visit. What was added by hand stands under the portal `added`.
SELECT coalesce(portal, 'added') AS portal, outcome, count(*) AS visits, min(at) AS first_at, max(at) AS last_at
FROM visits
WHERE (:portal IS NULL OR coalesce(portal, 'added') = :portal) AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2 ORDER BY 1, visits DESC, outcome
