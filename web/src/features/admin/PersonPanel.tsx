import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Person, Role } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { PersonAvatar } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { AccessCheck } from './AccessCheck.tsx';
import { AccountState } from './PeoplePage.tsx';
import { personQuery, useChange } from './queries.ts';
import { ROLES } from './roles.ts';

function Details({ person }: { person: Person }) {
  const [asking, setAsking] = useState(false);
  const change = useChange('person', (body: { role?: Role; active?: boolean }) =>
    api.patch<Person>(`/people/${person.id}`, body, { ifMatch: person.version }),
  );
  const again = useChange('person', () => api.post(`/people/${person.id}/invitation`));
  const mayChange = findAction(person.actions, 'change');
  const onError = (error: unknown) => toastError(error, `${person.name} is unchanged`);
  return (
    <div className="stack">
      <div className="row">
        <PersonAvatar name={person.name} size="lg" />
        <div className="grow">
          <div className="sb">{person.name}</div>
          <div className="t2 cut">{person.email}</div>
        </div>
        <AccountState person={person} />
      </div>
      <dl className="dl">
        <dt>Time zone</dt>
        <dd>{person.time_zone}</dd>
        <dt>Teams</dt>
        <dd>
          {person.teams.length === 0
            ? 'none'
            : person.teams.map(({ id, name }, index) => (
                <span key={id}>
                  {index > 0 && ', '}
                  <Link to="/admin/teams" search={{ team: id }}>
                    {name}
                  </Link>
                </span>
              ))}
        </dd>
        <dt>Second step</dt>
        <dd>{person.totp_enabled ? 'on' : 'off'}</dd>
        <dt>Last sign-in</dt>
        <dd>{person.last_sign_in_at ? <RelativeTime at={person.last_sign_in_at} /> : 'never'}</dd>
      </dl>
      <Select
        label="Role"
        description={ROLES[person.role].text}
        data={Object.entries(ROLES).map(([value, { label }]) => ({ value, label }))}
        value={person.role}
        disabled={!mayChange?.allowed || change.isPending}
        error={mayChange?.allowed === false ? mayChange.reason : undefined}
        onChange={(role) =>
          role &&
          role !== person.role &&
          change.mutate(
            { role: role as Role },
            { onSuccess: () => toastOk(`${person.name} is now ${ROLES[role as Role].label}`), onError },
          )
        }
      />
      <div className="row wrap">
        {person.invited && (
          <ActionButton
            action={findAction(person.actions, 'invite_again')}
            loading={again.isPending}
            onClick={() =>
              again.mutate(undefined, { onSuccess: () => toastOk('The invitation is sent again'), onError })
            }
          >
            Send the invitation again
          </ActionButton>
        )}
        {person.active ? (
          <ActionButton action={mayChange} onClick={() => setAsking(true)}>
            Switch off
          </ActionButton>
        ) : (
          <ActionButton
            action={mayChange}
            loading={change.isPending}
            onClick={() =>
              change.mutate({ active: true }, { onSuccess: () => toastOk(`${person.name} may sign in again`), onError })
            }
          >
            Switch on
          </ActionButton>
        )}
      </div>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Switch ${person.name} off?`}
        confirm="Switch off"
        loading={change.isPending}
        onConfirm={() => change.mutate({ active: false }, { onSuccess: () => setAsking(false), onError })}
      >
        {person.name} is signed out everywhere, tokens stop working, and pages no longer go there. Tickets, comments and
        history stay. It can be switched on again.
      </ConfirmDialog>
    </div>
  );
}

/** One person beside the list. */
export function PersonPanel({ id }: { id: string }) {
  const person = useQuery(personQuery(id));
  const mayAsk = useCan('audit:read');
  return (
    <QueryState query={person} what="the person" rows={5}>
      {(data) => (
        <div className="stack">
          <Details person={data} />
          {mayAsk && <AccessCheck key={data.id} person={data} />}
        </div>
      )}
    </QueryState>
  );
}
