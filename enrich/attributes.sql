-- Which person or organization a requester is, and what is known about them.
-- A source of people delivers no conversations (a CRM); besides those only the requester's own source is looked at.
-- Needs the temporary tables `scope` (source_id, person_id), `talking` (sources with conversations),
-- `free_mail` (domain) and `attribute_values` (source_id, holder, id, name, value).

-- Within its own source only rows that say something are a match: every requester has a row there.
CREATE OR REPLACE TEMP TABLE telling AS SELECT DISTINCT source_id, holder, id FROM attribute_values;

CREATE OR REPLACE TEMP TABLE holders AS
SELECT source_id, person_id, nullif(trim(external_id), '') AS external_id,
  nullif(lower(regexp_extract(email, :mail)), '') AS email, organization_id, updated_at,
  source_id NOT IN (FROM talking) AS is_apart
FROM people
WHERE NOT coalesce(is_deleted, false) AND coalesce(kind, 'customer') NOT IN ('agent', 'bot');

-- A person with several handles asks under each of them.
CREATE OR REPLACE TEMP TABLE asking AS
SELECT s.source_id, s.person_id, s.as_id, nullif(trim(p.external_id), '') AS external_id,
  CASE WHEN s.as_source = s.source_id THEN p.organization_id END AS organization_id,
  -- Where nobody tells the address, an id that is one is taken at its word.
  nullif(lower(coalesce(
    nullif(regexp_extract(p.email, :mail), ''), nullif(regexp_extract(s.as_id, :only_mail), ''),
    regexp_extract(p.handle, :only_mail))), '') AS email
FROM (
  SELECT source_id, person_id, source_id AS as_source, person_id AS as_id FROM scope
  UNION
  SELECT s.source_id, s.person_id, other.source_id, other.person_id
  FROM scope s
  JOIN linked_people mine ON mine.source_id = s.source_id AND mine.person_id = s.person_id
  JOIN linked_people other ON other.canonical_source_id = mine.canonical_source_id
    AND other.canonical_id = mine.canonical_id) s
LEFT JOIN people p ON p.source_id = s.as_source AND p.person_id = s.as_id AND NOT coalesce(p.is_deleted, false);

-- One person a source: the requester's own row where it says something, then external id before e-mail; then the
-- one updated last, then the lowest id.
CREATE OR REPLACE TEMP TABLE person_matches AS
WITH found AS (
  SELECT a.source_id, a.person_id, h.source_id AS matched_source_id, h.person_id AS matched_id, 1 AS rank
  FROM asking a JOIN holders h ON h.external_id = a.external_id
  UNION ALL
  SELECT a.source_id, a.person_id, h.source_id, h.person_id, 1
  FROM asking a JOIN holders h ON h.person_id = a.external_id
  UNION ALL
  SELECT a.source_id, a.person_id, h.source_id, h.person_id, 1
  FROM asking a JOIN holders h ON h.external_id = a.as_id
  UNION ALL
  SELECT a.source_id, a.person_id, h.source_id, h.person_id, 2
  FROM asking a JOIN holders h ON h.email = a.email)
SELECT f.*, h.is_apart, h.organization_id
FROM (
  SELECT a.source_id, a.person_id, a.source_id AS matched_source_id, a.person_id AS matched_id, 0 AS rank FROM scope a
  UNION ALL
  FROM found WHERE (source_id, person_id) <> (matched_source_id, matched_id)) f
JOIN holders h ON h.source_id = f.matched_source_id AND h.person_id = f.matched_id
LEFT JOIN telling t ON t.source_id = h.source_id AND t.holder = 'person' AND t.id = h.person_id
WHERE h.is_apart OR (h.source_id = f.source_id AND t.id IS NOT NULL)
QUALIFY row_number() OVER (
  PARTITION BY f.source_id, f.person_id, f.matched_source_id
  ORDER BY f.rank, h.updated_at DESC NULLS LAST, f.matched_id) = 1;

CREATE OR REPLACE TEMP TABLE organization_domains AS
SELECT DISTINCT source_id, organization_id, domain FROM (
  SELECT source_id, organization_id, is_apart,
    regexp_replace(lower(trim(unnest(domains))), '^([a-z]+://)?(www\.)?@?|[/:?].*$', '', 'g') AS domain
  FROM (
    SELECT *, source_id NOT IN (FROM talking) AS is_apart FROM organizations WHERE NOT coalesce(is_deleted, false)))
WHERE domain <> '' AND domain NOT IN (FROM free_mail);

-- One organization a source: the one the person is of, else the one of the address's domain, lowest id first.
CREATE OR REPLACE TEMP TABLE organization_matches AS
WITH found AS (
  SELECT source_id, person_id, matched_source_id, organization_id AS matched_id, 3 AS rank
  FROM person_matches WHERE organization_id IS NOT NULL
  UNION ALL
  SELECT source_id, person_id, source_id, organization_id, 3 FROM asking WHERE organization_id IS NOT NULL
  UNION ALL
  SELECT a.source_id, a.person_id, d.source_id, d.organization_id, 4
  FROM asking a JOIN organization_domains d ON d.domain = split_part(a.email, '@', 2))
SELECT f.*, o.source_id NOT IN (FROM talking) AS is_apart
FROM found f
JOIN organizations o ON o.source_id = f.matched_source_id AND o.organization_id = f.matched_id
  AND NOT coalesce(o.is_deleted, false)
LEFT JOIN telling t ON t.source_id = o.source_id AND t.holder = 'organization' AND t.id = o.organization_id
WHERE o.source_id NOT IN (FROM talking) OR (o.source_id = f.source_id AND t.id IS NOT NULL)
QUALIFY row_number() OVER (
  PARTITION BY f.source_id, f.person_id, f.matched_source_id ORDER BY f.rank, f.matched_id) = 1;

CREATE OR REPLACE TEMP TABLE matches AS
SELECT source_id, person_id, matched_source_id, 'person' AS matched_kind, matched_id, rank, is_apart FROM person_matches
UNION ALL
SELECT source_id, person_id, matched_source_id, 'organization', matched_id, rank, is_apart FROM organization_matches;

-- A value comes from the first that has it: a person of a source of people, the requester's own row, then
-- organizations likewise.
CREATE OR REPLACE TEMP TABLE values_now AS
SELECT m.source_id, m.person_id, v.name, arg_min(v.value, (
  m.matched_kind = 'organization', NOT m.is_apart, m.rank, m.matched_source_id, v.value)) AS value
FROM matches m
JOIN attribute_values v
  ON v.source_id = m.matched_source_id AND v.holder = m.matched_kind AND v.id = m.matched_id
GROUP BY ALL;
