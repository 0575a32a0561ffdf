import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Integration, IntegrationEvent, Team } from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { listKey, recordKey } from '../../lib/keys.ts';

export const integrationsQuery = queryOptions({
  queryKey: listKey('integration', 'all'),
  queryFn: ({ signal }) => api.get<Page<Integration>>('/integrations', { query: { limit: 200 }, signal }),
  // An event that arrives changes the counts, not the record.
  refetchInterval: 20_000,
});

export const integrationQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('integration', id),
    queryFn: ({ signal }) => api.get<Integration>(`/integrations/${id}`, { signal }),
    refetchInterval: 20_000,
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('integration', id, 'events'),
    queryFn: ({ signal }) => api.get<{ items: IntegrationEvent[] }>(`/integrations/${id}/events`, { signal }),
    refetchInterval: 10_000,
  });

export const teamChoicesQuery = queryOptions({
  queryKey: listKey('team', 'choices'),
  queryFn: ({ signal }) => api.get<Page<Team>>('/teams', { query: { limit: 200 }, signal }),
});

export function useIntegrationChange<Input, Output>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['integration'] }),
  });
}
