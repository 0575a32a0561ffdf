import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  Alert,
  AlertReport,
  OnCallEntry,
  Ref,
  Sla,
  SlaReport,
  SlaReportTicket,
  Ticket,
  TicketReport,
} from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { listKey, onCallKey } from '../../lib/keys.ts';
import { lastDays, type Span } from './drill.ts';

/** An agent's tickets are those assigned to them; a customer sees nothing but their own anyway. */
export const myTicketsQuery = (agent: boolean) =>
  queryOptions({
    queryKey: listKey('ticket', 'mine', agent),
    queryFn: ({ signal }) =>
      api.get<Page<Ticket>>('/tickets', {
        query: { assignee: agent ? 'me' : undefined, status_category: 'open', sort: 'priority', limit: 8 },
        signal,
      }),
  });

export const openAlertsQuery = queryOptions({
  queryKey: listKey('alert', 'home'),
  queryFn: ({ signal }) => api.get<Page<Alert>>('/alerts', { query: { status: 'open', limit: 8 }, signal }),
});

export const onCallNowQuery = queryOptions({
  queryKey: onCallKey('now'),
  queryFn: ({ signal }) => api.get<{ items: OnCallEntry[] }>('/on-call', { signal }),
  refetchInterval: 60_000,
});

/** All reports are cut by days of UTC. */
const byDay = (days: number) => ({ ...lastDays(days), bucket: 'day' });

export const alertReportQuery = (days: number) =>
  queryOptions({
    queryKey: ['report', 'alerts', days],
    queryFn: ({ signal }) => api.get<AlertReport>('/reports/alerts', { query: byDay(days), signal }),
    placeholderData: keepPreviousData,
  });

export const ticketReportQuery = (days: number) =>
  queryOptions({
    queryKey: ['report', 'tickets', days],
    queryFn: ({ signal }) => api.get<TicketReport>('/reports/tickets', { query: byDay(days), signal }),
    placeholderData: keepPreviousData,
  });

export interface SlaFilter {
  project?: string | undefined;
  sla?: string | undefined;
}

export const slaReportQuery = (days: number, filter: SlaFilter = {}) =>
  queryOptions({
    queryKey: ['report', 'slas', days, filter],
    queryFn: ({ signal }) => api.get<SlaReport>('/reports/slas', { query: { ...byDay(days), ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

/** The newest of them; the server gives no more than these at once. */
export const MOST_CYCLES = 200;
export const slaTicketsQuery = (span: Span, filter: SlaFilter, outcome: 'met' | 'breached' | undefined) =>
  queryOptions({
    queryKey: ['report', 'slas', 'tickets', span, filter, outcome],
    queryFn: ({ signal }) =>
      api.get<{ items: SlaReportTicket[] }>('/reports/slas/tickets', {
        query: { ...span, ...filter, outcome, limit: MOST_CYCLES },
        signal,
      }),
  });

/** The names of the service levels. */
export const slaNamesQuery = queryOptions({
  queryKey: listKey('sla', 'names'),
  queryFn: ({ signal }) => api.get<{ items: Sla[] }>('/slas', { signal }),
});

/** An alert behind a number. */
export interface AlertRecord {
  id: string;
  title: string;
  service?: Ref | null;
  team?: Ref | null;
  opened_at: string;
  acknowledged_at?: string | null;
  closed_at?: string | null;
  /** What is averaged. */
  seconds?: number | null;
}

export const alertRecordsQuery = (measure: 'mtta' | 'count', span: Span) =>
  infiniteQueryOptions({
    queryKey: ['report', 'alerts', 'records', measure, span],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AlertRecord>>('/reports/alerts/records', {
        query: { measure, ...span, limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const reportTicketsQuery = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['report', 'tickets', 'records', query],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Ticket>>('/tickets', { query: { query, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
