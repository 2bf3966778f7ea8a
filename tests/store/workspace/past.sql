-- The workspace's tables as each version made them, written down so that a change of today cannot change the past.

-- version 1
CREATE TABLE audit_log ( id INTEGER NOT NULL, at DATETIME NOT NULL, viewer VARCHAR(200) NOT NULL, action VARCHAR(100) NOT NULL, detail JSON, PRIMARY KEY (id) );
CREATE TABLE questions ( id INTEGER NOT NULL, asked_at DATETIME NOT NULL, viewer VARCHAR(200) NOT NULL, question TEXT NOT NULL, answer_json JSON, generation INTEGER, provider VARCHAR(40), seconds FLOAT, PRIMARY KEY (id) );
CREATE TABLE saved_views ( owner VARCHAR(200) NOT NULL, name VARCHAR(200) NOT NULL, page VARCHAR(100) NOT NULL, "query" TEXT NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (owner, name) );
CREATE TABLE feedback ( id INTEGER NOT NULL, question_id INTEGER NOT NULL, viewer VARCHAR(200) NOT NULL, verdict VARCHAR(10) NOT NULL, note TEXT, at DATETIME NOT NULL, PRIMARY KEY (id), FOREIGN KEY(question_id) REFERENCES questions (id) ON DELETE CASCADE );

-- version 2
CREATE TABLE cards ( id INTEGER NOT NULL, owner VARCHAR(200) NOT NULL, kind VARCHAR(20) NOT NULL, title VARCHAR(200) NOT NULL, definition JSON NOT NULL, position INTEGER NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (id) );
CREATE TABLE corrections ( id INTEGER NOT NULL, source_id VARCHAR(200) NOT NULL, conversation_id VARCHAR(300) NOT NULL, field VARCHAR(40) NOT NULL, value VARCHAR(300) NOT NULL, viewer VARCHAR(200) NOT NULL, at DATETIME NOT NULL, undone_at DATETIME, undone_by VARCHAR(200), PRIMARY KEY (id) );
CREATE TABLE evidence_sets ( id INTEGER NOT NULL, owner VARCHAR(200) NOT NULL, name VARCHAR(200) NOT NULL, note TEXT NOT NULL, shared BOOLEAN NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (id), UNIQUE (owner, name) );
CREATE TABLE labels ( source_id VARCHAR(200) NOT NULL, conversation_id VARCHAR(300) NOT NULL, label VARCHAR(60) NOT NULL, viewer VARCHAR(200) NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (source_id, conversation_id, label) );
CREATE TABLE notes ( id INTEGER NOT NULL, from_day DATE NOT NULL, to_day DATE NOT NULL, text TEXT NOT NULL, tag VARCHAR(20) NOT NULL, author VARCHAR(200) NOT NULL, metric VARCHAR(100), only JSON, created_at DATETIME NOT NULL, changed_at DATETIME, PRIMARY KEY (id) );
CREATE TABLE evidence ( set_id INTEGER NOT NULL, source_id VARCHAR(200) NOT NULL, conversation_id VARCHAR(300) NOT NULL, note TEXT NOT NULL, added_by VARCHAR(200) NOT NULL, added_at DATETIME NOT NULL, PRIMARY KEY (set_id, source_id, conversation_id), FOREIGN KEY(set_id) REFERENCES evidence_sets (id) ON DELETE CASCADE );

-- version 4
CREATE TABLE alert_rules ( id INTEGER NOT NULL, owner VARCHAR(200) NOT NULL, name VARCHAR(200) NOT NULL, kind VARCHAR(20) NOT NULL, definition JSON NOT NULL, enabled BOOLEAN NOT NULL, created_at DATETIME NOT NULL, changed_at DATETIME NOT NULL, snoozed_until DATETIME, status VARCHAR(20) NOT NULL, problem TEXT, evaluated_at DATETIME, seen VARCHAR(200) NOT NULL, PRIMARY KEY (id), UNIQUE (owner, name) );
CREATE TABLE deliveries ( id INTEGER NOT NULL, "key" VARCHAR(300) NOT NULL, idempotency_id VARCHAR(40) NOT NULL, owner VARCHAR(200) NOT NULL, incident_id INTEGER, event VARCHAR(20) NOT NULL, channel VARCHAR(64) NOT NULL, message JSON NOT NULL, status VARCHAR(20) NOT NULL, attempts INTEGER NOT NULL, created_at DATETIME NOT NULL, due_at DATETIME NOT NULL, until DATETIME NOT NULL, claim VARCHAR(40), lease_until DATETIME, is_repeatable BOOLEAN NOT NULL, finished_at DATETIME, problem TEXT, PRIMARY KEY (id), UNIQUE ("key") );
CREATE TABLE incidents ( id INTEGER NOT NULL, rule_id INTEGER NOT NULL, rule_name VARCHAR(200) NOT NULL, owner VARCHAR(200) NOT NULL, segment VARCHAR(300) NOT NULL, open_key VARCHAR(340), opened_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, ended_at DATETIME, ended_because VARCHAR(200), message JSON NOT NULL, acknowledged_at DATETIME, acknowledged_by VARCHAR(200), PRIMARY KEY (id), UNIQUE (open_key) );
CREATE TABLE alert_states ( rule_id INTEGER NOT NULL, segment VARCHAR(300) NOT NULL, level VARCHAR(20) NOT NULL, said VARCHAR(20) NOT NULL, streak INTEGER NOT NULL, base INTEGER NOT NULL, window VARCHAR(40) NOT NULL, value FLOAT, n INTEGER NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (rule_id, segment), FOREIGN KEY(rule_id) REFERENCES alert_rules (id) ON DELETE CASCADE );

-- version 5
CREATE TABLE signed_in ( name VARCHAR(200) NOT NULL, groups JSON NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (name) );

-- version 6
CREATE TABLE digests ( id INTEGER NOT NULL, owner VARCHAR(200) NOT NULL, name VARCHAR(200) NOT NULL, view_owner VARCHAR(200), view_name VARCHAR(200), definition JSON NOT NULL, enabled BOOLEAN NOT NULL, created_at DATETIME NOT NULL, changed_at DATETIME NOT NULL, status VARCHAR(20) NOT NULL, problem TEXT, told DATE, told_at DATETIME, sizes JSON, PRIMARY KEY (id), UNIQUE (owner, name) );

-- version 7
CREATE TABLE topic_choices ( id INTEGER NOT NULL, kind VARCHAR(20) NOT NULL, topic_id INTEGER, target_id INTEGER, words VARCHAR(120), viewer VARCHAR(200) NOT NULL, at DATETIME NOT NULL, undone_at DATETIME, undone_by VARCHAR(200), PRIMARY KEY (id) );

-- version 8
CREATE TABLE mood_choices ( id INTEGER NOT NULL, kind VARCHAR(20) NOT NULL, viewer VARCHAR(200) NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id) );

-- version 9
CREATE TABLE anomaly_verdicts ( id INTEGER NOT NULL, "key" VARCHAR(600) NOT NULL, metric VARCHAR(100) NOT NULL, "where" JSON NOT NULL, saying VARCHAR(20) NOT NULL, from_day DATE NOT NULL, to_day DATE NOT NULL, viewer VARCHAR(200) NOT NULL, at DATETIME NOT NULL, undone_at DATETIME, undone_by VARCHAR(200), PRIMARY KEY (id) );

-- version 10
CREATE TABLE tokens ( id INTEGER NOT NULL, name VARCHAR(200) NOT NULL, scopes JSON NOT NULL, hash VARCHAR(64) NOT NULL, owner VARCHAR(200) NOT NULL, created_at DATETIME NOT NULL, expires_at DATETIME NOT NULL, revoked_at DATETIME, used_at DATETIME, PRIMARY KEY (id), UNIQUE (hash) );
