import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type { Alert, IncidentRules, Service, ServiceRules, Ticket } from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { listKey, recordKey } from '../../lib/keys.ts';

export const servicesQuery = (query: string | undefined) =>
  infiniteQueryOptions({
    queryKey: listKey('service', 'page', query),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Service>>('/services', { query: { query, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const serviceQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('service', id),
    queryFn: ({ signal }) => api.get<Service>(`/services/${id}`, { signal }),
  });

export const openAlertsOfQuery = (service: string) =>
  queryOptions({
    queryKey: listKey('alert', 'service', service),
    queryFn: ({ signal }) => api.get<Page<Alert>>('/alerts', { query: { service, status: 'open', limit: 10 }, signal }),
  });

export const openTicketsOfQuery = (service: string) =>
  queryOptions({
    queryKey: listKey('ticket', 'service', service),
    queryFn: ({ signal }) =>
      api.get<Page<Ticket>>('/tickets', { query: { service, status_category: 'open', limit: 10 }, signal }),
  });

export const rulesQuery = queryOptions({
  queryKey: listKey('service', 'rules'),
  queryFn: ({ signal }) => api.get<ServiceRules>('/service-rules', { signal }),
});

export const incidentRulesQuery = queryOptions({
  queryKey: listKey('service', 'incident-rules'),
  queryFn: ({ signal }) => api.get<IncidentRules>('/incident-rules', { signal }),
});

/** A change of services or their rules; everything that shows them is fetched again. */
export function useServiceChange<Input, Output = unknown>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['service'] }),
  });
}
