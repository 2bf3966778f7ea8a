-- Attributes of requesters from sources of their own, what numbers are divided by, copies of conversations.
CREATE TABLE denominators (
  source_id VARCHAR, day DATE, name VARCHAR, value DOUBLE, source_file VARCHAR, source_version HUGEINT,
  content_hash VARCHAR, is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);
CREATE TABLE attributes (
  name VARCHAR, title VARCHAR, kind VARCHAR, edges DOUBLE[], holders BIGINT, distinct_values BIGINT,
  is_dimension BOOLEAN, reason VARCHAR);
CREATE TABLE people_matches (
  source_id VARCHAR, person_id VARCHAR, matched_source_id VARCHAR, matched_kind VARCHAR, matched_id VARCHAR,
  rule VARCHAR);
CREATE TABLE requester_attributes (source_id VARCHAR, person_id VARCHAR, name VARCHAR, value VARCHAR);
CREATE TABLE conversation_copies (
  source_id VARCHAR, conversation_id VARCHAR, original_source_id VARCHAR, original_id VARCHAR, rule VARCHAR);
