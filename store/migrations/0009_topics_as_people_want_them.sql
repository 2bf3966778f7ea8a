-- People rename, merge, move, pin and split topics; what the machine found stays beside it.
ALTER TABLE topics ADD COLUMN found_label VARCHAR;
ALTER TABLE topics ADD COLUMN found_group INTEGER;
ALTER TABLE topics ADD COLUMN found_group_label VARCHAR;
ALTER TABLE topics ADD COLUMN merged_into INTEGER;
UPDATE topics SET found_label = label, found_group = group_id, found_group_label = group_label;
ALTER TABLE conversation_topics ADD COLUMN found_id INTEGER;
UPDATE conversation_topics SET found_id = topic_id;
CREATE TABLE topic_choices (
  id BIGINT, kind VARCHAR, topic_id INTEGER, target_id INTEGER, words VARCHAR,
  chosen_at TIMESTAMPTZ);
CREATE TABLE topic_splits (choice_id BIGINT, topic_id INTEGER, made_id INTEGER);
