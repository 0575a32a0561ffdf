-- Projects: homes of tickets, and who may see and work in them.
CREATE TABLE projects (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    private BOOLEAN NOT NULL,
    default_kind TEXT NOT NULL,
    last_number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE project_members (
    project_id {uuid} NOT NULL REFERENCES projects (id),
    principal_kind TEXT NOT NULL,
    principal_id {uuid} NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (project_id, principal_kind, principal_id)
);
CREATE INDEX project_members_principal ON project_members (principal_id);
