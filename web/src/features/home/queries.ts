import { queryOptions } from '@tanstack/react-query';
import type {
  Alert,
  AlertReport,
  OnCallEntry,
  SlaReport,
  SlaReportTicket,
  Ticket,
  TicketReport,
} from '../../api/types.ts';
import { api, type Page, serverNow } from '../../lib/api.ts';
import { listKey, onCallKey } from '../../lib/keys.ts';

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

/** Whole days up to the end of today in UTC, so that the answer stays cached during the day. */
function lastDays(days: number): { from: string; to: string; bucket: string } {
  const day = 86_400_000;
  const end = (Math.floor(serverNow() / day) + 1) * day;
  return { from: new Date(end - days * day).toISOString(), to: new Date(end).toISOString(), bucket: 'day' };
}

export const alertReportQuery = (days: number) =>
  queryOptions({
    queryKey: ['report', 'alerts', days],
    queryFn: ({ signal }) => api.get<AlertReport>('/reports/alerts', { query: lastDays(days), signal }),
  });

export const ticketReportQuery = (days: number) =>
  queryOptions({
    queryKey: ['report', 'tickets', days],
    queryFn: ({ signal }) => api.get<TicketReport>('/reports/tickets', { query: lastDays(days), signal }),
  });

export const slaReportQuery = (days: number) =>
  queryOptions({
    queryKey: ['report', 'slas', days],
    queryFn: ({ signal }) => api.get<SlaReport>('/reports/slas', { query: lastDays(days), signal }),
  });

export const slaTicketsQuery = (days: number, sla: string, outcome: 'met' | 'breached') =>
  queryOptions({
    queryKey: ['report', 'slas', days, sla, outcome],
    queryFn: ({ signal }) => {
      const { from, to } = lastDays(days);
      return api.get<{ items: SlaReportTicket[] }>('/reports/slas/tickets', {
        query: { from, to, sla, outcome, limit: 200 },
        signal,
      });
    },
  });
