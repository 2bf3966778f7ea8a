-- Working time from one moment to another, all of it by the calendar in force at the end. Needs `batch_worked_single`.

CREATE OR REPLACE TEMP TABLE batch_business AS
SELECT p.kind, p.c, p.ends, w.worked_us // 1000000 AS business_s
FROM batch_pairs p
JOIN batch b ON b.c = p.c
JOIN batch_worked_single w ON w.source_id = b.source_id AND w.conversation_id = b.conversation_id
  AND w.starts = p.starts AND w.ends = p.ends
WHERE w.worked_us IS NOT NULL;
