-- Queues: saved queries over tickets. A deleted one keeps its row, so that the first ones do not come back.
CREATE TABLE queues (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    columns {json} NOT NULL,
    owner_id {uuid},
    visibility TEXT NOT NULL,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX queues_live ON queues (position, seq) WHERE deleted_at IS NULL;
CREATE TABLE queue_teams (
    queue_id {uuid} NOT NULL REFERENCES queues (id),
    team_id {uuid} NOT NULL,
    PRIMARY KEY (queue_id, team_id)
);
CREATE INDEX queue_teams_team ON queue_teams (team_id);
