import { ActionIcon, Button, MultiSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Restriction, Rotation, Schedule } from '../../api/types.ts';
import { api, errorText, formErrors, serverNow } from '../../lib/api.ts';
import { getPersonZone } from '../../lib/time.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { addDays, dateIn, weekday } from '../../lib/zone.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import classes from './OnCall.module.css';
import { choicesQuery, options, useOnCallChange } from './queries.ts';

interface Draft extends Omit<Rotation, 'id'> {
  /** Absent for a rotation that is not stored yet. */
  id?: string;
  rowId: number;
}

const UNITS = [
  { value: 'hourly', label: 'hours' },
  { value: 'daily', label: 'days' },
  { value: 'weekly', label: 'weeks' },
];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((label, index) => ({
  value: String(index + 1),
  label,
}));

function newRotation(rowId: number, zone: string): Draft {
  const today = dateIn(serverNow(), zone);
  const monday = addDays(today, 1 - weekday(today));
  return {
    rowId,
    name: `Rotation ${rowId + 1}`,
    kind: 'weekly',
    length: 1,
    start: `${monday}T09:00`,
    end: null,
    participants: [],
    restrictions: [],
  };
}

function RotationFields({
  draft,
  people,
  onChange,
  onRemove,
}: {
  draft: Draft;
  people: { value: string; label: string }[];
  onChange: (part: Partial<Draft>) => void;
  onRemove: () => void;
}) {
  const restriction = draft.restrictions[0];
  const setRestriction = (part: Partial<Restriction>) =>
    restriction && onChange({ restrictions: [{ ...restriction, ...part }, ...draft.restrictions.slice(1)] });
  const byDay = restriction?.from_weekday !== undefined;
  const ids = draft.participants.map((participant) => (participant.kind === 'none' ? 'none' : (participant.id ?? '')));
  return (
    <fieldset className={classes.rotation}>
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <TextInput
          style={{ flex: 1 }}
          label="Rotation"
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          required
        />
        <ActionIcon aria-label={`Remove ${draft.name}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </div>
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <NumberInput
          label="Changes every"
          w={110}
          min={1}
          allowDecimal={false}
          value={draft.length}
          onChange={(value) => onChange({ length: Number(value) || 1 })}
        />
        <Select
          aria-label="Unit"
          w={110}
          data={UNITS}
          value={draft.kind}
          onChange={(value) => onChange({ kind: (value ?? 'weekly') as Draft['kind'] })}
        />
        <TextInput
          type="datetime-local"
          label="First shift starts"
          w={200}
          value={draft.start.slice(0, 16)}
          onChange={(event) => onChange({ start: event.currentTarget.value })}
          required
        />
        <TextInput
          type="datetime-local"
          label="Ends"
          w={200}
          value={draft.end?.slice(0, 16) ?? ''}
          onChange={(event) => onChange({ end: event.currentTarget.value || null })}
        />
      </div>
      <MultiSelect
        label="Who takes turns, in this order"
        data={[...people, { value: 'none', label: 'Nobody, on purpose' }]}
        value={ids}
        onChange={(values) =>
          onChange({ participants: values.map((id) => (id === 'none' ? { kind: 'none' } : { kind: 'person', id })) })
        }
        searchable
        withAsterisk
      />
      <Switch
        label="Only at some times"
        description="Outside them this rotation has nobody on call."
        checked={Boolean(restriction)}
        onChange={(event) =>
          onChange({ restrictions: event.currentTarget.checked ? [{ from: '09:00', to: '17:00' }] : [] })
        }
      />
      {restriction && (
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          <Select
            label="When"
            w={150}
            data={[
              { value: 'daily', label: 'every day' },
              { value: 'weekly', label: 'between weekdays' },
            ]}
            value={byDay ? 'weekly' : 'daily'}
            onChange={(value) => {
              const { from, to } = restriction;
              onChange({
                restrictions: [value === 'weekly' ? { from_weekday: 1, from, to_weekday: 5, to } : { from, to }],
              });
            }}
          />
          {byDay && (
            <Select
              label="From"
              w={130}
              data={DAYS}
              value={String(restriction.from_weekday)}
              onChange={(value) => setRestriction({ from_weekday: Number(value) })}
            />
          )}
          <TextInput
            type="time"
            label={byDay ? 'at' : 'From'}
            value={restriction.from}
            onChange={(event) => setRestriction({ from: event.currentTarget.value })}
            required
          />
          {byDay && (
            <Select
              label="To"
              w={130}
              data={DAYS}
              value={String(restriction.to_weekday)}
              onChange={(value) => setRestriction({ to_weekday: Number(value) })}
            />
          )}
          <TextInput
            type="time"
            label={byDay ? 'at' : 'To'}
            value={restriction.to}
            onChange={(event) => setRestriction({ to: event.currentTarget.value })}
            required
          />
          {draft.restrictions.length > 1 && (
            <span className="t3 xs">and {draft.restrictions.length - 1} more, kept as they are</span>
          )}
        </div>
      )}
    </fieldset>
  );
}

const draftOf = (schedule: Schedule | undefined) => ({
  name: schedule?.name ?? '',
  description: schedule?.description ?? '',
  team: schedule?.team?.id ?? null,
  zone: schedule?.time_zone ?? getPersonZone(),
  rotations: schedule
    ? schedule.rotations.map((rotation, rowId): Draft => ({ ...rotation, rowId }))
    : [newRotation(0, getPersonZone())],
});

/** Makes a schedule or changes the one given; the server checks the whole definition. */
export function ScheduleForm({ schedule, onDone }: { schedule?: Schedule; onDone: (schedule: Schedule) => void }) {
  const choices = useQuery(choicesQuery);
  const edited = useVersioned(schedule, draftOf);
  const { name, description, team, zone, rotations: drafts } = edited.draft;
  const setDrafts = (rotations: Draft[]) => edited.set({ rotations });
  const person = new Map(choices.data?.people.map((each) => [each.id, each.name]));
  const words: FieldWords<ReturnType<typeof draftOf>> = {
    name: { label: 'Name', text: (value) => value },
    description: { label: 'What it is for', text: (value) => value },
    team: { label: 'Team', text: (value) => choices.data?.teams.find(({ id }) => id === value)?.name ?? value },
    zone: { label: 'Time zone', text: (value) => value },
    rotations: {
      label: 'Rotations',
      text: (value) =>
        value
          .map((rotation) => {
            const unit = UNITS.find((each) => each.value === rotation.kind)?.label;
            const who = rotation.participants.map(({ id, kind }) =>
              kind === 'none' ? 'nobody' : person.get(id ?? ''),
            );
            return `${rotation.name}: every ${rotation.length} ${unit} from ${rotation.start.replace('T', ' ')}: ${who.join(', ')}`;
          })
          .join('\n'),
    },
  };
  const save = useOnCallChange(() => {
    const body = {
      name,
      description,
      team_id: team,
      time_zone: zone,
      rotations: drafts.map(({ rowId: _, ...rotation }) => rotation),
    };
    return schedule
      ? api.put<Schedule>(`/schedules/${schedule.id}`, body, { ifMatch: edited.version ?? schedule.version })
      : api.post<Schedule>('/schedules', body);
  });
  const errors = formErrors(save.error);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toastOk(`${saved.name} is saved`);
            onDone(saved);
          },
        });
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
        label="What it is for"
        value={description}
        onChange={(event) => edited.set({ description: event.currentTarget.value })}
        minRows={1}
        error={errors.description}
      />
      <div className="row wrap">
        <Select
          style={{ flex: 1 }}
          label="Team"
          data={options(choices.data?.teams ?? [])}
          value={team}
          onChange={(value) => edited.set({ team: value })}
          placeholder="none"
          error={errors.team_id}
          clearable
          searchable
        />
        <Select
          style={{ flex: 1 }}
          label="Time zone"
          data={[...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])]}
          value={zone}
          onChange={(value) => edited.set({ zone: value ?? zone })}
          error={errors.time_zone}
          searchable
          limit={60}
        />
      </div>
      {drafts.map((draft) => (
        <RotationFields
          key={draft.rowId}
          draft={draft}
          people={options(choices.data?.people ?? [])}
          onChange={(part) =>
            setDrafts(drafts.map((each) => (each.rowId === draft.rowId ? { ...each, ...part } : each)))
          }
          onRemove={() => setDrafts(drafts.filter(({ rowId }) => rowId !== draft.rowId))}
        />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() =>
            setDrafts([...drafts, newRotation(Math.max(-1, ...drafts.map(({ rowId }) => rowId)) + 1, zone)])
          }
        >
          Add a rotation
        </Button>
      </div>
      {save.isError && (
        <div className="note critical" role="alert">
          <div>
            {errorText(save.error)}
            <ul>
              {Object.entries(errors).map(([field, message]) => (
                <li key={field}>
                  <span className="mono">{field}</span>: {message}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <Conflict what="the schedule" edited={edited} words={words} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={edited.clashes.length > 0}>
          {schedule ? 'Save the schedule' : 'Create the schedule'}
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
