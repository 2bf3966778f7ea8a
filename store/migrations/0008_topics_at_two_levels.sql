-- Topics lie in groups, keep their number from version to version, and show what they are about.
ALTER TABLE topics ADD COLUMN group_id INTEGER;
ALTER TABLE topics ADD COLUMN group_label VARCHAR;
ALTER TABLE topics ADD COLUMN fit DOUBLE;
CREATE TABLE topic_fits (
  topic_version INTEGER, made_at TIMESTAMPTZ, conversations BIGINT, sampled BIGINT, topics INTEGER,
  agreement DOUBLE, kept DOUBLE);
CREATE TABLE topic_links (
  topic_version INTEGER, from_id INTEGER, to_id INTEGER, shared BIGINT, of_old BIGINT);
CREATE TABLE topic_examples (
  topic_version INTEGER, topic_id INTEGER, rank INTEGER, source_id VARCHAR, conversation_id VARCHAR);
