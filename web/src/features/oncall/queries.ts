import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { EscalationPolicy, OnCallEntry, Person, Ref, Schedule, Team, Timeline } from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { listKey, onCallKey, recordKey } from '../../lib/keys.ts';

export const schedulesQuery = queryOptions({
  queryKey: listKey('schedule', 'all'),
  queryFn: ({ signal }) => api.get<Page<Schedule>>('/schedules', { query: { limit: 200 }, signal }),
});

export const scheduleQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('schedule', id),
    queryFn: ({ signal }) => api.get<Schedule>(`/schedules/${id}`, { signal }),
  });

export const timelineQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: recordKey('schedule', id, 'timeline', from, to),
    queryFn: ({ signal }) => api.get<Timeline>(`/schedules/${id}/timeline`, { query: { from, to }, signal }),
  });

export const gapsQuery = queryOptions({
  queryKey: onCallKey('now'),
  queryFn: ({ signal }) => api.get<{ items: OnCallEntry[] }>('/on-call', { signal }),
});

export const policiesQuery = queryOptions({
  queryKey: listKey('escalation_policy', 'all'),
  queryFn: ({ signal }) => api.get<Page<EscalationPolicy>>('/escalation-policies', { query: { limit: 200 }, signal }),
});

export const policyQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('escalation_policy', id),
    queryFn: ({ signal }) => api.get<EscalationPolicy>(`/escalation-policies/${id}`, { signal }),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('escalation_policy', id, 'versions'),
    queryFn: ({ signal }) =>
      api.get<{ items: { version: number; at: string; body: unknown }[] }>(`/escalation-policies/${id}/versions`, {
        signal,
      }),
  });

export const choicesQuery = queryOptions({
  queryKey: listKey('person', 'on-call choices'),
  queryFn: async ({ signal }) => {
    const [people, teams] = await Promise.all([
      api.get<Page<Person>>('/people', { query: { limit: 200 }, signal }),
      api.get<Page<Team>>('/teams', { query: { limit: 200 }, signal }),
    ]);
    const active = people.items.filter((person) => person.active && person.role !== 'customer');
    return { people: active as Ref[], teams: teams.items as Ref[] };
  },
});

export interface RehearsedStep {
  at: string;
  text: string;
  people: { person: Ref; contacts: { kind: string; address: string; at: string }[]; because: string }[];
  problem?: string | null;
}

/** A change of schedules or policies; who is on call is derived from both. */
export function useOnCallChange<Input, Output>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => ['schedule', 'escalation_policy', 'on-call'].includes(String(queryKey[0])),
      }),
  });
}

export const options = (refs: readonly Ref[]) => refs.map(({ id, name }) => ({ value: id, label: name }));
