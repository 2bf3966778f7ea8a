-- Facts of every metric: who held a conversation when, working time, replies, solves, targets, ratings.
-- The refresh fills them: the version of the facts was raised with this step.
ALTER TABLE conversation_facts ADD COLUMN created_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN created_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_reply_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN first_reply_zendesk_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN first_reply_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_reply_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_agent VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN reopened_reply_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_resolution_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN first_solve_agent VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_solve_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_solve_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN first_reopened_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN first_reopened_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN full_resolution_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN last_solve_agent VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN last_solve_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN last_solve_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN last_status_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN last_status_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN requester_wait_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN requester_wait_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN agent_work_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN agent_work_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN agent_wait_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN agent_wait_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN on_hold_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN on_hold_business_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN handling_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN handling_kind VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN thanks_reopens INTEGER;
ALTER TABLE conversation_facts ADD COLUMN one_touch BOOLEAN;
ALTER TABLE conversation_facts ADD COLUMN one_touch_lt2 BOOLEAN;
ALTER TABLE conversation_facts ADD COLUMN one_touch_eq1 BOOLEAN;
ALTER TABLE conversation_facts ADD COLUMN one_touch_messaging BOOLEAN;
ALTER TABLE conversation_facts ADD COLUMN next_contact_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN next_contact_same_topic_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN first_reopened_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN next_contact_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN next_contact_same_topic_s BIGINT;
ALTER TABLE conversation_facts ADD COLUMN agent_stations INTEGER;
ALTER TABLE conversation_facts ADD COLUMN team_stations INTEGER;
ALTER TABLE conversation_facts ADD COLUMN handoffs INTEGER;
ALTER TABLE conversation_facts ADD COLUMN bot_messages INTEGER;
ALTER TABLE conversation_facts ADD COLUMN bot_handoff BOOLEAN;
ALTER TABLE conversation_facts ADD COLUMN waiting_since_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN waiting_since_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN last_customer_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN last_customer_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN csat_kind VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN csat_ratings INTEGER;
ALTER TABLE conversation_facts ADD COLUMN csat_first_score DOUBLE;
ALTER TABLE conversation_facts ADD COLUMN csat_agent VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN csat_team VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN csat_priority VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN surveyed_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN surveyed_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN nps_score DOUBLE;
ALTER TABLE conversation_facts ADD COLUMN nps_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN nps_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN ces_score DOUBLE;
ALTER TABLE conversation_facts ADD COLUMN ces_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN ces_local TIMESTAMP;
ALTER TABLE conversation_facts ADD COLUMN calendar VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN clamped_events INTEGER;
ALTER TABLE conversation_facts ADD COLUMN contradicts VARCHAR;
ALTER TABLE conversation_facts ADD COLUMN csat_unusable INTEGER;
ALTER TABLE conversation_facts ADD COLUMN missed_targets INTEGER;
ALTER TABLE conversation_facts ADD COLUMN open_due_at TIMESTAMPTZ;
ALTER TABLE conversation_facts ADD COLUMN open_due_local TIMESTAMP;
ALTER TABLE sla_policies ADD COLUMN position INTEGER;
ALTER TABLE message_enrichment ADD COLUMN is_thanks BOOLEAN;

CREATE TABLE names_seen (kind VARCHAR, source_id VARCHAR, id VARCHAR, name VARCHAR);
DROP TABLE open_spans;
CREATE TABLE open_spans (
  source_id VARCHAR, conversation_id VARCHAR, span_no INTEGER,
  opened_at TIMESTAMPTZ, opened_local TIMESTAMP, closed_at TIMESTAMPTZ, closed_local TIMESTAMP,
  status VARCHAR, team VARCHAR, agent VARCHAR, priority VARCHAR,
  created_local TIMESTAMP, last_activity_local TIMESTAMP, last_customer_local TIMESTAMP,
  is_counted BOOLEAN, excluded_because VARCHAR);
CREATE TABLE replies (
  source_id VARCHAR, conversation_id VARCHAR, reply_no INTEGER,
  replied_at TIMESTAMPTZ, replied_local TIMESTAMP, agent VARCHAR, team VARCHAR, priority VARCHAR,
  agent_hour BIGINT, is_reply BOOLEAN, asked_at TIMESTAMPTZ, waited_s BIGINT, waited_business_s BIGINT,
  is_counted BOOLEAN, excluded_because VARCHAR);
CREATE TABLE solves (
  source_id VARCHAR, conversation_id VARCHAR, solve_no INTEGER,
  solved_at TIMESTAMPTZ, solved_local TIMESTAMP, agent VARCHAR, team VARCHAR, priority VARCHAR,
  reopened_at TIMESTAMPTZ, reopened_local TIMESTAMP, reopened_by_thanks BOOLEAN,
  is_counted BOOLEAN, excluded_because VARCHAR);
CREATE TABLE sla_instances (
  source_id VARCHAR, conversation_id VARCHAR, sla_metric VARCHAR, instance_no INTEGER,
  policy VARCHAR, priority VARCHAR, target_s BIGINT, calendar VARCHAR,
  started_at TIMESTAMPTZ, due_at TIMESTAMPTZ, due_local TIMESTAMP, ended_at TIMESTAMPTZ, ended_local TIMESTAMP,
  breached_at TIMESTAMPTZ, breached_local TIMESTAMP, cancelled_because VARCHAR, agent VARCHAR, team VARCHAR,
  is_counted BOOLEAN, excluded_because VARCHAR);
CREATE TABLE business_hours (
  calendar VARCHAR, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, worked_before_us BIGINT);
CREATE TABLE calendars (
  calendar VARCHAR, source_id VARCHAR, schedule_id VARCHAR, title VARCHAR, zone VARCHAR, is_usable BOOLEAN,
  reason VARCHAR);
CREATE TABLE metric_ledger (
  metric VARCHAR, grain VARCHAR, day DATE, dimension VARCHAR, segment VARCHAR, value DOUBLE, n BIGINT,
  recorded_at TIMESTAMPTZ);
CREATE TABLE metric_ledger_days (metric VARCHAR, day DATE, fingerprint UBIGINT);
