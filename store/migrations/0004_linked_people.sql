-- Persons who are one and the same, as people confirmed.
CREATE TABLE linked_people (
  source_id VARCHAR, person_id VARCHAR, canonical_source_id VARCHAR, canonical_id VARCHAR, name VARCHAR);
