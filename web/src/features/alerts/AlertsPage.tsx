import { Button, Drawer, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconBellCheck, IconEye, IconFilter, IconMoon, IconPlus, IconSend, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Action, Alert, Priority } from '../../api/types.ts';
import { ApiError } from '../../lib/api.ts';
import { serviceChoices, teamChoices } from '../../lib/choices.ts';
import { useNow } from '../../lib/clock.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { toastError } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { AlertState, alertStateOf } from '../../ui/AlertState.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Filters } from '../../ui/Filters.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { Countdown, RelativeTime } from '../../ui/Time.tsx';
import { offerUndo } from '../../ui/undo.tsx';
import { Why } from '../../ui/Why.tsx';
import classes from './Alerts.module.css';
import { CreateAlertForm } from './CreateAlertForm.tsx';
import {
  type AlertFilter,
  alertCountQuery,
  alertsQuery,
  type BulkCommand,
  useBulkCommand,
  useUndo,
} from './queries.ts';
import { SnoozeMenu } from './SnoozeMenu.tsx';

const route = getRouteApi('/shell/alerts');
const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];
const GROUPS = { open: 'Nobody acknowledged', acked: 'Acknowledged', snoozed: 'Snoozed', closed: 'Closed' } as const;
const ORDER = Object.keys(GROUPS);

/** When the next step pages somebody, or why none does. */
export function NextEscalation({ alert }: { alert: Pick<Alert, 'escalation' | 'status'> }) {
  const escalation = alert.escalation;
  if (alert.status === 'closed') return <span className="t3">closed</span>;
  if (!escalation) return <span className="c-warn">nobody is paged</span>;
  if (escalation.state !== 'running' || !escalation.next_step_at) {
    return <span className="t3">{escalation.state === 'finished' ? 'all steps done' : 'stopped'}</span>;
  }
  return (
    <span title={escalation.next_text ?? undefined}>
      <Countdown to={escalation.next_step_at} />
    </span>
  );
}

const columns: ColumnDef<Alert>[] = [
  {
    id: 'priority',
    header: () => <span className="vh">Priority</span>,
    cell: ({ row }) => <PriorityPennant priority={row.original.priority} />,
    meta: { width: 44 },
  },
  {
    id: 'message',
    header: 'Alert',
    cell: ({ row: { original: alert } }) => (
      <>
        <span className={classes.message}>
          <Link to="/alerts/$id" params={{ id: alert.id }}>
            {alert.message}
          </Link>
          {alert.count > 1 && (
            <span className="cnt" title={`${alert.count} events in one alert`}>
              {alert.count}
            </span>
          )}
          {alert.incident && <span className="key xs hide-phone">{alert.incident.key}</span>}
        </span>
        <span className={`xs t3 ${classes.fact}`}>
          {alert.service?.name ?? alert.team?.name ?? alert.source} · <NextEscalation alert={alert} />
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
    id: 'team',
    header: 'Team',
    cell: ({ row }) => <span className="t2">{row.original.team?.name ?? ''}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ row }) => <AlertState alert={row.original} compact />,
    meta: { hidePhone: true },
  },
  {
    id: 'next',
    header: 'Next escalation',
    cell: ({ row }) => <NextEscalation alert={row.original} />,
    meta: { align: 'right', hidePhone: true },
  },
  {
    id: 'age',
    header: 'Age',
    cell: ({ row }) => (
      <span className="t3">
        <RelativeTime at={row.original.created_at} short />
      </span>
    ),
    meta: { align: 'right' },
  },
];

function QueryHelp() {
  return (
    <Why label="Query help">
      <p>Words search the message. Fields narrow it, joined by AND, OR, NOT and brackets:</p>
      <ul className="mono xs">
        <li>priority: P1 OR priority: P2</li>
        <li>tag: database AND NOT acknowledged: true</li>
        <li>message: "disk full" AND createdAt &gt; 1h</li>
        <li>details.key: cluster AND details.value: prod*</li>
      </ul>
    </Why>
  );
}

/** One right over several alerts: allowed while at least one of them allows it. */
function common(alerts: readonly Alert[], name: string): Action {
  const all = alerts.map((alert) => findAction(alert.actions, name));
  const refused = all.find((action) => !action?.allowed);
  return { name, allowed: all.some((action) => action?.allowed), reason: refused?.reason ?? null };
}

/** All alerts by state. Filters, query and the form are in the address. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/alerts' });
  const me = useMe();
  const now = useNow(30);
  const { status = 'open', acknowledged, priority, team, service, query, create } = search;
  const filter: AlertFilter = {
    ...(status !== 'all' && { status }),
    ...(acknowledged !== undefined && { acknowledged }),
    ...(priority && { priority }),
    ...(team && { team }),
    ...(service && { service }),
    ...(query && { query }),
  };
  const alerts = useInfiniteQuery(alertsQuery(filter));
  const count = useQuery(alertCountQuery(filter));
  const mayWrite = useCan('alerts:write');
  const bulk = useBulkCommand(me);
  const undo = useUndo();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<string>();
  const [typed, setTyped] = useState(query ?? '');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setTyped(query ?? ''), [query]);

  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }) });
  const loaded = alerts.data?.pages;
  const rows = useMemo(() => {
    const all = loaded?.flatMap(({ items }) => items) ?? [];
    const rank = (alert: Alert) => ORDER.indexOf(alertStateOf(alert, now));
    return all.toSorted((a, b) => rank(a) - rank(b) || a.priority.localeCompare(b.priority));
  }, [loaded, now]);
  const chosen = rows.filter(({ id }) => selected.has(id));
  // Keys work on the selection, else on the row that J and K moved to.
  const targets = chosen.length > 0 ? chosen : rows.filter(({ id }) => id === cursor);
  const filtered = Boolean(acknowledged !== undefined || priority || team || service || query);
  const refused = alerts.error instanceof ApiError && alerts.error.status < 500 && query ? alerts.error : undefined;

  const run = (command: BulkCommand, done: string) => {
    if (command.ids.length === 0) return;
    bulk.mutate(command, {
      onSuccess: ({ items }) => {
        const failed = items.filter(({ ok }) => !ok);
        const worked = items.length - failed.length;
        setSelected(new Set(failed.map(({ id }) => id)));
        if (failed.length > 0) {
          const reasons = [...new Set(failed.map(({ error }) => error ?? 'refused'))].join('; ');
          toastError(new Error(`${worked} ${done}, ${failed.length} not: ${reasons}`), 'Not all of them worked');
        } else {
          offerUndoFor(command, `${worked} ${worked === 1 ? 'alert' : 'alerts'} ${done}`);
        }
      },
    });
  };
  const offerUndoFor = (command: BulkCommand, message: string) => {
    const [only] = command.ids;
    // There is no bulk way back; one alert has its own.
    if (command.action === 'close' || command.ids.length !== 1 || !only) return;
    offerUndo(message, () =>
      undo.mutate({ id: only, action: command.action === 'snooze' ? 'unsnooze' : 'unacknowledge' }),
    );
  };
  const ids = (name: string) =>
    targets.filter((alert) => findAction(alert.actions, name)?.allowed).map((alert) => alert.id);

  useShortcut('/', 'Query', () => field.current?.focus());
  useShortcut('Esc', 'Clear the selection', () => setSelected(new Set()), { enabled: selected.size > 0 });
  useShortcut('A', 'Acknowledge', () => run({ action: 'acknowledge', ids: ids('acknowledge') }, 'acknowledged'), {
    enabled: targets.length > 0 && chosen.length === 0,
  });
  const testAction = { name: 'create', allowed: mayWrite, reason: 'You miss the permission alerts:write' };

  return (
    <>
      <PageHeader
        title="Alerts"
        after={count.data && <span className="cnt">{count.data.count}</span>}
        actions={
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
        }
      />
      <div className="page-body">
        <Filters
          active={[acknowledged, priority, team, service].filter((value) => value !== undefined).length}
          first={
            <SegmentedControl
              aria-label="Status"
              value={status}
              onChange={(value) => set({ status: value === 'open' ? undefined : (value as 'closed' | 'all') })}
              data={[
                { value: 'open', label: 'Open' },
                { value: 'closed', label: 'Closed' },
                { value: 'all', label: 'All' },
              ]}
            />
          }
        >
          <Select
            aria-label="Acknowledged"
            placeholder="Acknowledged or not"
            data={[
              { value: 'false', label: 'Nobody acknowledged' },
              { value: 'true', label: 'Acknowledged' },
            ]}
            value={acknowledged === undefined ? null : String(acknowledged)}
            onChange={(value) => set({ acknowledged: value === null ? undefined : value === 'true' })}
            clearable
            w={180}
          />
          <MultiSelect
            aria-label="Priority"
            placeholder={priority ? undefined : 'Priority'}
            data={PRIORITIES}
            value={priority?.split(',') ?? []}
            onChange={(value) => set({ priority: value.toSorted().join(',') || undefined })}
            clearable
            w={150}
          />
          <RecordSelect
            aria-label="Team"
            placeholder="Team"
            source={teamChoices}
            value={team}
            onChange={(id) => set({ team: id ?? undefined })}
            w={150}
          />
          <RecordSelect
            aria-label="Service"
            placeholder="Service"
            source={serviceChoices}
            value={service}
            onChange={(id) => set({ service: id ?? undefined })}
            w={160}
          />
        </Filters>
        <div className={classes.filters}>
          <form
            className={classes.query}
            onSubmit={(event) => {
              event.preventDefault();
              set({ query: typed.trim() || undefined });
            }}
          >
            <TextInput
              ref={field}
              aria-label="Query"
              placeholder="priority: P1 AND tag: database"
              leftSection={<IconFilter size={15} />}
              rightSection={<kbd className="hide-phone">/</kbd>}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
              error={refused && [refused.message, ...refused.fields.map(({ message }) => message)].join(' ')}
              spellCheck={false}
            />
          </form>
          <span style={{ lineHeight: '30px' }}>
            <QueryHelp />
          </span>
        </div>
        <section className="panel" aria-label="Alerts">
          {refused && !alerts.data ? (
            <EmptyState title="The query cannot be read" icon={IconFilter}>
              {refused.message}
            </EmptyState>
          ) : (
            <QueryState query={alerts} what="the alerts" rows={10}>
              {() =>
                rows.length === 0 ? (
                  <EmptyState
                    title={filtered || status !== 'open' ? 'No alert matches' : 'All quiet'}
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
                    columns={columns}
                    rowId={(row) => row.id}
                    rowName={(row) => `#${row.tiny_id} ${row.message}`}
                    rowClass={(row) => (row.acknowledged ? classes.taken : undefined)}
                    groupOf={(row) => GROUPS[alertStateOf(row, now) as keyof typeof GROUPS]}
                    selected={selected}
                    onSelect={setSelected}
                    onCursor={(row) => setCursor(row?.id)}
                    onOpen={(row) => void navigate({ to: '/alerts/$id', params: { id: row.id } })}
                    hasMore={alerts.hasNextPage}
                    loadingMore={alerts.isFetchingNextPage}
                    onMore={() => void alerts.fetchNextPage()}
                    {...(count.data && { total: count.data.count })}
                  />
                )
              }
            </QueryState>
          )}
        </section>
      </div>
      {chosen.length > 0 && (
        <div className={classes.bulk} role="toolbar" aria-label="Selected alerts">
          <b className="sb num" aria-live="polite">
            {chosen.length} selected
          </b>
          <ActionButton
            action={common(chosen, 'acknowledge')}
            reason="tooltip"
            leftSection={<IconEye size={16} />}
            shortcut="A"
            label="Acknowledge"
            loading={bulk.isPending}
            onClick={() => run({ action: 'acknowledge', ids: ids('acknowledge') }, 'acknowledged')}
          >
            Acknowledge
          </ActionButton>
          <SnoozeMenu
            action={common(chosen, 'snooze')}
            onSnooze={(until) => run({ action: 'snooze', ids: ids('snooze'), until }, 'snoozed')}
            shortcut="Z"
          >
            {(open, opened) => (
              <ActionButton
                menu={opened}
                action={common(chosen, 'snooze')}
                reason="tooltip"
                leftSection={<IconMoon size={16} />}
                onClick={open}
              >
                Snooze <kbd className="hide-phone">Z</kbd>
              </ActionButton>
            )}
          </SnoozeMenu>
          <ActionButton
            action={common(chosen, 'close')}
            reason="tooltip"
            leftSection={<IconX size={16} />}
            loading={bulk.isPending}
            onClick={() => run({ action: 'close', ids: ids('close') }, 'closed')}
          >
            Close
          </ActionButton>
          <span className="grow" />
          <Button variant="default" onClick={() => setSelected(new Set())}>
            Clear <kbd className="hide-phone">Esc</kbd>
          </Button>
        </div>
      )}
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
