import { Button, Drawer, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFlag, IconLayoutGrid, IconPlus, IconRoute, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useRef, useState } from 'react';
import type { Service } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { servicesQuery } from './queries.ts';
import { ServiceForm } from './ServiceForm.tsx';
import classes from './Services.module.css';

const route = getRouteApi('/shell/services');

const count = (number: number) => (number > 0 ? <b className="b">{number}</b> : <span className="t3">0</span>);

const columns: ColumnDef<Service>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row }) => (
      <span className={classes.name}>
        <Link to="/services/$id" params={{ id: row.original.id }}>
          {row.original.name}
        </Link>
        {row.original.open_alerts > 0 && (
          <span className="tag critical only-phone" style={{ marginLeft: 6 }}>
            {row.original.open_alerts} open
          </span>
        )}
      </span>
    ),
  },
  { id: 'tier', header: 'Tier', cell: ({ row }) => <span className="tag line">Tier {row.original.tier}</span> },
  {
    id: 'owner',
    header: 'Owner',
    cell: ({ row }) => row.original.owner_team?.name ?? <span className="c-warn">Nobody</span>,
  },
  {
    id: 'policy',
    header: 'Pages through',
    cell: ({ row }) => <span className="t2">{row.original.escalation_policy?.name ?? 'the team’s policy'}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'description',
    header: 'What it does',
    cell: ({ row }) => <span className="t2">{row.original.description}</span>,
    meta: { grow: true, hidePhone: true },
  },
  {
    id: 'alerts',
    header: 'Open alerts',
    cell: ({ row }) => count(row.original.open_alerts),
    meta: { align: 'right', hidePhone: true },
  },
  {
    id: 'tickets',
    header: 'Open tickets',
    cell: ({ row }) => count(row.original.open_tickets),
    meta: { align: 'right', hidePhone: true },
  },
];

/** What the organisation runs, and who answers for it. */
export function ServicesPage() {
  const { query, create } = route.useSearch();
  const navigate = useNavigate({ from: '/services' });
  const services = useInfiniteQuery(servicesQuery(query));
  const mayManage = useCan('services:manage');
  const [typed, setTyped] = useState(query ?? '');
  const field = useRef<HTMLInputElement>(null);
  const find = useDebouncedCallback((text: string) => {
    void navigate({ search: (old) => ({ ...old, query: text.trim() || undefined }), replace: true });
  }, 250);
  useShortcut('/', 'Search services', () => field.current?.focus());
  const rows = services.data?.pages.flatMap(({ items }) => items) ?? [];
  const setCreate = (on: boolean) => void navigate({ search: (old) => ({ ...old, create: on || undefined }) });
  const action = { name: 'create', allowed: mayManage, reason: 'You miss the permission services:manage' };
  return (
    <>
      <PageHeader
        title="Services"
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconRoute size={16} />}
              onClick={() => void navigate({ to: '/services/rules' })}
            >
              Rules
            </Button>
            <Button
              variant="default"
              leftSection={<IconFlag size={16} />}
              onClick={() => void navigate({ to: '/services/incidents' })}
            >
              Incidents<span className="hide-phone">&nbsp;from alerts</span>
            </Button>
            <ActionButton
              variant="filled"
              action={action}
              leftSection={<IconPlus size={16} />}
              shortcut="C"
              label="New service"
              onClick={() => setCreate(true)}
            >
              New service
            </ActionButton>
          </>
        }
      />
      <div className="page-body">
        <TextInput
          ref={field}
          aria-label="Search services"
          placeholder="Name or key"
          leftSection={<IconSearch size={15} />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            find(event.currentTarget.value);
          }}
          w={260}
        />
        <section className="panel" aria-label="Services">
          <QueryState query={services} what="the services" rows={8}>
            {() =>
              rows.length === 0 ? (
                <EmptyState
                  title={query ? 'No service matches' : 'There is no service yet'}
                  icon={IconLayoutGrid}
                  action={
                    query ? (
                      <Button
                        variant="default"
                        onClick={() => {
                          setTyped('');
                          void navigate({ search: {} });
                        }}
                      >
                        Clear the filter
                      </Button>
                    ) : (
                      <ActionButton action={action} onClick={() => setCreate(true)}>
                        Add the first service
                      </ActionButton>
                    )
                  }
                >
                  {query
                    ? 'Try another name.'
                    : 'A service says how much hangs on it and who answers for it. Alerts find theirs by rules.'}
                </EmptyState>
              ) : (
                <DataTable
                  label="Services"
                  rows={rows}
                  columns={columns}
                  rowId={(row) => row.id}
                  onOpen={(row) => void navigate({ to: '/services/$id', params: { id: row.id } })}
                  hasMore={services.hasNextPage}
                  loadingMore={services.isFetchingNextPage}
                  onMore={() => void services.fetchNextPage()}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer
        opened={Boolean(create) && mayManage}
        onClose={() => setCreate(false)}
        title="New service"
        size={500}
        position="right"
      >
        <ServiceForm onDone={({ id }) => void navigate({ to: '/services/$id', params: { id } })} />
      </Drawer>
    </>
  );
}
