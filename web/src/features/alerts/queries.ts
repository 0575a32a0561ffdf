import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  Alert,
  AlertLogEntry,
  AlertNote,
  AlertTrail,
  Count,
  IntegrationEvent,
  OnCallEntry,
  Ref,
} from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { listKey, onCallKey, recordKey } from '../../lib/keys.ts';
import { toastError } from '../../lib/toast.ts';

export interface AlertFilter {
  status?: 'open' | 'closed';
  acknowledged?: boolean;
  priority?: string;
  team?: string;
  service?: string;
  query?: string;
}

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: listKey('alert', 'page', filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Alert>>('/alerts', { query: { ...filter, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const alertCountQuery = (filter: AlertFilter) =>
  queryOptions({
    queryKey: listKey('alert', 'count', filter),
    queryFn: ({ signal }) => api.get<Count>('/alerts/count', { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('alert', id),
    queryFn: ({ signal }) => api.get<Alert>(`/alerts/${id}`, { signal }),
  });

export const trailQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('alert', id, 'notifications'),
    queryFn: ({ signal }) => api.get<AlertTrail>(`/alerts/${id}/notifications`, { signal }),
  });

export const logQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: recordKey('alert', id, 'log'),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AlertLogEntry>>(`/alerts/${id}/log`, { query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('alert', id, 'notes'),
    queryFn: ({ signal }) => api.get<Page<AlertNote>>(`/alerts/${id}/notes`, { signal }),
  });

export const onCallNowQuery = queryOptions({
  queryKey: onCallKey('now'),
  queryFn: ({ signal }) => api.get<{ items: OnCallEntry[] }>('/on-call', { signal }),
  refetchInterval: 60_000,
});

export const payloadsQuery = (integration: string) =>
  queryOptions({
    queryKey: recordKey('integration', integration, 'events'),
    queryFn: ({ signal }) => api.get<{ items: IntegrationEvent[] }>(`/integrations/${integration}/events`, { signal }),
  });

type ListData = { pages?: { items: Alert[] }[]; items?: Alert[] };

/** Lays a change over every cached copy of these alerts, so that the screen answers at once. */
function patchCached(client: QueryClient, ids: ReadonlySet<string>, change: (alert: Alert) => Partial<Alert>): void {
  const patch = (alert: Alert) => (ids.has(alert.id) ? { ...alert, ...change(alert) } : alert);
  for (const id of ids) {
    client.setQueryData<Alert>(recordKey('alert', id), (old) => old && patch(old));
  }
  for (const name of ['page', 'home']) {
    client.setQueriesData<ListData>({ queryKey: listKey('alert', name) }, (old) => {
      if (!old) return old;
      if (old.pages) return { ...old, pages: old.pages.map((page) => ({ ...page, items: page.items.map(patch) })) };
      return old.items ? { ...old, items: old.items.map(patch) } : old;
    });
  }
}

export type AlertCommand =
  | { action: 'acknowledge' | 'unacknowledge' | 'close' | 'unsnooze' | 'escalate' | 'incident'; note?: string }
  | { action: 'snooze'; until: string; note?: string }
  | { action: 'assign'; person_id: string; note?: string };

function foreseen(command: AlertCommand, me: Ref): (alert: Alert) => Partial<Alert> {
  switch (command.action) {
    case 'acknowledge':
      return () => ({ acknowledged: true, acknowledged_by: me, acknowledged_at: new Date().toISOString() });
    case 'unacknowledge':
      return () => ({ acknowledged: false, acknowledged_by: null });
    case 'close':
      return () => ({ status: 'closed' });
    case 'snooze':
      return () => ({ snoozed_until: command.until });
    case 'unsnooze':
      return () => ({ snoozed_until: null });
    default:
      return () => ({});
  }
}

/** One action on one alert: shown at once, taken back when the server refuses. */
export function useAlertCommand(id: string, me: Ref) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, ...body }: AlertCommand) => api.post<Alert>(`/alerts/${id}/${action}`, body),
    onMutate: (command) => patchCached(client, new Set([id]), foreseen(command, me)),
    onSuccess: (alert) => client.setQueryData(recordKey('alert', id), alert),
    onError: (error) => toastError(error, 'The alert is unchanged'),
    onSettled: () => client.invalidateQueries({ queryKey: ['alert'] }),
  });
}

export interface BulkResult {
  items: { id: string; ok: boolean; error?: string | null }[];
}
export type BulkCommand =
  | { action: 'acknowledge' | 'close'; ids: string[] }
  | { action: 'snooze'; ids: string[]; until: string };

/** One action on many alerts. The answer says for each whether it worked. */
export function useBulkCommand(me: Ref) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (command: BulkCommand) => api.post<BulkResult>('/alerts/bulk', command),
    onMutate: (command) => patchCached(client, new Set(command.ids), foreseen(command as AlertCommand, me)),
    onError: (error) => toastError(error, 'The alerts are unchanged'),
    onSettled: () => client.invalidateQueries({ queryKey: ['alert'] }),
  });
}

/** Any other change of an alert; everything that shows it is fetched again. */
export function useAlertChange<Input, Output = unknown>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['alert'] }),
  });
}

/** Takes back an acknowledgement or a snooze. */
export function useUndo() {
  return useAlertChange(({ id, action }: { id: string; action: 'unsnooze' | 'unacknowledge' }) =>
    api.post<Alert>(`/alerts/${id}/${action}`, {}),
  );
}
