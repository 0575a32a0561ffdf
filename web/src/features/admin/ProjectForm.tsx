import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Project, TicketKind } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { useChange } from './queries.ts';

const draftOf = (project: Project | undefined) => ({
  name: project?.name ?? '',
  kind: project?.default_kind ?? ('incident' as TicketKind),
  secret: project?.private ?? false,
});
const WORDS: FieldWords<ReturnType<typeof draftOf>> = {
  name: { label: 'Name', text: (value) => value },
  kind: { label: 'New tickets are', text: (value) => (value === 'incident' ? 'Incidents' : 'Requests') },
  secret: { label: 'Private', text: (value) => (value ? 'yes' : 'no') },
};

/** Makes a project, or changes the one given. A key stays, since tickets carry it. */
export function ProjectForm({ project, onDone }: { project?: Project; onDone: (project: Project) => void }) {
  const [key, setKey] = useState(project?.key ?? '');
  const edited = useVersioned(project, draftOf);
  const { name, kind, secret } = edited.draft;
  const save = useChange('project', () => {
    const body = { name, default_kind: kind, private: secret };
    return project
      ? api.patch<Project>(`/projects/${project.id}`, body, { ifMatch: edited.version ?? project.version })
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
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
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
        onChange={(value) => edited.set({ kind: (value ?? 'incident') as TicketKind })}
        error={errors.default_kind}
      />
      <Checkbox
        label="Private"
        description="Only its members and administrators see its tickets."
        checked={secret}
        onChange={(event) => edited.set({ secret: event.currentTarget.checked })}
      />
      {save.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(save.error)}
        </p>
      )}
      <Conflict what="the project" edited={edited} words={WORDS} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={edited.clashes.length > 0}>
          {project ? 'Save' : 'Create the project'}
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
