import { Button, Checkbox, MultiSelect, NumberInput, Radio, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Field, FieldBody, FieldKind, FieldOption, TicketKind } from '../../api/types.ts';
import { ApiError, api, errorText, formErrors } from '../../lib/api.ts';
import { projectChoices } from '../../lib/choices.ts';
import { FIELD_KINDS, fieldKey, hasOptions, isBlank } from '../../lib/fields.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { FieldInput } from '../../ui/FieldInput.tsx';
import { FieldOptions } from './FieldOptions.tsx';
import { useChange } from './queries.ts';

/** Kinds of tickets, in many. */
export const KINDS: Record<TicketKind, string> = { incident: 'Incidents', request: 'Requests' };
const CUSTOMERS: Record<FieldBody['customers'], string> = {
  hidden: 'do not see it',
  read: 'see it',
  write: 'see it, and fill it when they ask for something',
};

const draftOf = (field: Field | undefined) => {
  const body = field?.definition;
  return {
    name: body?.name ?? '',
    description: body?.description ?? '',
    kind: body?.kind ?? ('text' as FieldKind),
    options: body?.options ?? ([] as FieldOption[]),
    number: body?.number ?? {},
    projects: body?.projects ?? ([] as string[]),
    ticket_kinds: body?.ticket_kinds ?? ([] as TicketKind[]),
    required: body?.required ?? false,
    customers: body?.customers ?? ('hidden' as const),
    default: body?.default ?? (null as unknown),
  };
};
type Draft = ReturnType<typeof draftOf>;

/** The definition as the server takes it: what other kinds have is left out. */
function bodyOf(draft: Draft): FieldBody {
  const { min, max, decimals, unit } = draft.number;
  const number = {
    ...(min != null && { min }),
    ...(max != null && { max }),
    ...(decimals != null && { decimals }),
    ...(unit && { unit }),
  };
  return {
    name: draft.name.trim(),
    ...(draft.description.trim() && { description: draft.description.trim() }),
    kind: draft.kind,
    ...(hasOptions(draft.kind) && { options: draft.options }),
    ...(draft.kind === 'number' && Object.keys(number).length > 0 && { number }),
    projects: draft.projects,
    ticket_kinds: draft.ticket_kinds,
    required: draft.required,
    customers: draft.customers,
    ...(!isBlank(draft.default) && { default: draft.default }),
  };
}

const PLACED =
  /^(name|description|kind|options(\[\d+\]\.(name|key))?|number\.(min|max|decimals|unit)|projects|default)$/;

/** Defines a field, or changes its definition. */
export function FieldForm({ field, onDone }: { field?: Field; onDone: () => void }) {
  const edited = useVersioned(field, draftOf);
  const { draft, set } = edited;
  const [deleting, setDeleting] = useState(false);
  const projects = useQuery(projectChoices('')).data ?? [];
  const may = field ? findAction(field.actions, 'edit') : undefined;
  const locked = may ? !may.allowed : false;
  const save = useChange('field', () =>
    api.put<Field>(`/fields/${field?.key ?? fieldKey(draft.name)}`, bodyOf(draft), { ifMatch: edited.version ?? 0 }),
  );
  const remove = useChange('field', () =>
    api.delete(`/fields/${field?.key}`, undefined, { ifMatch: field?.version ?? 0 }),
  );
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const errors: Record<string, string> = {
    ...formErrors(save.error),
    ...(stale && !field && { name: 'There is a field of this name. Open that one, or choose another name.' }),
  };
  const elsewhere = Object.entries(errors).filter(([path]) => !PLACED.test(path));
  const stored = new Set(field?.used ? (field.definition.options ?? []).map(({ key }) => key) : []);
  const project = (id: string) => projects.find(({ value }) => value === id)?.label ?? id;
  const words: FieldWords<Draft> = {
    name: { label: 'Name', text: (value) => value },
    description: { label: 'Description', text: (value) => value },
    kind: { label: 'What it holds', text: (value) => FIELD_KINDS[value] },
    options: { label: 'Options', text: (value) => value.map(({ name }) => name).join('\n') },
    number: {
      label: 'Number',
      text: (value) =>
        Object.entries(value)
          .map(([name, each]) => `${name} ${each}`)
          .join(', '),
    },
    projects: { label: 'Projects', text: (value) => value.map(project).join(', ') || 'all' },
    ticket_kinds: { label: 'Tickets', text: (value) => value.map((kind) => KINDS[kind]).join(', ') || 'all' },
    required: { label: 'Must be filled', text: (value) => (value ? 'yes' : 'no') },
    customers: { label: 'Customers', text: (value) => CUSTOMERS[value] },
    default: { label: 'Default', text: (value) => (isBlank(value) ? '' : JSON.stringify(value)) },
  };
  const rule = (name: 'min' | 'max' | 'decimals', label: string) => (
    <NumberInput
      label={label}
      value={draft.number[name] ?? ''}
      onChange={(value) => {
        const { [name]: _before, ...rest } = draft.number;
        set({ number: typeof value === 'number' ? { ...rest, [name]: value } : rest });
      }}
      error={errors[`number.${name}`]}
      disabled={locked}
      hideControls
    />
  );
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: ({ definition }) => {
            toastOk(`${definition.name} is saved`);
            onDone();
          },
        });
      }}
    >
      <TextInput
        label="Name"
        description={field ? `Queries know it by this name, or as ${field.key}.` : 'Queries know it by this name.'}
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={errors.name}
        disabled={locked}
        required
        data-autofocus
      />
      <Textarea
        label="Description"
        description="For those who fill it."
        value={draft.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
        error={errors.description}
        disabled={locked}
        autosize
        minRows={2}
      />
      <Select
        label="What it holds"
        description={field?.used ? 'Tickets have values of it, so this stays.' : undefined}
        data={Object.entries(FIELD_KINDS).map(([value, label]) => ({ value, label }))}
        value={draft.kind}
        onChange={(kind) => kind && set({ kind: kind as FieldKind, default: null })}
        error={errors.kind}
        disabled={locked || (field?.used ?? false)}
        allowDeselect={false}
      />
      {hasOptions(draft.kind) && (
        <FieldOptions
          options={draft.options}
          stored={stored}
          onChange={(options) => {
            if (save.isError && options.length !== draft.options.length) save.reset();
            set({ options });
          }}
          errors={errors}
          disabled={locked}
        />
      )}
      {draft.kind === 'number' && (
        <fieldset className="columns-2">
          <legend className="vh">What numbers it takes</legend>
          {rule('min', 'Smallest')}
          {rule('max', 'Greatest')}
          {rule('decimals', 'Digits behind the point')}
          <TextInput
            label="Unit"
            placeholder="EUR"
            value={draft.number.unit ?? ''}
            onChange={(event) => set({ number: { ...draft.number, unit: event.currentTarget.value } })}
            error={errors['number.unit']}
            disabled={locked}
          />
        </fieldset>
      )}
      <MultiSelect
        label="Projects"
        description="Whose tickets have it; all, if none is chosen."
        placeholder={draft.projects.length === 0 ? 'All projects' : ''}
        data={[
          ...projects,
          ...draft.projects
            .filter((id) => !projects.some(({ value }) => value === id))
            .map((id) => ({ value: id, label: id })),
        ]}
        value={draft.projects}
        onChange={(ids) => set({ projects: ids })}
        error={errors.projects}
        disabled={locked}
        searchable
        clearable
      />
      <MultiSelect
        label="Tickets"
        placeholder={draft.ticket_kinds.length === 0 ? 'Incidents and requests' : ''}
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={draft.ticket_kinds}
        onChange={(kinds) => set({ ticket_kinds: kinds as TicketKind[] })}
        error={errors.ticket_kinds}
        disabled={locked}
        clearable
      />
      <Checkbox
        label="Must be filled when somebody opens a ticket"
        checked={draft.required}
        onChange={(event) => set({ required: event.currentTarget.checked })}
        disabled={locked}
      />
      <Radio.Group
        label="Customers"
        value={draft.customers}
        onChange={(customers) => set({ customers: customers as FieldBody['customers'] })}
        error={errors.customers}
      >
        <div className="stack" style={{ gap: 12, marginTop: 4 }}>
          {Object.entries(CUSTOMERS).map(([value, label]) => (
            <Radio key={value} value={value} label={label} disabled={locked} />
          ))}
        </div>
      </Radio.Group>
      <FieldInput
        field={{
          ...draft,
          name: 'Default',
          description: 'What a new ticket has where nothing else is given.',
          required: false,
        }}
        value={draft.default}
        onChange={(value) => set({ default: value })}
        error={errors.default}
        disabled={locked}
      />
      {save.isError && !stale && (
        <p className="c-critical" role="alert">
          {elsewhere.length < Object.keys(errors).length
            ? 'Not saved: see what is marked above.'
            : errorText(save.error)}{' '}
          {elsewhere.map(([path, message]) => `${path}: ${message}`).join(' ')}
        </p>
      )}
      {stale && field && edited.clashes.length === 0 && (
        <p className="note" role="alert">
          Somebody else changed it meanwhile. Their changes are in the form now; save again.
        </p>
      )}
      <Conflict what="the field" edited={edited} words={words} />
      <div className="row wrap">
        <Button type="submit" loading={save.isPending} disabled={locked || edited.clashes.length > 0}>
          {field ? 'Save' : 'Create the field'}
        </Button>
        {locked && <span className="t3 xs">{may?.reason}</span>}
        <ConflictReason edited={edited} />
        {field && (
          <ActionButton action={findAction(field.actions, 'delete')} color="port" onClick={() => setDeleting(true)}>
            Delete
          </ActionButton>
        )}
      </div>
      {field && (
        <ConfirmDialog
          opened={deleting}
          onClose={() => setDeleting(false)}
          title={`Delete ${field.definition.name}?`}
          confirm="Delete the field"
          loading={remove.isPending}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                toastOk(`${field.definition.name} is deleted`);
                onDone();
              },
              onError: (error) => toastError(error, `${field.definition.name} is still there`),
            })
          }
        >
          {field.used
            ? 'Tickets no longer show it, and queries that name it no longer work. The values stay, and come back with a field of the same key and kind.'
            : 'No ticket has a value of it. Queries that name it no longer work.'}
        </ConfirmDialog>
      )}
    </form>
  );
}
