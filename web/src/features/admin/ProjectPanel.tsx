import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core';
import { IconLock, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Project } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { toastError } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { PersonChoice } from './PersonChoice.tsx';
import { ProjectForm } from './ProjectForm.tsx';
import { projectQuery, teamsQuery, useChange } from './queries.ts';
import { PROJECT_ROLES } from './roles.ts';

type Member = Project['members'][number];
type Kind = Member['principal']['kind'];

function AddMember({
  project,
  onAdd,
  adding,
}: {
  project: Project;
  onAdd: (kind: Kind, id: string, done: () => void) => void;
  adding: boolean;
}) {
  const teams = useQuery(teamsQuery);
  const [kind, setKind] = useState<Kind>('person');
  const [chosen, setChosen] = useState<string | null>(null);
  const present = new Set(
    project.members.filter(({ principal }) => principal.kind === kind).map(({ principal }) => principal.id),
  );
  return (
    <form
      className="stack"
      style={{ gap: 8, marginTop: 8 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onAdd(kind, chosen, () => setChosen(null));
      }}
    >
      <SegmentedControl
        aria-label="Add a person or a team"
        style={{ justifySelf: 'start' }}
        value={kind}
        onChange={(value) => {
          setKind(value as Kind);
          setChosen(null);
        }}
        data={[
          { value: 'person', label: 'Person' },
          { value: 'team', label: 'Team' },
        ]}
      />
      <div className="row">
        <div className="grow">
          {kind === 'person' ? (
            <PersonChoice label="Add somebody" value={chosen} onChange={setChosen} exclude={present} />
          ) : (
            <Select
              aria-label="Add a team"
              placeholder="Add a team"
              data={(teams.data?.items ?? [])
                .filter(({ id }) => !present.has(id))
                .map(({ id, name }) => ({ value: id, label: name }))}
              value={chosen}
              onChange={setChosen}
              searchable
            />
          )}
        </div>
        <Button type="submit" variant="default" loading={adding} disabled={!chosen}>
          Add
        </Button>
      </div>
    </form>
  );
}

function Details({ project }: { project: Project }) {
  const [editing, setEditing] = useState(false);
  const put = useChange('project', ({ kind, id, role }: { kind: Kind; id: string; role: Member['role'] }) =>
    api.put(`/projects/${project.id}/members/${kind}/${id}`, { role }),
  );
  const remove = useChange('project', ({ kind, id }: { kind: Kind; id: string }) =>
    api.delete(`/projects/${project.id}/members/${kind}/${id}`),
  );
  const right = findAction(project.actions, 'manage_members');
  const allowed = right?.allowed ?? false;
  const onError = (error: unknown) => toastError(error, 'The members are unchanged');
  if (editing) return <ProjectForm project={project} onDone={() => setEditing(false)} />;
  return (
    <div className="stack">
      <div className="row">
        <span className="key">{project.key}</span>
        <span className="sb" style={{ fontSize: 'var(--bw-fs-lg)' }}>
          {project.name}
        </span>
        {project.private && (
          <span className="tag line">
            <IconLock aria-hidden="true" /> Private
          </span>
        )}
      </div>
      <div className="row wrap">
        <ActionButton action={findAction(project.actions, 'edit')} onClick={() => setEditing(true)}>
          Edit
        </ActionButton>
      </div>
      <section>
        <h3 style={{ marginBottom: 6 }}>
          Members <span className="cnt">{project.members.length}</span>
        </h3>
        {project.members.length === 0 && (
          <p className="t2">
            {project.private ? 'Only administrators see its tickets.' : 'Every agent works on its tickets.'}
          </p>
        )}
        <ul className="lines">
          {project.members.map(({ principal, role }) => (
            <li key={`${principal.kind} ${principal.id}`} style={{ minHeight: 38 }}>
              <span className="grow">
                {principal.kind === 'team' ? (
                  <span className="icon-text">
                    <IconUsersGroup size={18} stroke={1.75} aria-label="Team" />
                    {principal.name}
                  </span>
                ) : (
                  <PersonName person={principal} />
                )}
              </span>
              <Select
                w={130}
                aria-label={`Role of ${principal.name}`}
                data={Object.entries(PROJECT_ROLES).map(([value, label]) => ({ value, label }))}
                value={role}
                disabled={!allowed || put.isPending}
                onChange={(next) =>
                  next &&
                  next !== role &&
                  put.mutate({ kind: principal.kind, id: principal.id, role: next as Member['role'] }, { onError })
                }
              />
              <ActionIcon
                aria-label={`Take ${principal.name} out of the project`}
                disabled={!allowed}
                onClick={() => remove.mutate({ kind: principal.kind, id: principal.id }, { onError })}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        {allowed ? (
          <AddMember
            project={project}
            adding={put.isPending}
            onAdd={(kind, id, done) => put.mutate({ kind, id, role: 'agent' }, { onSuccess: done, onError })}
          />
        ) : (
          right?.reason && <p className="t3 xs">{right.reason}</p>
        )}
      </section>
    </div>
  );
}

/** One project beside the list. */
export function ProjectPanel({ id }: { id: string }) {
  const project = useQuery(projectQuery(id));
  return (
    <QueryState query={project} what="the project" rows={5}>
      {(data) => <Details project={data} />}
    </QueryState>
  );
}
