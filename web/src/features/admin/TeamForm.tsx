import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import type { Team } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { getPersonZone } from '../../lib/time.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { useChange } from './queries.ts';

const draftOf = (team: Team | undefined) => ({
  name: team?.name ?? '',
  description: team?.description ?? '',
  zone: team?.time_zone ?? getPersonZone(),
  secret: team?.private ?? false,
});
const WORDS: FieldWords<ReturnType<typeof draftOf>> = {
  name: { label: 'Name', text: (value) => value },
  description: { label: 'What it does', text: (value) => value },
  zone: { label: 'Time zone', text: (value) => value },
  secret: { label: 'Private', text: (value) => (value ? 'yes' : 'no') },
};

/** Makes a team, or changes the one given. What was typed stays when the server refuses. */
export function TeamForm({ team, onDone }: { team?: Team; onDone: (team: Team) => void }) {
  const edited = useVersioned(team, draftOf);
  const { name, description, zone, secret } = edited.draft;
  const save = useChange('team', () => {
    const body = { name, description, time_zone: zone, private: secret };
    return team
      ? api.patch<Team>(`/teams/${team.id}`, body, { ifMatch: edited.version ?? team.version })
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
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
        error={errors.name}
        data-autofocus
        required
      />
      <Textarea
        label="What it does"
        value={description}
        onChange={(event) => edited.set({ description: event.currentTarget.value })}
        error={errors.description}
        minRows={2}
      />
      <Select
        label="Time zone"
        data={[...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])]}
        value={zone}
        onChange={(value) => edited.set({ zone: value ?? 'UTC' })}
        error={errors.time_zone}
        searchable
        limit={60}
      />
      <Checkbox
        label="Private"
        description="Only members and administrators see the team, its alerts and schedules."
        checked={secret}
        onChange={(event) => edited.set({ secret: event.currentTarget.checked })}
      />
      {save.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(save.error)}
        </p>
      )}
      <Conflict what="the team" edited={edited} words={WORDS} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={edited.clashes.length > 0}>
          {team ? 'Save' : 'Create the team'}
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
