-- Ratings by kind: the last one of a conversation counts, on its own time; earlier ones are history.
-- A rating that fits no scale is counted apart; a survey nobody answered is only sent.

CREATE OR REPLACE TEMP TABLE batch_rated AS
SELECT *,
  CASE kind WHEN 'csat' THEN score ELSE number END AS value,
  coalesce(CASE kind WHEN 'csat' THEN score BETWEEN 0 AND 1 WHEN 'nps' THEN number BETWEEN 0 AND 10
                     ELSE number BETWEEN 1 AND 7 END, false) AND told_at IS NOT NULL AS is_usable
FROM (
  SELECT b.c, r.csat_id, r.agent_id, r.team_id, r.score, r.offered_at,
    coalesce(r.rated_at, r.updated_at) AS told_at, lower(trim(coalesce(r.scale, ''))) AS scale,
    try_cast(replace(r.native_score, ',', '.') AS DOUBLE) AS number,
    coalesce(trim(r.native_score), '') NOT IN ('', 'offered', 'unoffered') OR r.score IS NOT NULL AS is_answer,
    CASE WHEN regexp_matches(lower(coalesce(r.scale, '')), '\bnps\b|promoter') THEN 'nps'
         WHEN regexp_matches(lower(coalesce(r.scale, '')), '\bces\b|effort') THEN 'ces' ELSE 'csat' END AS kind
  FROM csat r
  JOIN batch b ON b.source_id = r.source_id AND b.conversation_id = r.conversation_id
  WHERE NOT coalesce(r.is_deleted, false));

CREATE OR REPLACE TEMP TABLE batch_ratings AS
SELECT c,
  arg_max(value, (told_at, csat_id)) FILTER (is_usable AND kind = 'csat') AS score,
  arg_min(value, (told_at, csat_id)) FILTER (is_usable AND kind = 'csat') AS first_score,
  max(told_at) FILTER (is_usable AND kind = 'csat') AS rated_at,
  arg_max({'agent': agent_id, 'team': team_id, 'scale': scale}, (told_at, csat_id)) FILTER (is_usable AND kind = 'csat') AS last,
  count(*) FILTER (is_usable AND kind = 'csat') AS ratings,
  count(*) FILTER (is_answer AND NOT is_usable) AS unusable,
  min(coalesce(offered_at, told_at)) FILTER (kind = 'csat') AS surveyed_at,
  arg_max(value, (told_at, csat_id)) FILTER (is_usable AND kind = 'nps') AS nps_score,
  max(told_at) FILTER (is_usable AND kind = 'nps') AS nps_at,
  arg_max(value, (told_at, csat_id)) FILTER (is_usable AND kind = 'ces') AS ces_score,
  max(told_at) FILTER (is_usable AND kind = 'ces') AS ces_at
FROM batch_rated GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_tags AS
SELECT b.c, list_sort(list(DISTINCT t.tag)) AS tags
FROM conversation_tags t
JOIN batch b ON b.source_id = t.source_id AND b.conversation_id = t.conversation_id
WHERE t.valid_to IS NULL AND t.tag IS NOT NULL AND NOT coalesce(t.is_deleted, false)
GROUP BY ALL;

-- Working time that people or the telephone recorded, in the unit that the field's name tells.
CREATE OR REPLACE TEMP TABLE batch_tracked AS
SELECT c, max(amount * unit_s)::BIGINT AS tracked_s
FROM (
  SELECT c.c,
    try_cast(json_extract_string(c.custom_fields, '$."' || replace(d.field_key, '"', '\"') || '"') AS DOUBLE) AS amount,
    CASE WHEN regexp_matches(lower(d.field_key), '\b(sec|secs|seconds|s)\b') THEN 1
         WHEN regexp_matches(lower(d.field_key), '\b(min|mins|minutes)\b') THEN 60 ELSE 3600 END AS unit_s
  FROM batch_conversations c
  JOIN field_definitions d ON d.source_id = c.source_id
  WHERE c.custom_fields IS NOT NULL AND regexp_matches(lower(d.field_key),
    '^(total )?(time spent|handl\w+ time|talk time|call duration)\b.*\b(sec|secs|seconds|s|min|mins|minutes|h|hours)\b'))
WHERE amount >= 0 GROUP BY ALL;
