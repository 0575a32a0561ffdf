import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schedule } from '../../api/types.ts';
import { api, errorText, formErrors, serverNow } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import { instantOf, minuteIn } from '../../lib/zone.ts';
import { choicesQuery, options, useOnCallChange } from './queries.ts';

/** Somebody stands in for a while. Times are typed in the schedule's zone. */
export function OverrideForm({ schedule, onDone }: { schedule: Schedule; onDone: () => void }) {
  const zone = schedule.time_zone;
  const choices = useQuery(choicesQuery);
  const hour = Math.ceil(serverNow() / 3_600_000) * 3_600_000;
  const [person, setPerson] = useState<string | null>(null);
  const [from, setFrom] = useState(minuteIn(hour, zone));
  const [to, setTo] = useState(minuteIn(hour + 8 * 3_600_000, zone));
  const [rotations, setRotations] = useState<string[]>([]);
  const add = useOnCallChange(() =>
    api.post(`/schedules/${schedule.id}/overrides`, {
      person_id: person,
      from: new Date(instantOf(from, zone)).toISOString(),
      to: new Date(instantOf(to, zone)).toISOString(),
      ...(rotations.length && { rotation_ids: rotations }),
    }),
  );
  const errors = formErrors(add.error);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(undefined, {
          onSuccess: () => {
            toastOk('The override is in place');
            onDone();
          },
        });
      }}
    >
      <Select
        label="Who stands in"
        data={options(choices.data?.people ?? [])}
        value={person}
        onChange={setPerson}
        error={errors.person_id}
        searchable
        required
      />
      <TextInput
        type="datetime-local"
        label={`From, in ${zone}`}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        error={errors.from}
        required
      />
      <TextInput
        type="datetime-local"
        label={`Until, in ${zone}`}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={errors.to}
        required
      />
      {schedule.rotations.length > 1 && (
        <MultiSelect
          label="In which rotations"
          data={options(schedule.rotations)}
          value={rotations}
          onChange={setRotations}
          placeholder={rotations.length ? undefined : 'all'}
          error={errors.rotation_ids}
        />
      )}
      {add.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(add.error)}
        </p>
      )}
      <div className="row">
        <Button type="submit" loading={add.isPending} disabled={!person}>
          Add the override
        </Button>
        {!person && <span className="t3 xs">Choose who stands in.</span>}
      </div>
    </form>
  );
}
