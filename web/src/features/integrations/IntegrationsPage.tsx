import { Button, Drawer } from '@mantine/core';
import { IconHeartbeat, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Integration } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { IntegrationForm } from './IntegrationForm.tsx';
import { KINDS } from './kinds.ts';
import { integrationsQuery } from './queries.ts';

const route = getRouteApi('/shell/integrations');

const columns: ColumnDef<Integration>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row }) => (
      <>
        <Link to="/integrations/$id" params={{ id: row.original.id }}>
          {row.original.name}
        </Link>
        <span className="xs t3 only-phone cut" style={{ display: 'block' }}>
          {KINDS[row.original.kind].label}
        </span>
      </>
    ),
    meta: { grow: true },
  },
  {
    id: 'kind',
    header: 'Kind',
    cell: ({ row }) => KINDS[row.original.kind].label,
    meta: { hidePhone: true },
  },
  {
    id: 'team',
    header: 'Team',
    cell: ({ row }) => row.original.team?.name ?? <span className="t3">none</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'key',
    header: 'Key',
    cell: ({ row }) => <span className="mono t2">{row.original.key_prefix}…</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'accepted',
    header: 'Accepted',
    cell: ({ row }) => row.original.event_counts.accepted,
    meta: { align: 'right', hidePhone: true },
  },
  {
    id: 'rejected',
    header: 'Rejected',
    cell: ({ row }) => (
      <span className={row.original.event_counts.rejected ? 'c-warn b' : undefined}>
        {row.original.event_counts.rejected}
      </span>
    ),
    meta: { align: 'right', hidePhone: true },
  },
  {
    id: 'last',
    header: 'Last event',
    cell: ({ row }) =>
      row.original.last_event_at ? (
        <RelativeTime at={row.original.last_event_at} short />
      ) : (
        <span className="t3">never</span>
      ),
    meta: { align: 'right' },
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ row }) =>
      row.original.enabled ? <StatusBadge tone="ok">On</StatusBadge> : <StatusBadge tone="hold">Paused</StatusBadge>,
  },
];

/** What sends alerts, and when each was last heard. */
export function IntegrationsPage() {
  const { create } = route.useSearch();
  const navigate = useNavigate({ from: '/integrations' });
  const integrations = useQuery(integrationsQuery);
  const may = useCan('integrations:manage');
  const open = (on: boolean) => void navigate({ search: on ? { create: true } : {} });
  return (
    <>
      <PageHeader
        title="Alert sources"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: may, reason: 'You miss the permission integrations:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New alert source"
            onClick={() => open(true)}
          >
            New alert source
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Alert sources">
          <QueryState query={integrations} what="the alert sources">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState
                  title="Nothing sends alerts yet"
                  icon={IconHeartbeat}
                  action={
                    may && (
                      <Button variant="default" onClick={() => open(true)}>
                        New alert source
                      </Button>
                    )
                  }
                >
                  Give Alertmanager, a script or an Opsgenie client a key, and its alerts arrive here.
                </EmptyState>
              ) : (
                <DataTable
                  label="Alert sources"
                  rows={items}
                  columns={columns}
                  rowId={(row) => row.id}
                  onOpen={(row) => void navigate({ to: '/integrations/$id', params: { id: row.id } })}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer
        opened={Boolean(create) && may}
        onClose={() => open(false)}
        title="New alert source"
        size={620}
        closeOnClickOutside={false}
      >
        <IntegrationForm onDone={({ id }) => void navigate({ to: '/integrations/$id', params: { id } })} />
      </Drawer>
    </>
  );
}
