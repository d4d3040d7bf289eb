-- Fees that agencies say they charged (行政事业性收费), only where the report prints them in 万元.
--
-- :year integer       only this reporting year
-- :region text        only regions whose code begins so
-- :rows integer = 50  so many rows, the largest amount first
--
-- amount: in 万元, ten thousand yuan, as printed; all fees of the agency, not those for processing applications. Amounts
-- in another unit, or without one, are left out and never converted. Only form 2021 asks for it.
--
-- empty: None of {reports} prints an amount above zero in 万元. An amount in another unit, or without one, is not here.
SELECT agency, agency_id, region, organ, year, disclosure_fees_amount AS amount, disclosure_fees_amount_unit AS unit
FROM latest
WHERE disclosure_fees_amount > 0 AND disclosure_fees_amount_unit = '万元' AND (:year IS NULL OR year = :year)
  AND (:region IS NULL OR substr(region_code, 1, length(:region)) = :region)
ORDER BY amount DESC, agency, year
LIMIT :rows
