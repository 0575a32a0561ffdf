import { Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAlertOctagon, IconBellRinging, IconHandStop, IconPlus, IconSearch, IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useRef, useState } from 'react';
import type { Ticket, TicketKind } from '../../api/types.ts';
import { peopleChoices, projectChoices, serviceChoices, teamChoices } from '../../lib/choices.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { byUrgency, useHours } from '../../lib/sla.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Filters } from '../../ui/Filters.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { SlaClock } from '../../ui/SlaClock.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { type TicketFilter, ticketsQuery } from './queries.ts';
import classes from './Tickets.module.css';
import { KINDS, PRIORITIES } from './words.ts';

const route = getRouteApi('/shell/tickets');

/** The glyph of a ticket's kind; its word is read out. */
export function KindIcon({ kind }: { kind: TicketKind }) {
  const Icon = kind === 'incident' ? IconAlertOctagon : IconHandStop;
  return (
    <span className={classes.kind} title={KINDS[kind]}>
      <Icon size={15} stroke={1.75} aria-hidden="true" />
      <span className="vh">{KINDS[kind]}</span>
    </span>
  );
}

const columns: ColumnDef<Ticket>[] = [
  {
    id: 'priority',
    header: () => (
      <>
        <span aria-hidden="true">P</span>
        <span className="vh">Priority</span>
      </>
    ),
    cell: ({ row }) => <PriorityPennant priority={row.original.priority} />,
    meta: { width: 44, sort: 'priority' },
  },
  {
    id: 'key',
    header: 'Key',
    cell: ({ row }) => (
      <Link className="key" to="/tickets/$key" params={{ key: row.original.key }}>
        {row.original.key}
      </Link>
    ),
    meta: { hidePhone: true },
  },
  {
    id: 'summary',
    header: 'Summary',
    cell: ({ row: { original: ticket } }) => (
      <>
        <span className={classes.sum}>
          <KindIcon kind={ticket.kind} />
          <Link to="/tickets/$key" params={{ key: ticket.key }}>
            {ticket.summary}
          </Link>
          {ticket.alert_count > 0 && (
            <span className="cnt" title={ticket.alert_count === 1 ? 'One alert' : `${ticket.alert_count} alerts`}>
              <IconBellRinging size={11} aria-hidden="true" /> {ticket.alert_count}
              <span className="vh">{ticket.alert_count === 1 ? 'alert' : 'alerts'}</span>
            </span>
          )}
        </span>
        <span className={`xs t3 ${classes.fact}`}>
          {ticket.key} · {ticket.status.name} · {ticket.assignee?.name ?? 'Nobody'}
        </span>
      </>
    ),
    meta: { grow: true },
  },
  {
    id: 'service',
    header: 'Service',
    cell: ({ row }) => <span className="t2">{row.original.service?.name ?? ''}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ row }) => <TicketStatus status={row.original.status} />,
    meta: { hidePhone: true },
  },
  {
    id: 'assignee',
    header: 'Assignee',
    cell: ({ row }) => <PersonName person={row.original.assignee} />,
    meta: { hidePhone: true },
  },
  {
    id: 'sla',
    header: 'SLA',
    cell: ({ row }) => {
      const clock = byUrgency(row.original.slas ?? [])[0];
      return clock && <SlaClock clock={clock} />;
    },
    meta: { hidePhone: true },
  },
  {
    id: 'created',
    header: 'Created',
    cell: ({ row }) => (
      <span className="t3">
        <RelativeTime at={row.original.created_at} short />
      </span>
    ),
    meta: { align: 'right', sort: 'created', hidePhone: true },
  },
  {
    id: 'updated',
    header: 'Updated',
    cell: ({ row }) => (
      <span className="t3">
        <RelativeTime at={row.original.updated_at} short />
      </span>
    ),
    meta: { align: 'right', sort: 'updated' },
  },
];

/** Tickets by filter; all of it is in the address. Customers see their own. */
export function TicketsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/tickets' });
  const me = useMe();
  const { view, project, kind, assignee, team, service, priority, text, sort = '-updated' } = search;
  const filter: TicketFilter = {
    ...(view !== 'all' && { status_category: view ?? 'open' }),
    ...(project && { project }),
    ...(kind && { kind }),
    ...(assignee && { assignee }),
    ...(team && { team }),
    ...(service && { service }),
    ...(priority && { priority }),
    ...(text && { text }),
    sort,
  };
  const tickets = useInfiniteQuery(ticketsQuery(filter));
  const agent = useCan('tickets:read');
  const mayWrite = useCan('tickets:write');
  const mayRaise = useCan('requests:raise');
  const [typed, setTyped] = useState(text ?? '');
  const field = useRef<HTMLInputElement>(null);
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }) });
  const find = useDebouncedCallback((next: string) => {
    void navigate({ search: (old) => ({ ...old, text: next.trim() || undefined }), replace: true });
  }, 250);
  useShortcut('/', 'Search tickets', () => field.current?.focus());
  const rows = tickets.data?.pages.flatMap(({ items }) => items) ?? [];
  useHours(
    rows.flatMap(({ slas }) => slas ?? []),
    () => void tickets.refetch(),
  );
  const filtered = Boolean(project || kind || assignee || team || service || priority || text || view);
  const person = assignee && assignee !== 'me' && assignee !== 'none' ? assignee : undefined;
  return (
    <>
      <PageHeader
        title={agent ? 'Tickets' : 'My requests'}
        after={
          tickets.data && (
            <span className="cnt">
              {rows.length}
              {tickets.hasNextPage && '+'}
            </span>
          )
        }
        actions={
          <ActionButton
            variant="filled"
            action={{
              name: 'create',
              allowed: mayWrite || mayRaise,
              reason: 'You miss the permission tickets:write or requests:raise',
            }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New ticket"
            onClick={() => void navigate({ to: '/tickets/new', search: project ? { project } : {} })}
          >
            New ticket
          </ActionButton>
        }
      />
      <div className="page-body">
        <Filters
          active={[project, kind, assignee, team, service, priority].filter((value) => value !== undefined).length}
          first={
            <>
              <SegmentedControl
                aria-label="Status"
                value={view ?? 'open'}
                onChange={(value) => set({ view: value === 'open' ? undefined : (value as NonNullable<typeof view>) })}
                data={[
                  { value: 'open', label: 'Open' },
                  { value: 'todo', label: 'New' },
                  { value: 'doing', label: 'In work' },
                  { value: 'waiting', label: 'Waiting' },
                  { value: 'done', label: 'Done' },
                  { value: 'all', label: 'All' },
                ]}
              />
              <TextInput
                ref={field}
                aria-label="Search tickets"
                placeholder="Words or a key"
                leftSection={<IconSearch size={15} />}
                rightSection={<kbd className="hide-phone">/</kbd>}
                value={typed}
                onChange={(event) => {
                  setTyped(event.currentTarget.value);
                  find(event.currentTarget.value);
                }}
                onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
                w={220}
              />
            </>
          }
        >
          {agent && (
            <>
              <RecordSelect
                aria-label="Project"
                placeholder="Project"
                source={projectChoices}
                value={project}
                onChange={(id) => set({ project: id ?? undefined })}
                w={150}
              />
              <Select
                aria-label="Kind"
                placeholder="Kind"
                data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
                value={kind ?? null}
                onChange={(value) => set({ kind: (value as TicketKind | null) ?? undefined })}
                clearable
                w={110}
              />
              <Button
                variant={assignee === 'me' ? 'light' : 'default'}
                aria-pressed={assignee === 'me'}
                onClick={() => set({ assignee: assignee === 'me' ? undefined : 'me' })}
              >
                Mine
              </Button>
              <Button
                variant={assignee === 'none' ? 'light' : 'default'}
                aria-pressed={assignee === 'none'}
                onClick={() => set({ assignee: assignee === 'none' ? undefined : 'none' })}
              >
                Nobody’s
              </Button>
              <RecordSelect
                aria-label="Assignee"
                placeholder="Assignee"
                source={peopleChoices}
                value={assignee === 'me' ? me.id : person}
                current={me}
                onChange={(id) => set({ assignee: id ?? undefined })}
                w={150}
              />
              <RecordSelect
                aria-label="Team"
                placeholder="Team"
                source={teamChoices}
                value={team}
                onChange={(id) => set({ team: id ?? undefined })}
                w={130}
              />
              <RecordSelect
                aria-label="Service"
                placeholder="Service"
                source={serviceChoices}
                value={service}
                onChange={(id) => set({ service: id ?? undefined })}
                w={140}
              />
              <MultiSelect
                aria-label="Priority"
                placeholder={priority ? undefined : 'Priority'}
                data={PRIORITIES}
                value={priority?.split(',') ?? []}
                onChange={(value) => set({ priority: value.toSorted().join(',') || undefined })}
                clearable
                w={140}
              />
            </>
          )}
        </Filters>
        <section className="panel" aria-label="Tickets">
          <QueryState query={tickets} what="the tickets" rows={12}>
            {() =>
              rows.length === 0 ? (
                <EmptyState
                  title={filtered ? 'No ticket matches' : 'Nothing is open'}
                  icon={IconStack2}
                  action={
                    filtered && (
                      <Button
                        variant="default"
                        onClick={() => {
                          setTyped('');
                          void navigate({ search: {} });
                        }}
                      >
                        Clear the filter
                      </Button>
                    )
                  }
                >
                  {filtered
                    ? 'Nothing fits every part of the filter.'
                    : 'Incidents from alerts and requests from people land here.'}
                </EmptyState>
              ) : (
                <DataTable
                  label="Tickets"
                  rows={rows}
                  columns={columns}
                  rowId={(row) => row.id}
                  onOpen={(row) => void navigate({ to: '/tickets/$key', params: { key: row.key } })}
                  sort={sort}
                  onSort={(next) => set({ sort: next === '-updated' ? undefined : next })}
                  hasMore={tickets.hasNextPage}
                  loadingMore={tickets.isFetchingNextPage}
                  onMore={() => void tickets.fetchNextPage()}
                />
              )
            }
          </QueryState>
        </section>
      </div>
    </>
  );
}
