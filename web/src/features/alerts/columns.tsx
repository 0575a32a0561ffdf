import { Link } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Alert } from '../../api/types.ts';
import { AlertState } from '../../ui/AlertState.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { Countdown, RelativeTime } from '../../ui/Time.tsx';
import classes from './Alerts.module.css';

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

const ALL: ColumnDef<Alert>[] = [
  {
    id: 'priority',
    header: () => <span className="vh">Priority</span>,
    cell: ({ row }) => <PriorityPennant priority={row.original.priority} />,
    meta: { width: 44, sort: 'priority' },
  },
  {
    id: 'title',
    header: 'Alert',
    cell: ({ table, row: { original: alert } }) => (
      <>
        <span className={classes.message}>
          <Link to="/alerts/$id" params={{ id: alert.id }}>
            {alert.message}
          </Link>
          {alert.count > 1 && (
            <span
              className={`cnt ${table.getAllColumns().some(({ id }) => id === 'count') ? 'only-phone' : ''}`}
              title={`${alert.count} events in one alert`}
            >
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
    id: 'status',
    header: 'State',
    cell: ({ row }) => <AlertState alert={row.original} compact />,
    meta: { hidePhone: true },
  },
  {
    id: 'source',
    header: 'Source',
    cell: ({ row }) => <span className="t2">{row.original.integration?.name ?? row.original.source}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'owner',
    header: 'Owner',
    cell: ({ row }) => <PersonName person={row.original.owner} />,
    meta: { hidePhone: true },
  },
  {
    id: 'tags',
    header: 'Tags',
    cell: ({ row }) => <span className="t2">{row.original.tags.join(', ')}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'count',
    header: 'Events',
    cell: ({ row }) => row.original.count,
    meta: { align: 'right', hidePhone: true, sort: 'count' },
  },
  {
    id: 'next',
    header: 'Next escalation',
    cell: ({ row }) => <NextEscalation alert={row.original} />,
    meta: { align: 'right', hidePhone: true },
  },
  {
    id: 'first_at',
    header: 'Age',
    cell: ({ row }) => (
      <span className="t3">
        <RelativeTime at={row.original.created_at} short />
      </span>
    ),
    meta: { align: 'right', sort: 'created' },
  },
  {
    id: 'last_at',
    header: 'Last event',
    cell: ({ row }) => (
      <span className="t3">
        <RelativeTime at={row.original.last_occurred_at} short />
      </span>
    ),
    meta: { align: 'right', sort: 'last' },
  },
];

/** What a list shows that nobody arranged. */
export const USUAL = ['priority', 'title', 'service', 'count', 'owner', 'status', 'last_at'] as const;

/** The columns that one may choose, as queues name them; when somebody is paged next is always shown. */
export const COLUMNS: Record<string, string> = {
  priority: 'Priority',
  title: 'Alert',
  service: 'Service',
  team: 'Team',
  status: 'State',
  source: 'Source',
  owner: 'Owner',
  tags: 'Tags',
  count: 'Events',
  first_at: 'Age',
  last_at: 'Last event',
};

/** The chosen columns in their usual order. */
export const columnsOf = (chosen: readonly string[]): ColumnDef<Alert>[] =>
  ALL.filter(({ id }) => id === 'next' || (id !== undefined && chosen.includes(id)));
