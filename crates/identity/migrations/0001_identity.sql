CREATE TABLE people (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  single_keys BOOLEAN NOT NULL,
  active BOOLEAN NOT NULL,
  invited BOOLEAN NOT NULL,
  last_sign_in_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE credentials (
  person_id {uuid} PRIMARY KEY REFERENCES people (id),
  password_hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE totp (
  person_id {uuid} PRIMARY KEY REFERENCES people (id),
  secret_sealed TEXT NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
  seq {serial},
  person_id {uuid} NOT NULL REFERENCES people (id),
  code_hash TEXT NOT NULL,
  used_at BIGINT
);
CREATE INDEX recovery_codes_person ON recovery_codes (person_id);

CREATE TABLE sessions (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  person_id {uuid} NOT NULL REFERENCES people (id),
  token_hash TEXT NOT NULL UNIQUE,
  user_agent TEXT,
  ip TEXT,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE teams (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  private BOOLEAN NOT NULL,
  time_zone TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE team_members (
  team_id {uuid} NOT NULL REFERENCES teams (id),
  person_id {uuid} NOT NULL REFERENCES people (id),
  role TEXT NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_person ON team_members (person_id);

CREATE TABLE tokens (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  person_id {uuid} NOT NULL REFERENCES people (id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  permissions {json} NOT NULL,
  team_id {uuid} REFERENCES teams (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX tokens_person ON tokens (person_id);

CREATE TABLE contacts (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  person_id {uuid} NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  verified_at BIGINT,
  code_hash TEXT,
  code_expires_at BIGINT,
  code_attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (person_id, kind, address_key)
);

CREATE TABLE notification_rules (
  person_id {uuid} PRIMARY KEY REFERENCES people (id),
  rules {json} NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE one_time_links (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  person_id {uuid} REFERENCES people (id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX one_time_links_person ON one_time_links (person_id, purpose);

CREATE TABLE sign_in_attempts (
  seq {serial},
  id {uuid} NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_subject ON sign_in_attempts (subject, at);
CREATE INDEX sign_in_attempts_id ON sign_in_attempts (id);
CREATE INDEX sign_in_attempts_at ON sign_in_attempts (at);
