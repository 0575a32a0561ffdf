import { Button, SegmentedControl, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Alert, Priority } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { serviceChoices, teamChoices } from '../../lib/choices.ts';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { useAlertChange } from './queries.ts';

/** Raises an alert by hand; as a test it starts out filled and low. What was typed stays when the server refuses. */
export function CreateAlertForm({ test, onDone }: { test: boolean; onDone: (alert: Alert) => void }) {
  const [message, setMessage] = useState(test ? 'Test alert from Bridgewatch' : '');
  const [description, setDescription] = useState(
    test ? 'Sent by hand to see who is paged and how. It may be closed at any time.' : '',
  );
  const [priority, setPriority] = useState<Priority>(test ? 'P4' : 'P3');
  const [service, setService] = useState<string | null>(null);
  const [team, setTeam] = useState<string | null>(null);
  const [alias, setAlias] = useState('');
  const [entity, setEntity] = useState('');
  const [tags, setTags] = useState<string[]>(test ? ['test'] : []);
  const create = useAlertChange(() =>
    api.post<Alert>('/alerts', {
      message,
      priority,
      tags,
      ...(description && { description }),
      ...(service && { service_id: service }),
      ...(team && { team_id: team }),
      ...(alias && { alias }),
      ...(entity && { entity }),
    }),
  );
  const errors = formErrors(create.error);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Message"
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
        error={errors.message}
        maxLength={130}
        required
        data-autofocus
      />
      <div>
        <div className="b" id="new-alert-priority">
          Priority
        </div>
        <SegmentedControl
          aria-labelledby="new-alert-priority"
          data={['P1', 'P2', 'P3', 'P4', 'P5']}
          value={priority}
          onChange={(value) => setPriority(value as Priority)}
          fullWidth
        />
      </div>
      <RecordSelect
        label="Service"
        description="Decides who is paged, and whether an incident opens."
        source={serviceChoices}
        value={service}
        onChange={setService}
        error={errors.service_id}
      />
      <RecordSelect
        label="Team"
        description="The owner of the service, unless you choose another."
        source={teamChoices}
        value={team}
        onChange={setTeam}
        error={errors.team_id}
      />
      <Textarea
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        error={errors.description}
        autosize
        minRows={3}
      />
      <TextInput
        label="What it is about"
        description="Such as a host or a customer."
        value={entity}
        onChange={(event) => setEntity(event.currentTarget.value)}
        error={errors.entity}
      />
      <TextInput
        label="Alias"
        description="A second alert with the same alias only raises the count of the first."
        value={alias}
        onChange={(event) => setAlias(event.currentTarget.value)}
        error={errors.alias}
      />
      <TagsInput label="Tags" value={tags} onChange={setTags} error={errors.tags} maxTags={20} />
      {create.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(create.error)}
        </p>
      )}
      <div>
        <Button type="submit" loading={create.isPending}>
          {test ? 'Send the test' : 'Create the alert'}
        </Button>
      </div>
    </form>
  );
}
