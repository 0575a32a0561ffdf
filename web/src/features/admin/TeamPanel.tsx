import { ActionIcon, Button, Select } from '@mantine/core';
import { IconLock, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Team, TeamRouting } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { policyChoices } from '../../lib/choices.ts';
import { useCan } from '../../lib/session.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { PersonChoice } from './PersonChoice.tsx';
import { routingQuery, teamQuery, useChange } from './queries.ts';
import { TEAM_ROLES } from './roles.ts';
import { TeamForm } from './TeamForm.tsx';

type MemberRole = Team['members'][number]['role'];

function Members({ team }: { team: Team }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const put = useChange('team', ({ id, role }: { id: string; role: MemberRole }) =>
    api.put(`/teams/${team.id}/members/${id}`, { role }),
  );
  const remove = useChange('team', (id: string) => api.delete(`/teams/${team.id}/members/${id}`));
  const right = findAction(team.actions, 'change_members');
  const allowed = right?.allowed ?? false;
  const onError = (error: unknown) => toastError(error, 'The members are unchanged');
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>
        Members <span className="cnt">{team.members.length}</span>
      </h3>
      {team.members.length === 0 && (
        <EmptyState title="Nobody is in this team">Pages to the team reach nobody until somebody is added.</EmptyState>
      )}
      <ul className="lines">
        {team.members.map(({ person, role }) => (
          <li key={person.id} style={{ minHeight: 38 }}>
            <span className="grow">
              <PersonName person={person} />
            </span>
            <Select
              w={140}
              aria-label={`Role of ${person.name}`}
              data={Object.entries(TEAM_ROLES).map(([value, label]) => ({ value, label }))}
              value={role}
              disabled={!allowed || put.isPending}
              onChange={(next) =>
                next && next !== role && put.mutate({ id: person.id, role: next as MemberRole }, { onError })
              }
            />
            <ActionIcon
              aria-label={`Take ${person.name} out of the team`}
              disabled={!allowed}
              loading={remove.isPending && remove.variables === person.id}
              onClick={() =>
                remove.mutate(person.id, {
                  onSuccess: () => toastOk(`${person.name} is no longer in ${team.name}`),
                  onError,
                })
              }
            >
              <IconTrash size={16} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {allowed ? (
        <form
          className="row"
          style={{ marginTop: 8 }}
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen) put.mutate({ id: chosen, role: 'member' }, { onSuccess: () => setChosen(null), onError });
          }}
        >
          <div className="grow">
            <PersonChoice
              label="Add somebody"
              value={chosen}
              onChange={setChosen}
              exclude={new Set(team.members.map(({ person }) => person.id))}
            />
          </div>
          <Button type="submit" variant="default" loading={put.isPending} disabled={!chosen}>
            Add
          </Button>
        </form>
      ) : (
        right?.reason && <p className="t3 xs">{right.reason}</p>
      )}
    </section>
  );
}

/** The policy that pages for the team's alerts when their service names none. */
function Routing({ team }: { team: Team }) {
  const routing = useQuery(routingQuery(team.id));
  const may = useCan('oncall:manage');
  const put = useChange('team', (id: string | null) =>
    api.put<TeamRouting>(`/teams/${team.id}/routing`, { escalation_policy_id: id }),
  );
  return (
    <QueryState query={routing} what="the team's policy" rows={1}>
      {({ escalation_policy_id: policy }) => (
        <RecordSelect
          label="Escalation policy"
          description={
            may
              ? 'Pages for its alerts when their service names no policy.'
              : 'Pages for its alerts when their service names no policy. You miss the permission oncall:manage.'
          }
          placeholder="none: nobody is paged"
          source={policyChoices}
          value={put.isPending ? put.variables : policy}
          onChange={(id) =>
            put.mutate(id, {
              onSuccess: () => toastOk(`Alerts of ${team.name} follow it from now on`),
              onError: (error) => toastError(error, 'The policy is unchanged'),
            })
          }
          disabled={!may}
        />
      )}
    </QueryState>
  );
}

function Details({ team, onGone }: { team: Team; onGone: () => void }) {
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState(false);
  const mayOnCall = useCan('oncall:read');
  const remove = useChange('team', () => api.delete(`/teams/${team.id}`, undefined, { ifMatch: team.version }));
  if (editing) return <TeamForm team={team} onDone={() => setEditing(false)} />;
  return (
    <div className="stack">
      <div>
        <div className="row">
          <span className="sb" style={{ fontSize: 'var(--bw-fs-lg)' }}>
            {team.name}
          </span>
          {team.private && (
            <span className="tag line">
              <IconLock aria-hidden="true" /> Private
            </span>
          )}
        </div>
        {team.description && <p className="t2">{team.description}</p>}
        <p className="t3 xs">{team.time_zone}</p>
      </div>
      <div className="row wrap">
        <ActionButton action={findAction(team.actions, 'change')} onClick={() => setEditing(true)}>
          Edit
        </ActionButton>
        <ActionButton action={findAction(team.actions, 'delete')} onClick={() => setAsking(true)}>
          Delete
        </ActionButton>
      </div>
      <Members team={team} />
      {mayOnCall && <Routing team={team} />}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${team.name}?`}
        confirm="Delete the team"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: onGone,
            onError: (error) => toastError(error, `${team.name} is still there`),
          })
        }
      >
        Its {team.members.length} members keep their accounts. Tickets, alerts and services that name the team stay,
        without it. This cannot be undone.
      </ConfirmDialog>
    </div>
  );
}

/** One team beside the list. */
export function TeamPanel({ id, onGone }: { id: string; onGone: () => void }) {
  const team = useQuery(teamQuery(id));
  return (
    <QueryState query={team} what="the team" rows={5}>
      {(data) => <Details team={data} onGone={onGone} />}
    </QueryState>
  );
}
