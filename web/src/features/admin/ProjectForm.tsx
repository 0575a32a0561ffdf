import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Project, TicketKind } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { useChange } from './queries.ts';

/** Makes a project, or changes the one given. A key stays, since tickets carry it. */
export function ProjectForm({ project, onDone }: { project?: Project; onDone: (project: Project) => void }) {
  const [key, setKey] = useState(project?.key ?? '');
  const [name, setName] = useState(project?.name ?? '');
  const [kind, setKind] = useState<TicketKind>(project?.default_kind ?? 'incident');
  const [secret, setSecret] = useState(project?.private ?? false);
  const save = useChange('project', () => {
    const body = { name, default_kind: kind, private: secret };
    return project
      ? api.patch<Project>(`/projects/${project.id}`, body, { ifMatch: project.version })
      : api.post<Project>('/projects', { key, ...body });
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
      {!project && (
        <TextInput
          label="Key"
          description="Two to ten capital letters or digits, such as OPS: tickets are then OPS-1, OPS-2."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value.toUpperCase())}
          error={errors.key}
          maw={180}
          data-autofocus
          required
        />
      )}
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        required
      />
      <Select
        label="New tickets are"
        data={[
          { value: 'incident', label: 'Incidents' },
          { value: 'request', label: 'Requests' },
        ]}
        value={kind}
        onChange={(value) => setKind((value ?? 'incident') as TicketKind)}
        error={errors.default_kind}
      />
      <Checkbox
        label="Private"
        description="Only its members and administrators see its tickets."
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
          {project ? 'Save' : 'Create the project'}
        </Button>
      </div>
    </form>
  );
}
