import { IconAlertOctagon, IconBellRinging, IconHandStop } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Field, Ticket, TicketKind } from '../../api/types.ts';
import { byUrgency } from '../../lib/sla.ts';
import { worded } from '../../lib/text.ts';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { SlaClock } from '../../ui/SlaClock.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import { Moment, RelativeTime } from '../../ui/Time.tsx';
import classes from './Tickets.module.css';
import { KINDS } from './words.ts';

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

const ALL: ColumnDef<Ticket>[] = [
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
    cell: ({ row: { original: ticket } }) => {
      const clock = byUrgency(ticket.slas ?? [])[0];
      return (
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
            {clock && (
              <>
                <SlaClock clock={clock} />
                {' · '}
              </>
            )}
            {ticket.key} · {ticket.status.name} · {ticket.assignee?.name ?? 'Nobody'}
          </span>
        </>
      );
    },
    meta: { grow: true },
  },
  {
    id: 'kind',
    header: 'Kind',
    cell: ({ row }) => <span className="t2">{KINDS[row.original.kind]}</span>,
    meta: { hidePhone: true },
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
    id: 'reporter',
    header: 'Reporter',
    cell: ({ row }) => <span className="t2">{row.original.reporter?.name ?? 'a rule'}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'team',
    header: 'Team',
    cell: ({ row }) => <span className="t2">{row.original.team?.name ?? ''}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'impact',
    header: 'Impact',
    cell: ({ row }) => <span className="t2">{worded(row.original.impact)}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'urgency',
    header: 'Urgency',
    cell: ({ row }) => <span className="t2">{worded(row.original.urgency)}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'labels',
    header: 'Labels',
    cell: ({ row }) => <span className="t2">{row.original.labels.join(', ')}</span>,
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
    id: 'due',
    header: 'Due',
    cell: ({ row }) => {
      const { due_at } = row.original;
      return due_at && <Moment at={due_at} as="until" />;
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
  {
    id: 'resolved',
    header: 'Resolved',
    cell: ({ row }) =>
      row.original.resolved_at && (
        <span className="t3">
          <RelativeTime at={row.original.resolved_at} short />
        </span>
      ),
    meta: { align: 'right', hidePhone: true },
  },
];

/** What a list shows that nobody arranged. */
export const USUAL = ['priority', 'key', 'summary', 'service', 'status', 'assignee', 'created', 'updated'] as const;

/** The columns that one may choose, as queues name them; the clocks are shown wherever there are any. */
export const COLUMNS: Record<string, string> = {
  priority: 'Priority',
  key: 'Key',
  summary: 'Summary',
  kind: 'Kind',
  service: 'Service',
  status: 'Status',
  assignee: 'Assignee',
  reporter: 'Reporter',
  team: 'Team',
  impact: 'Impact',
  urgency: 'Urgency',
  labels: 'Labels',
  due: 'Due',
  created: 'Created',
  updated: 'Updated',
  resolved: 'Resolved',
};

/** A custom field as a column. */
export const FIELD_PREFIX = 'field:';

const fieldColumn = ({ key, definition }: Field): ColumnDef<Ticket> => ({
  id: FIELD_PREFIX + key,
  header: definition.name,
  cell: ({ row }) => {
    const held = row.original.fields?.find((value) => value.key === key);
    if (!held) return null;
    return held.kind === 'instant' && typeof held.value === 'string' ? (
      <Moment at={held.value} as="until" />
    ) : (
      <span className="t2 cut" style={{ display: 'inline-block', maxWidth: 220, verticalAlign: 'bottom' }}>
        {held.text}
      </span>
    );
  },
  meta: { hidePhone: true, ...(definition.kind === 'number' && { align: 'right' as const }) },
});

/** All that one may choose, with the custom fields. */
export const columnNames = (fields: readonly Field[]): Record<string, string> => ({
  ...COLUMNS,
  ...Object.fromEntries(fields.map(({ key, definition }) => [FIELD_PREFIX + key, definition.name])),
});

/** The chosen columns in their usual order; custom fields stand before the times. */
export function columnsOf(
  chosen: readonly string[],
  clocks: boolean,
  fields: readonly Field[] = [],
): ColumnDef<Ticket>[] {
  const own = fields.filter(({ key }) => chosen.includes(FIELD_PREFIX + key)).map(fieldColumn);
  const usual = ALL.filter(({ id }) => (id === 'sla' ? clocks : id !== undefined && chosen.includes(id)));
  const at = usual.findIndex(({ id }) => id === 'due' || id === 'created' || id === 'updated' || id === 'resolved');
  return at < 0 ? [...usual, ...own] : usual.toSpliced(at, 0, ...own);
}
