import { Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconSearch, IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Queue, TicketKind } from '../../api/types.ts';
import { ApiError } from '../../lib/api.ts';
import { peopleChoices, projectChoices, serviceChoices, teamChoices } from '../../lib/choices.ts';
import { fieldsQuery } from '../../lib/fields.ts';
import { sortOf, splitOrder, withSort } from '../../lib/query.ts';
import { countText, queuesQuery } from '../../lib/queues.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useHours } from '../../lib/sla.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Filters } from '../../ui/Filters.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryBar } from '../../ui/QueryBar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { QueueList } from '../../ui/QueueList.tsx';
import layout from '../../ui/Queues.module.css';
import { ColumnsMenu, QueueTools } from '../../ui/QueueTools.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { useBulkEdit } from './BulkEdit.tsx';
import { columnNames, columnsOf, USUAL } from './columns.tsx';
import { countQuery, type TicketFilter, ticketsQuery } from './queries.ts';
import classes from './Tickets.module.css';
import { KINDS, PRIORITIES } from './words.ts';

const route = getRouteApi('/shell/tickets');

/** Nothing but an ORDER BY narrows nothing. */
const narrows = (query: string) => splitOrder(query).condition !== '';

/** Tickets by queue, query and filter; all of it is in the address. Customers see their own. */
export function TicketsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/tickets' });
  const me = useMe();
  const agent = useCan('tickets:read');
  const queues = useQuery({ ...queuesQuery('tickets'), enabled: agent });
  const able = agent && queues.data !== undefined;
  const queue = queues.data?.items.find(({ id }) => id === search.queue);
  const { project, kind, assignee, team, service, priority, text, sort = '-updated' } = search;
  const query = search.query ?? queue?.query ?? '';
  // A query says itself which states it is about; without one, what is done is left out.
  const usual = narrows(query) ? 'all' : 'open';
  const view = search.view ?? usual;
  const columns = search.columns?.split(',') ?? queue?.columns ?? USUAL;
  const filter: TicketFilter = {
    ...(query && { query }),
    ...(view !== 'all' && { status_category: view }),
    ...(project && { project }),
    ...(kind && { kind }),
    ...(assignee && { assignee }),
    ...(team && { team }),
    ...(service && { service }),
    ...(priority && { priority }),
    ...(text && { text }),
    sort,
  };
  const waits = agent && search.queue !== undefined && search.query === undefined && queues.isPending;
  const broken = search.query === undefined ? queue?.broken : undefined;
  const tickets = useInfiniteQuery({ ...ticketsQuery(filter), enabled: !waits && !broken });
  const count = useQuery({ ...countQuery(filter), enabled: able && !waits && !broken }).data;
  const misread = tickets.error instanceof ApiError && tickets.error.code === 'query_invalid';
  const mayWrite = useCan('tickets:write');
  const mayRaise = useCan('requests:raise');
  const [typed, setTyped] = useState(text ?? '');
  const field = useRef<HTMLInputElement>(null);
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }) });
  const find = useDebouncedCallback((next: string) => {
    void navigate({ search: (old) => ({ ...old, text: next.trim() || undefined }), replace: true });
  }, 250);
  const bar = useRef<{ focus: () => void }>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<string>();
  // Another list: what was selected in the one before is out of sight.
  const shows = JSON.stringify(filter);
  const [shown, setShown] = useState(shows);
  if (shown !== shows) {
    setShown(shows);
    if (selected.size > 0) setSelected(new Set());
  }
  useShortcut('/', able ? 'Query' : 'Search tickets', () => (able ? bar.current : field.current)?.focus());
  const rows = tickets.data?.pages.flatMap(({ items }) => items) ?? [];
  useHours(
    rows.flatMap(({ slas }) => slas ?? []),
    () => void tickets.refetch(),
  );
  const filtered = Boolean(
    project || kind || assignee || team || service || priority || text || search.view || narrows(query),
  );
  const order = sortOf(query) ?? sort;
  const fields = useQuery({ ...fieldsQuery, enabled: agent }).data?.items ?? [];
  const names = columnNames(fields);
  const bulk = useBulkEdit({
    chosen: rows.filter(({ id }) => selected.has(id)),
    current: rows.find(({ id }) => id === cursor),
    onSelect: setSelected,
    enabled: agent,
  });
  const sortBy = (next: string) =>
    query ? set({ query: withSort(query, next) }) : set({ sort: next === '-updated' ? undefined : next });
  const choose = (chosen: Queue | undefined) => {
    setTyped('');
    void navigate({ search: chosen ? { queue: chosen.id } : {} });
  };
  const person = assignee && assignee !== 'me' && assignee !== 'none' ? assignee : undefined;
  return (
    <>
      <PageHeader
        title={queue?.name ?? (agent ? 'Tickets' : 'My requests')}
        after={
          tickets.data && (
            <span className="cnt">{count ? countText(count) : `${rows.length}${tickets.hasNextPage ? '+' : ''}`}</span>
          )
        }
        actions={
          <>
            {able && (
              <ColumnsMenu
                columns={columns}
                onChange={(next) => set({ columns: next.join(',') })}
                all={names}
                usual={USUAL}
                fixed="summary"
              />
            )}
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
          </>
        }
      />
      <div className={able ? layout.queues : undefined}>
        {able && <QueueList over="tickets" queues={queues.data?.items ?? []} chosen={queue} onChoose={choose} />}
        <div className={classes.list}>
          <div className="page-body">
            {able && (
              <div className={layout.query}>
                <QueryBar
                  ref={bar}
                  label="Query"
                  path="/tickets/query"
                  value={query}
                  placeholder="All tickets, or a query such as: priority = P1 AND assignee IS EMPTY"
                  onRun={(canonical) => {
                    // A queue without its query shows everything: then it is no longer that queue.
                    if (canonical === '' && search.queue) choose(undefined);
                    else set({ query: canonical === queue?.query ? undefined : canonical || undefined });
                  }}
                  end={<kbd className="hide-phone">/</kbd>}
                />
                <QueueTools
                  over="tickets"
                  key={queue?.id}
                  queue={queue}
                  query={query}
                  columns={columns}
                  changed={search.query !== undefined || search.columns !== undefined}
                  names={names}
                  onSaved={(saved) => void navigate({ search: { queue: saved.id } })}
                  onTheirs={(fields) => set(Object.fromEntries(fields.map((field) => [field, undefined])))}
                  onGone={() => choose(undefined)}
                />
              </div>
            )}
            {agent && search.queue !== undefined && queues.isSuccess && !queue && (
              <p className="note warn">There is no such queue, or you may not see it. These are all open tickets.</p>
            )}
            {queue?.broken && search.query === undefined && (
              <p className="note critical" role="alert">
                This queue cannot be shown: {queue.broken} Mend the query above and save the queue.
              </p>
            )}
            <Filters
              active={[project, kind, assignee, team, service, priority].filter((value) => value !== undefined).length}
              first={
                <>
                  <SegmentedControl
                    aria-label="Status"
                    value={view}
                    onChange={(value) => set({ view: value === usual ? undefined : (value as typeof view) })}
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
                    rightSection={able ? undefined : <kbd className="hide-phone">/</kbd>}
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
            {bulk.report}
            <section className="panel" aria-label="Tickets">
              {broken || misread ? (
                <EmptyState title="The query cannot be understood" icon={IconStack2}>
                  {broken ?? 'What is wrong is marked in the query above.'}
                </EmptyState>
              ) : (
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
                        columns={columnsOf(
                          columns,
                          rows.some(({ slas }) => slas?.length > 0),
                          fields,
                        )}
                        rowId={(row) => row.id}
                        rowName={({ key, summary }) => `${key}, ${summary}`}
                        {...(agent && { selected, onSelect: setSelected })}
                        onCursor={(row) => setCursor(row?.id)}
                        onOpen={(row) => void navigate({ to: '/tickets/$key', params: { key: row.key } })}
                        sort={order}
                        onSort={sortBy}
                        hasMore={tickets.hasNextPage}
                        loadingMore={tickets.isFetchingNextPage}
                        onMore={() => void tickets.fetchNextPage()}
                      />
                    )
                  }
                </QueryState>
              )}
            </section>
          </div>
          {bulk.bar}
        </div>
      </div>
    </>
  );
}
