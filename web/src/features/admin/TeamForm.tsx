import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Team } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { getPersonZone } from '../../lib/time.ts';
import { useChange } from './queries.ts';

/** Makes a team, or changes the one given. What was typed stays when the server refuses. */
export function TeamForm({ team, onDone }: { team?: Team; onDone: (team: Team) => void }) {
  const [name, setName] = useState(team?.name ?? '');
  const [description, setDescription] = useState(team?.description ?? '');
  const [zone, setZone] = useState(team?.time_zone ?? getPersonZone());
  const [secret, setSecret] = useState(team?.private ?? false);
  const save = useChange('team', () => {
    const body = { name, description, time_zone: zone, private: secret };
    return team
      ? api.patch<Team>(`/teams/${team.id}`, body, { ifMatch: team.version })
      : api.post<Team>('/teams', body);
  });
  const errors = formErrors(save.error);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        data-autofocus
        required
      />
      <Textarea
        label="What it does"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        error={errors.description}
        minRows={2}
      />
      <Select
        label="Time zone"
        data={[...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])]}
        value={zone}
        onChange={(value) => setZone(value ?? 'UTC')}
        error={errors.time_zone}
        searchable
        limit={60}
      />
      <Checkbox
        label="Private"
        description="Only members and administrators see the team, its alerts and schedules."
        checked={secret}
        onChange={(event) => setSecret(event.currentTarget.checked)}
      />
      {save.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(save.error)}
        </p>
      )}
      <div>
        <Button type="submit" loading={save.isPending}>
          {team ? 'Save' : 'Create the team'}
        </Button>
      </div>
    </form>
  );
}
