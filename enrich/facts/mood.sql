-- Mood and language of the customer's words; of every public word where nobody knows who is the customer.
-- The mood is the mean of the messages that show any: an order number says nothing about it.
CREATE OR REPLACE TEMP TABLE batch_texts AS
SELECT m.c,
  coalesce(avg(nullif(e.sentiment_score, 0)), avg(e.sentiment_score)) AS sentiment_score,
  arg_min(e.sentiment_score, m.place) FILTER (e.sentiment_score IS NOT NULL) AS sentiment_start,
  arg_max(e.sentiment_score, m.place) FILTER (e.sentiment_score IS NOT NULL) AS sentiment_end
FROM batch_messages m
JOIN batch_conversations c ON c.c = m.c
JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
WHERE m.is_public AND (m.role = 'customer' OR (NOT c.roles_known AND m.role = 'unknown'))
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_languages AS
SELECT c, arg_max(language, (weight, language)) AS language
FROM (
  SELECT m.c, e.language, sum(e.language_confidence) AS weight
  FROM batch_messages m
  JOIN batch_conversations c ON c.c = m.c
  JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
  WHERE e.language IS NOT NULL AND (m.role = 'customer' OR (NOT c.roles_known AND m.role = 'unknown'))
  GROUP BY ALL)
GROUP BY ALL;
