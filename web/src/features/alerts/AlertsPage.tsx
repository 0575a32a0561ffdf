import { Button, Drawer } from '@mantine/core';
import { IconBellCheck, IconFilter, IconPlus, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { Alert, Queue } from '../../api/types.ts';
import { ApiError } from '../../lib/api.ts';
import { useNow } from '../../lib/clock.ts';
import { sortOf, splitOrder, withSort } from '../../lib/query.ts';
import { countText, queuesQuery } from '../../lib/queues.ts';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { alertStateOf } from '../../ui/AlertState.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryBar } from '../../ui/QueryBar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { QueueList } from '../../ui/QueueList.tsx';
import layout from '../../ui/Queues.module.css';
import { ColumnsMenu, QueueTools } from '../../ui/QueueTools.tsx';
import { AlertFilters } from './AlertFilters.tsx';
import classes from './Alerts.module.css';
import { AlertsBulk } from './AlertsBulk.tsx';
import { CreateAlertForm } from './CreateAlertForm.tsx';
import { COLUMNS, columnsOf, USUAL } from './columns.tsx';
import { type AlertFilter, alertCountQuery, alertsQuery } from './queries.ts';

const route = getRouteApi('/shell/alerts');
const GROUPS = { open: 'Nobody acknowledged', acked: 'Acknowledged', snoozed: 'Snoozed', closed: 'Closed' } as const;
const ORDER = Object.keys(GROUPS);

/** Nothing but an ORDER BY narrows nothing. */
const narrows = (query: string) => splitOrder(query).condition !== '';

/** Alerts by queue, query and filter; all of it is in the address. Grouped by state unless the query has an order. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/alerts' });
  const now = useNow(30);
  const queues = useQuery(queuesQuery('alerts'));
  const queue = queues.data?.items.find(({ id }) => id === search.queue);
  const { acknowledged, priority, team, service, create } = search;
  const query = search.query ?? queue?.query ?? '';
  // A query says itself which states it is about; without one, what is closed is left out.
  const usual = narrows(query) ? 'all' : 'open';
  const status = search.status ?? usual;
  const columns = search.columns?.split(',') ?? queue?.columns ?? USUAL;
  const filter: AlertFilter = {
    ...(query && { query }),
    ...(status !== 'all' && { status }),
    ...(acknowledged !== undefined && { acknowledged }),
    ...(priority && { priority }),
    ...(team && { team }),
    ...(service && { service }),
  };
  const waits = search.queue !== undefined && search.query === undefined && queues.isPending;
  const broken = search.query === undefined ? queue?.broken : undefined;
  const alerts = useInfiniteQuery({ ...alertsQuery(filter), enabled: !waits && !broken });
  const count = useQuery({ ...alertCountQuery(filter), enabled: !waits && !broken }).data;
  const misread = alerts.error instanceof ApiError && alerts.error.code === 'query_invalid';
  const mayWrite = useCan('alerts:write');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<string>();
  const bar = useRef<{ focus: () => void }>(null);

  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }) });
  const choose = (chosen: Queue | undefined) => void navigate({ search: chosen ? { queue: chosen.id } : {} });
  const sort = sortOf(query);
  const loaded = alerts.data?.pages;
  const rows = useMemo(() => {
    const all = loaded?.flatMap(({ items }) => items) ?? [];
    if (sort) return all;
    const rank = (alert: Alert) => ORDER.indexOf(alertStateOf(alert, now));
    return all.toSorted((a, b) => rank(a) - rank(b) || a.priority.localeCompare(b.priority));
  }, [loaded, now, sort]);
  const chosen = rows.filter(({ id }) => selected.has(id));
  const targets = chosen.length > 0 ? chosen : rows.filter(({ id }) => id === cursor);
  const filtered = Boolean(
    acknowledged !== undefined || priority || team || service || search.status || narrows(query),
  );
  useShortcut('/', 'Query', () => bar.current?.focus());
  const testAction = { name: 'create', allowed: mayWrite, reason: 'You miss the permission alerts:write' };

  return (
    <>
      <PageHeader
        title={queue?.name ?? 'Alerts'}
        after={alerts.data && count && <span className="cnt">{countText(count)}</span>}
        actions={
          <>
            <ColumnsMenu
              columns={columns}
              onChange={(next) => set({ columns: next.join(',') })}
              all={COLUMNS}
              usual={USUAL}
              fixed="title"
            />
            <ActionButton
              variant="filled"
              action={testAction}
              leftSection={<IconPlus size={16} />}
              shortcut="C"
              label="Create an alert"
              onClick={() => set({ create: 'alert' })}
            >
              Create alert
            </ActionButton>
          </>
        }
      />
      <div className={layout.queues}>
        <QueueList over="alerts" queues={queues.data?.items ?? []} chosen={queue} onChoose={choose} />
        <div className="page-body">
          <div className={layout.query}>
            <QueryBar
              ref={bar}
              label="Query"
              path="/alerts/query"
              value={query}
              placeholder="All alerts, or a query such as: priority = P1 AND acknowledged = false"
              onRun={(canonical) => {
                // A queue without its query shows everything: then it is no longer that queue.
                if (canonical === '' && search.queue) choose(undefined);
                else set({ query: canonical === queue?.query ? undefined : canonical || undefined });
              }}
              end={<kbd className="hide-phone">/</kbd>}
            />
            <QueueTools
              key={queue?.id}
              over="alerts"
              queue={queue}
              query={query}
              columns={columns}
              changed={search.query !== undefined || search.columns !== undefined}
              names={COLUMNS}
              onSaved={(saved) => void navigate({ search: { queue: saved.id } })}
              onTheirs={(fields) => set(Object.fromEntries(fields.map((field) => [field, undefined])))}
              onGone={() => choose(undefined)}
            />
          </div>
          {search.queue !== undefined && queues.isSuccess && !queue && (
            <p className="note warn">There is no such queue, or you may not see it. These are all open alerts.</p>
          )}
          {queue?.broken && search.query === undefined && (
            <p className="note critical" role="alert">
              This queue cannot be shown: {queue.broken} Mend the query above and save the queue.
            </p>
          )}
          <AlertFilters
            status={status}
            onStatus={(next) => set({ status: next === usual ? undefined : next })}
            acknowledged={acknowledged}
            priority={priority}
            team={team}
            service={service}
            set={set}
          />
          <section className="panel" aria-label="Alerts">
            {broken || misread ? (
              <EmptyState title="The query cannot be understood" icon={IconFilter}>
                {broken ?? 'What is wrong is marked in the query above.'}
              </EmptyState>
            ) : (
              <QueryState query={alerts} what="the alerts" rows={10}>
                {() =>
                  rows.length === 0 ? (
                    <EmptyState
                      title={filtered ? 'No alert matches' : 'All quiet'}
                      icon={IconBellCheck}
                      action={
                        filtered ? (
                          <Button variant="default" onClick={() => void navigate({ search: {} })}>
                            Clear the filter
                          </Button>
                        ) : (
                          <ActionButton
                            action={testAction}
                            leftSection={<IconSend size={16} />}
                            onClick={() => set({ create: 'test' })}
                          >
                            Send a test
                          </ActionButton>
                        )
                      }
                    >
                      {filtered
                        ? 'Nothing fits the filter and the query.'
                        : 'Alerts from your monitoring land here and page who is on call. Nothing is open now.'}
                    </EmptyState>
                  ) : (
                    <DataTable
                      label="Alerts"
                      rows={rows}
                      columns={columnsOf(columns)}
                      rowId={(row) => row.id}
                      rowName={(row) => `#${row.tiny_id} ${row.message}`}
                      rowClass={(row) => (row.acknowledged ? classes.taken : undefined)}
                      {...(!sort && { groupOf: (row: Alert) => GROUPS[alertStateOf(row, now) as keyof typeof GROUPS] })}
                      sort={sort}
                      onSort={(next) => set({ query: withSort(query, next) })}
                      selected={selected}
                      onSelect={setSelected}
                      onCursor={(row) => setCursor(row?.id)}
                      onOpen={(row) => void navigate({ to: '/alerts/$id', params: { id: row.id } })}
                      hasMore={alerts.hasNextPage}
                      loadingMore={alerts.isFetchingNextPage}
                      onMore={() => void alerts.fetchNextPage()}
                      {...(count && !count.capped && { total: count.count })}
                    />
                  )
                }
              </QueryState>
            )}
          </section>
        </div>
      </div>
      <AlertsBulk chosen={chosen} targets={targets} onSelect={setSelected} />
      <Drawer
        opened={Boolean(create) && mayWrite}
        onClose={() => set({ create: undefined })}
        title={create === 'test' ? 'Send a test alert' : 'Create an alert'}
        size={460}
        position="right"
      >
        <CreateAlertForm
          test={create === 'test'}
          onDone={(alert) => void navigate({ to: '/alerts/$id', params: { id: alert.id } })}
        />
      </Drawer>
    </>
  );
}
