-- The facts of the batch, as they were found.

DELETE FROM conversation_facts f USING batch b
WHERE b.source_id = f.source_id AND b.conversation_id = f.conversation_id;

INSERT INTO conversation_facts BY NAME
SELECT * EXCLUDE (c) FROM batch_facts;
