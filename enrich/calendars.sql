-- Whose working hours each conversation of `batch` follows, and when. See calendars.name_calendars.
-- Needs `batch_conversations`, `batch_events`, and `calendar_rules`: the calendars of the settings and whom they are for.

-- Without a word in its history: a calendar of the settings for its source or present team, the most specific
-- first; the source's own first schedule; a calendar of the settings for everybody.
CREATE OR REPLACE TEMP TABLE default_calendars AS
WITH holders AS (
  SELECT DISTINCT c.source_id, c.team_id, t.name AS team
  FROM batch_conversations c
  LEFT JOIN teams t ON t.source_id = c.source_id AND t.team_id = c.team_id),
own AS (
  SELECT k.source_id, k.calendar FROM calendars k
  WHERE k.source_id IS NOT NULL AND k.is_usable AND EXISTS (
    FROM schedules s WHERE s.source_id = k.source_id AND s.schedule_id = k.schedule_id
      AND NOT coalesce(s.is_deleted, false))
  QUALIFY row_number() OVER (
    PARTITION BY k.source_id ORDER BY try_cast(k.schedule_id AS HUGEINT) NULLS LAST, k.schedule_id) = 1),
options AS (
  SELECT h.source_id, h.team_id, r.calendar, r.rank, r.place
  FROM holders h
  JOIN calendar_rules r ON (len(r.sources) = 0 OR list_contains(r.sources, h.source_id))
    AND (len(r.teams) = 0 OR coalesce(list_contains(r.teams, h.team), false)
      OR coalesce(list_contains(r.teams, h.team_id), false))
  LEFT JOIN calendars k ON k.calendar = r.calendar
  WHERE r.rank < 4 OR k.is_usable
  UNION ALL
  SELECT h.source_id, h.team_id, o.calendar, 3, 0 FROM holders h JOIN own o ON o.source_id = h.source_id)
SELECT source_id, team_id, calendar FROM options
QUALIFY row_number() OVER (PARTITION BY source_id, team_id ORDER BY rank, place) = 1;

-- What a value in the history names: a schedule of the source by its id, a calendar of the settings, or a schedule
-- of the source by its title. What names nothing stays a calendar whose hours are not known.
CREATE OR REPLACE TEMP TABLE schedule_moves AS
WITH moves AS (
  SELECT e.source_id, e.conversation_id, e.seq, e.event_id, e.occurred_at,
    nullif(trim(e.old_value), '') AS old_value, nullif(trim(e.new_value), '') AS new_value,
    row_number() OVER (
      PARTITION BY e.source_id, e.conversation_id ORDER BY e.seq, e.occurred_at, e.event_id) AS place
  FROM batch_events e
  WHERE e.field = 'schedule' AND isfinite(e.occurred_at)),
told AS (
  SELECT source_id, conversation_id, place, new_value AS value,
    max(occurred_at) OVER (
      PARTITION BY source_id, conversation_id ORDER BY place ROWS UNBOUNDED PRECEDING) AS from_at
  FROM moves
  UNION ALL
  SELECT source_id, conversation_id, 0, coalesce(old_value, new_value), TIMESTAMPTZ '-infinity'
  FROM moves WHERE place = 1),
titles AS (
  SELECT source_id, title, min(calendar) AS calendar FROM calendars
  WHERE source_id IS NOT NULL GROUP BY ALL)
SELECT m.source_id, m.conversation_id, m.place, m.from_at, m.value IS NULL AS is_default,
  coalesce(i.calendar, n.calendar, t.calendar, m.source_id || '/' || m.value) AS calendar
FROM told m
LEFT JOIN calendars i ON i.source_id = m.source_id AND i.schedule_id = m.value
LEFT JOIN calendars n ON n.source_id IS NULL AND n.calendar = m.value
LEFT JOIN titles t ON t.source_id = m.source_id AND t.title = m.value;

-- One row an instant at most, and none that changes nothing.
CREATE OR REPLACE TEMP TABLE calendar_parts AS
WITH told AS (
  SELECT c.source_id, c.conversation_id, coalesce(m.from_at, TIMESTAMPTZ '-infinity') AS from_at,
    coalesce(m.place, 0) AS place,
    CASE WHEN m.place IS NULL OR m.is_default THEN d.calendar ELSE m.calendar END AS calendar
  FROM batch_conversations c
  LEFT JOIN default_calendars d ON d.source_id = c.source_id AND d.team_id IS NOT DISTINCT FROM c.team_id
  LEFT JOIN schedule_moves m ON m.source_id = c.source_id AND m.conversation_id = c.conversation_id),
settled AS (
  FROM told QUALIFY lead(from_at) OVER (
    PARTITION BY source_id, conversation_id ORDER BY place) IS DISTINCT FROM from_at),
changed AS (
  FROM settled QUALIFY place = 0 OR calendar IS DISTINCT FROM lag(calendar) OVER (
    PARTITION BY source_id, conversation_id ORDER BY place))
SELECT source_id, conversation_id, from_at, calendar,
  lead(from_at) OVER conversation AS to_at, lag(calendar) OVER conversation AS calendar_before
FROM changed
WINDOW conversation AS (PARTITION BY source_id, conversation_id ORDER BY place)
QUALIFY bool_or(calendar IS NOT NULL) OVER (PARTITION BY source_id, conversation_id);

-- Where one calendar takes over from another, the count of the conversation goes on; unknown hours stay unknown.
CREATE OR REPLACE TEMP TABLE batch_calendars AS
WITH known AS (SELECT calendar, max(starts_at) AS known_until FROM business_hours GROUP BY calendar),
sides AS (
  SELECT source_id, conversation_id, from_at, unnest([1, -1]) AS sign,
    unnest([calendar_before, calendar]) AS calendar
  FROM calendar_parts WHERE isfinite(from_at)),
worked AS (
  SELECT s.source_id, s.conversation_id, s.from_at,
    sum(s.sign * (h.worked_before_us + epoch_us(least(s.from_at, h.ends_at)) - epoch_us(h.starts_at))) AS shift_us,
    bool_and(coalesce(s.from_at <= k.known_until, false)) AS is_known
  FROM sides s
  ASOF LEFT JOIN business_hours h ON h.calendar = s.calendar AND s.from_at >= h.starts_at
  LEFT JOIN known k ON k.calendar = h.calendar
  GROUP BY ALL)
SELECT p.source_id, p.conversation_id, p.from_at, p.to_at, p.calendar,
  CASE WHEN bool_and(coalesce(w.is_known, NOT isfinite(p.from_at))) OVER parts
    THEN coalesce(sum(w.shift_us) OVER parts, 0)::BIGINT END AS worked_before_us
FROM calendar_parts p
LEFT JOIN worked w ON w.source_id = p.source_id AND w.conversation_id = p.conversation_id AND w.from_at = p.from_at
WINDOW parts AS (PARTITION BY p.source_id, p.conversation_id ORDER BY p.from_at ROWS UNBOUNDED PRECEDING);
