-- Working time from one moment to another, each part by the calendar that held then.

CREATE OR REPLACE TEMP TABLE batch_business AS
SELECT p.kind, p.c, p.ends, (b.worked_us - a.worked_us) // 1000000 AS business_s
FROM batch_pairs p
JOIN batch_clock a ON a.c = p.c AND a.moment = p.starts
JOIN batch_clock b ON b.c = p.c AND b.moment = p.ends
WHERE b.worked_us IS NOT NULL AND a.worked_us IS NOT NULL;
