import { Drawer } from '@mantine/core';
import { IconForms, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Field } from '../../api/types.ts';
import { FIELD_KINDS, fieldsQuery } from '../../lib/fields.ts';
import { useCan } from '../../lib/session.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { FieldForm, KINDS } from './FieldForm.tsx';
import { Versions } from './Versions.tsx';

const route = getRouteApi('/shell/admin/fields');

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
        <FieldForm key={chosen?.key ?? 'new'} {...(chosen && { field: chosen })} onDone={() => open(undefined)} />
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
