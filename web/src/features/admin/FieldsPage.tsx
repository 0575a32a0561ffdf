import {
  ActionIcon,
  Button,
  Checkbox,
  Drawer,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconForms, IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import type { Field, FieldBody, FieldKind, FieldOption, TicketKind } from '../../api/types.ts';
import { ApiError, api, errorText, formErrors } from '../../lib/api.ts';
import { projectChoices } from '../../lib/choices.ts';
import { FIELD_KINDS, fieldKey, fieldsQuery, hasOptions, isBlank } from '../../lib/fields.ts';
import { useCan } from '../../lib/session.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FieldInput } from '../../ui/FieldInput.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { useChange } from './queries.ts';
import { Versions } from './Versions.tsx';

const route = getRouteApi('/shell/admin/fields');

const KINDS: Record<TicketKind, string> = { incident: 'Incidents', request: 'Requests' };
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
export function bodyOf(draft: Draft): FieldBody {
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

function Options({
  options,
  stored,
  onChange,
  errors,
  disabled,
}: {
  options: readonly FieldOption[];
  /** Those that tickets may have: they are retired rather than removed. */
  stored: ReadonlySet<string>;
  onChange: (options: FieldOption[]) => void;
  errors: Record<string, string>;
  disabled: boolean;
}) {
  const change = (index: number, part: Partial<FieldOption>) =>
    onChange(options.map((each, at) => (at === index ? { ...each, ...part } : each)));
  const move = (from: number, to: number) => {
    const next = [...options];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  return (
    <fieldset className="stack" style={{ gap: 6 }}>
      <legend className="b">Options</legend>
      {options.map((option, index) => {
        const named = option.name || `option ${index + 1}`;
        const kept = stored.has(option.key);
        return (
          <div key={index} className="row" style={{ alignItems: 'flex-start', gap: 4 }}>
            <TextInput
              className="grow"
              aria-label={`Option ${index + 1}`}
              value={option.name}
              onChange={(event) => {
                const name = event.currentTarget.value;
                change(index, { name, ...(!kept && { key: fieldKey(name) }) });
              }}
              error={errors[`options[${index}].name`] ?? errors[`options[${index}].key`]}
              disabled={disabled}
            />
            {kept && (
              <Checkbox
                label="Retired"
                aria-label={`${named} is retired`}
                checked={option.retired ?? false}
                onChange={(event) => change(index, { retired: event.currentTarget.checked })}
                disabled={disabled}
                mt={6}
              />
            )}
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${named} up`}
              disabled={disabled || index === 0}
              onClick={() => move(index, index - 1)}
            >
              <IconArrowUp size={14} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${named} down`}
              disabled={disabled || index === options.length - 1}
              onClick={() => move(index, index + 1)}
            >
              <IconArrowDown size={14} />
            </ActionIcon>
            {!kept && (
              <ActionIcon
                variant="subtle"
                aria-label={`Remove ${named}`}
                disabled={disabled}
                onClick={() => onChange(options.filter((_, at) => at !== index))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {errors.options && <p className="c-critical xs">{errors.options}</p>}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          disabled={disabled}
          onClick={() => onChange([...options, { key: '', name: '' }])}
        >
          Add an option
        </Button>
      </div>
    </fieldset>
  );
}

function Form({ field, onDone }: { field?: Field; onDone: () => void }) {
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
        <Options
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

const columns: ColumnDef<Field>[] = [
  { id: 'name', header: 'Name', cell: ({ row }) => <span className="b">{row.original.definition.name}</span> },
  {
    id: 'kind',
    header: 'Holds',
    cell: ({ row }) => <span className="t2">{FIELD_KINDS[row.original.definition.kind]}</span>,
    meta: { grow: true },
  },
  {
    id: 'tickets',
    header: 'Tickets',
    cell: ({ row: { original: field } }) => (
      <span className="t2">
        {field.definition.ticket_kinds.map((kind) => KINDS[kind]).join(', ') || 'all'}
        {field.definition.projects.length > 0 &&
          `, ${field.definition.projects.length === 1 ? 'one project' : `${field.definition.projects.length} projects`}`}
      </span>
    ),
    meta: { hidePhone: true },
  },
  {
    id: 'customers',
    header: 'Customers',
    cell: ({ row }) => <span className="t2">{row.original.definition.customers}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'required',
    header: 'Required',
    cell: ({ row }) => row.original.definition.required && <span className="tag info">required</span>,
    meta: { hidePhone: true },
  },
];

/** Fields of one's own on tickets. */
export function FieldsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/fields' });
  const fields = useQuery(fieldsQuery);
  const mayManage = useCan('fields:manage');
  const open = (field: string | undefined) => void navigate({ search: field ? { field } : {} });
  const chosen = fields.data?.items.find(({ key }) => key === search.field);
  return (
    <>
      <PageHeader
        title="Custom fields"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: mayManage, reason: 'You miss the permission fields:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New field"
            onClick={() => void navigate({ search: { create: true } })}
          >
            New field
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Custom fields">
          <QueryState query={fields} what="the custom fields">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="There is no custom field" icon={IconForms}>
                  A field holds what your tickets need beside the usual: a cost centre, a serial number, a building. It
                  stands on tickets, in forms, in queries and in lists.
                </EmptyState>
              ) : (
                <DataTable
                  label="Custom fields"
                  rows={items}
                  columns={columns}
                  rowId={(row) => row.key}
                  onOpen={(row) => open(row.key)}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer
        opened={chosen !== undefined || (Boolean(search.create) && mayManage)}
        onClose={() => open(undefined)}
        title={chosen?.definition.name ?? 'New field'}
        size={560}
      >
        <Form key={chosen?.key ?? 'new'} {...(chosen && { field: chosen })} onDone={() => open(undefined)} />
        {chosen && (
          <div style={{ marginTop: 14 }}>
            <Versions
              kind="field"
              of={chosen.key}
              what="this version"
              action={findAction(chosen.actions, 'edit')}
              onRestored={() => open(undefined)}
            />
          </div>
        )}
      </Drawer>
    </>
  );
}
