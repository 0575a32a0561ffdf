import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  ActivityEntry,
  ClockChange,
  Count,
  HistoryEntry,
  OnCallEntry,
  Project,
  RecordLink,
  Service,
  Ticket,
  TicketAlert,
  TicketClock,
} from '../../api/types.ts';
import { api, type Page, serverNow } from '../../lib/api.ts';
import { listKey, onCallKey, recordKey } from '../../lib/keys.ts';
import { seenNow } from '../../lib/sla.ts';
import { toastError } from '../../lib/toast.ts';

export interface TicketFilter {
  query?: string;
  project?: string;
  kind?: string;
  status_category?: string;
  assignee?: string;
  team?: string;
  service?: string;
  priority?: string;
  text?: string;
  sort?: string;
}

export const ticketsQuery = (filter: TicketFilter) =>
  infiniteQueryOptions({
    queryKey: listKey('ticket', 'page', filter),
    queryFn: async ({ pageParam, signal }) => {
      const page = await api.get<Page<Ticket>>('/tickets', {
        query: { ...filter, limit: 50, cursor: pageParam },
        signal,
      });
      return { ...page, items: page.items.map((ticket) => seenNow(ticket)) };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const countQuery = (filter: TicketFilter) =>
  queryOptions({
    queryKey: listKey('ticket', 'count', filter),
    queryFn: ({ signal }) => api.get<Count>('/tickets/count', { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const projectKindsQuery = queryOptions({
  queryKey: listKey('project', 'kinds'),
  queryFn: ({ signal }) => api.get<Page<Project>>('/projects', { query: { limit: 200 }, signal }),
});

export const ticketQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key),
    queryFn: async ({ signal }) => seenNow(await api.get<Ticket>(`/tickets/${key}`, { signal })),
  });

export const activityQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key, 'activity'),
    queryFn: async ({ signal }) => {
      // Newest last: the end is what one reads, so all pages are needed.
      const all: ActivityEntry[] = [];
      let cursor: string | undefined;
      do {
        const page = await api.get<Page<ActivityEntry>>(`/tickets/${key}/activity`, {
          query: { limit: 200, cursor },
          signal,
        });
        all.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor && all.length < 2000);
      return all;
    },
  });

export const ticketAlertsQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key, 'alerts'),
    queryFn: ({ signal }) => api.get<{ items: TicketAlert[] }>(`/tickets/${key}/alerts`, { signal }),
  });

/** The clocks of a ticket with their cycles, for agents. */
export const clocksQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key, 'slas'),
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: TicketClock[] }>(`/tickets/${key}/slas`, { signal });
      const seen_at = serverNow();
      return items.map((clock) => ({ ...clock, seen_at }));
    },
  });

export const clockTimelineQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('ticket', key, 'slas', 'timeline'),
    queryFn: ({ signal }) => api.get<{ items: ClockChange[] }>(`/tickets/${key}/slas/timeline`, { signal }),
  });

export const linksQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('ticket', id, 'links'),
    queryFn: ({ signal }) => api.get<{ items: RecordLink[] }>('/links', { query: { kind: 'ticket', id }, signal }),
  });

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: recordKey('ticket', id, 'history'),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<HistoryEntry>>('/history', {
        query: { record_kind: 'ticket', record_id: id, limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const serviceOfTicketQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('service', id),
    queryFn: ({ signal }) => api.get<Service>(`/services/${id}`, { signal }),
  });

export const onCallNowQuery = queryOptions({
  queryKey: onCallKey('now'),
  queryFn: ({ signal }) => api.get<{ items: OnCallEntry[] }>('/on-call', { signal }),
  refetchInterval: 60_000,
});

/** Fields of a ticket as `PATCH` takes them; null clears. */
export interface TicketEdit {
  summary?: string;
  description?: string;
  impact?: string;
  urgency?: string;
  service_id?: string | null;
  team_id?: string | null;
  assignee_id?: string | null;
  labels?: string[];
  due_at?: string | null;
  /** Custom fields by their keys. */
  fields?: Record<string, unknown>;
}

/**
 * A change of fields: what is `foreseen` shows at once and is taken back when the server refuses. Sent
 * without a version: each names single fields, and two people may change different ones.
 */
export function useTicketEdit(ticket: Ticket) {
  const client = useQueryClient();
  const key = recordKey('ticket', ticket.key);
  return useMutation({
    mutationFn: ({ edit }: { edit: TicketEdit; foreseen?: Partial<Ticket> }) =>
      api.patch<Ticket>(`/tickets/${ticket.id}`, edit),
    onMutate: ({ foreseen }) => {
      client.setQueryData<Ticket>(key, (old) => old && { ...old, ...foreseen });
    },
    onSuccess: (answer) => client.setQueryData(key, seenNow(answer)),
    onError: (error) => toastError(error, `${ticket.key} is unchanged`),
    onSettled: () => client.invalidateQueries({ queryKey: ['ticket'] }),
  });
}

/** Any other change of a ticket; everything that shows it is fetched again. */
export function useTicketChange<Input, Output = unknown>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['ticket'] }),
  });
}
