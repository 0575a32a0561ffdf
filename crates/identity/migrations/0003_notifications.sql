-- What people were told. No free text: it is read from the records, under the scope of whoever reads. What is for
-- mail alone counts as read.
CREATE TABLE notifications (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  person_id {uuid} NOT NULL REFERENCES people (id),
  event_id {uuid} NOT NULL,
  at BIGINT NOT NULL,
  topic TEXT NOT NULL,
  why TEXT NOT NULL,
  record_kind TEXT NOT NULL,
  record_id {uuid} NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_key TEXT NOT NULL,
  data {json} NOT NULL,
  in_app BOOLEAN NOT NULL,
  read_at BIGINT,
  UNIQUE (event_id, person_id)
);
CREATE INDEX notifications_of_person ON notifications (person_id, seq) WHERE in_app = TRUE;
CREATE INDEX notifications_unread ON notifications (person_id, seq) WHERE read_at IS NULL;
CREATE INDEX notifications_read ON notifications (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX notifications_at ON notifications (at);

CREATE TABLE notification_choices (
  person_id {uuid} PRIMARY KEY REFERENCES people (id),
  choices {json} NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
