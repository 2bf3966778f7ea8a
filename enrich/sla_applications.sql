-- Which target held when. Needs sla_targets, sla_policy_names and sla_clocks. See sla.gather.
-- Inner joins to stretches of time: ASOF joins, and outer ones with an OR, take minutes where there are many
-- conversations with a few rows each.

-- What the source itself applied: the policy by its id or name; an empty value takes it away.
CREATE OR REPLACE TEMP TABLE sla_applied AS
WITH told AS (
  SELECT f.c, n.policy_no,
    row_number() OVER (
      PARTITION BY f.c ORDER BY e.seq, e.occurred_at, e.event_id) AS place,
    e.occurred_at, f.created_at
  FROM batch_events e
  JOIN sla_begun f ON f.c = e.c
  LEFT JOIN sla_policy_names n ON n.source_id = e.source_id AND n.name = lower(trim(e.new_value))
  WHERE e.field = 'sla' AND isfinite(e.occurred_at)
    AND (n.policy_no IS NOT NULL OR coalesce(trim(e.new_value), '') = '')),
clamped AS (
  SELECT c, policy_no, place, greatest(created_at, max(occurred_at) OVER (
    PARTITION BY c ORDER BY place ROWS UNBOUNDED PRECEDING)) AS moment
  FROM told)
-- The target is that of the priority at the application, whatever it becomes later.
SELECT c.c, c.moment, c.policy_no, t.priority,
  lead(c.moment) OVER (PARTITION BY c.c ORDER BY c.moment) AS to_at
FROM (
  FROM clamped
  QUALIFY row_number() OVER (PARTITION BY c, moment ORDER BY place DESC) = 1) c
JOIN batch_timeline t ON t.c = c.c
  AND c.moment >= t.from_at AND (t.to_at IS NULL OR c.moment < t.to_at);

-- Targets are looked up anew when priority or team changes, when the source applies a policy, when a clock starts.
CREATE OR REPLACE TEMP TABLE sla_states AS
WITH changes AS (
  SELECT c, from_at FROM batch_timeline
  WINDOW conversation AS (PARTITION BY c ORDER BY from_at)
  QUALIFY row_number() OVER conversation = 1 OR priority IS DISTINCT FROM lag(priority) OVER conversation
    OR team_id IS DISTINCT FROM lag(team_id) OVER conversation),
cuts AS (
  SELECT c, from_at FROM changes
  UNION SELECT c, started_at FROM sla_clocks
  UNION SELECT c, moment FROM sla_applied),
placed AS (
  SELECT c.c, c.from_at, nullif(t.priority, 'none') AS priority, t.team_id, t.team
  FROM (FROM cuts SEMI JOIN sla_clocks k ON k.c = cuts.c) c
  JOIN batch_timeline t ON t.c = c.c
    AND c.from_at >= t.from_at AND (t.to_at IS NULL OR c.from_at < t.to_at)),
described AS (
  SELECT s.*, f.source_id, f.channel, f.native_channel, f.type, f.product, f.brand, f.spoken AS language,
    f.custom_fields, f.calendar, list_transform(f.tag_list, lambda tag: lower(tag)) AS tags,
    coalesce(org.name, o.organization_id) AS organization, o.organization_id
  FROM placed s
  JOIN batch_joined f ON f.c = s.c
  JOIN (
    SELECT j.c, coalesce(j.organization_id, requester.organization_id) AS organization_id
    FROM batch_joined j
    LEFT JOIN people requester ON requester.source_id = j.source_id AND requester.person_id = j.requester_id) o
  ON o.c = s.c
  LEFT JOIN organizations org ON org.source_id = f.source_id AND org.organization_id = o.organization_id)
-- The conditions of the settings that a state meets, and the first policy of the source that fits it.
SELECT c, from_at, priority, calendar, :fits AS fits, :policy AS policy_no
FROM described s;

CREATE OR REPLACE TEMP TABLE sla_choices AS
WITH told AS (SELECT DISTINCT c FROM sla_applied),
governed AS (
  SELECT s.* REPLACE (CASE WHEN t.c IS NULL THEN s.policy_no ELSE a.policy_no END AS policy_no),
    CASE WHEN t.c IS NULL THEN s.priority ELSE nullif(a.priority, 'none') END AS policy_priority
  FROM sla_states s
  LEFT JOIN told t ON t.c = s.c
  LEFT JOIN sla_applied a ON a.c = s.c
    AND s.from_at >= a.moment AND s.from_at < coalesce(a.to_at, TIMESTAMPTZ 'infinity')),
options AS (
  SELECT s.c, s.from_at, t.sla_metric, t.target_no
  FROM (SELECT *, unnest(fits) AS condition_no FROM sla_states) s
  JOIN sla_targets t ON t.condition_no = s.condition_no
  WHERE t.priority IS NULL OR t.priority = s.priority
  UNION ALL
  SELECT s.c, s.from_at, t.sla_metric, t.target_no
  FROM governed s
  JOIN sla_targets t ON t.policy_no = s.policy_no
  WHERE t.priority IS NULL OR t.priority = s.policy_priority)
-- Targets are numbered by precedence.
SELECT c, from_at, sla_metric, min(target_no) AS target_no FROM options GROUP BY ALL;

-- One row a stretch in which one target held (or none: an empty target_no).
CREATE OR REPLACE TEMP TABLE sla_applications AS
WITH wanted AS (SELECT DISTINCT c, sla_metric FROM sla_clocks),
looked_up AS (
  SELECT s.c, w.sla_metric, s.from_at,
    -- A target in working hours without a calendar cannot be measured.
    CASE WHEN t.is_measurable AND (NOT t.in_own_hours OR s.calendar IS NOT NULL) THEN t.target_no END AS target_no
  FROM sla_states s
  JOIN wanted w ON w.c = s.c
  LEFT JOIN sla_choices c ON c.c = s.c AND c.from_at = s.from_at AND c.sla_metric = w.sla_metric
  LEFT JOIN sla_targets t ON t.target_no = c.target_no),
changed AS (
  FROM looked_up
  WINDOW metric AS (PARTITION BY c, sla_metric ORDER BY from_at)
  QUALIFY row_number() OVER metric = 1 OR target_no IS DISTINCT FROM lag(target_no) OVER metric)
SELECT *, lead(from_at) OVER (PARTITION BY c, sla_metric ORDER BY from_at) AS to_at
FROM changed;

-- The targets that each clock had. One that comes in the instant of the end is too late when another held before.
CREATE OR REPLACE TEMP TABLE sla_needs AS
SELECT k.*, f.source_id, f.conversation_id, greatest(a.from_at, k.started_at) AS from_at, a.to_at,
  a.target_no, t.policy, t.priority, t.target_us,
  coalesce(t.calendar, CASE WHEN t.in_own_hours THEN f.calendar END) AS calendar, coalesce(t.pause, []) AS pause,
  row_number() OVER () AS need
FROM sla_clocks k
JOIN sla_applications a ON a.c = k.c AND a.sla_metric = k.sla_metric
JOIN sla_begun f ON f.c = k.c
LEFT JOIN sla_targets t ON t.target_no = a.target_no
WHERE (a.to_at IS NULL OR a.to_at > k.started_at) AND (k.ended_at IS NULL OR a.from_at <= k.ended_at)
QUALIFY k.ended_at IS NULL OR a.from_at < k.ended_at OR a.from_at <= k.started_at
  OR count(a.target_no) FILTER (a.from_at < k.ended_at) OVER (PARTITION BY k.clock) = 0;
