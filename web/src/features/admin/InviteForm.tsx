import { Button, MultiSelect, Radio, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Person, Role } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import { teamsQuery, useChange } from './queries.ts';
import { ROLES } from './roles.ts';

/** Sends a mail with a link; the person chooses the password. */
export function InviteForm({ onDone }: { onDone: () => void }) {
  const teams = useQuery(teamsQuery);
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [teamIds, setTeamIds] = useState<string[]>([]);
  const invite = useChange('person', () =>
    api.post<Person>('/people/invitations', {
      email: email.trim(),
      name,
      role,
      ...(teamIds.length && { team_ids: teamIds }),
    }),
  );
  const errors = formErrors(invite.error);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate(undefined, {
          onSuccess: () => {
            toastOk(`An invitation to ${email} is on its way`);
            onDone();
          },
        });
      }}
    >
      <TextInput
        label="Mail address"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={errors.email}
        data-autofocus
        required
      />
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        required
      />
      <Radio.Group label="Role" value={role} onChange={(value) => setRole(value as Role)} error={errors.role}>
        <div className="stack" style={{ gap: 8, marginTop: 4 }}>
          {Object.entries(ROLES).map(([value, { label, text }]) => (
            <Radio key={value} value={value} label={label} description={text} />
          ))}
        </div>
      </Radio.Group>
      <MultiSelect
        label="Teams"
        data={teams.data?.items.map((team) => ({ value: team.id, label: team.name })) ?? []}
        value={teamIds}
        onChange={setTeamIds}
        error={errors.team_ids}
        placeholder={teamIds.length ? undefined : 'none yet'}
        searchable
      />
      {invite.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(invite.error)}
        </p>
      )}
      <div>
        <Button type="submit" loading={invite.isPending}>
          Send the invitation
        </Button>
      </div>
    </form>
  );
}
