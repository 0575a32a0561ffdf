import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  AuditEntry,
  Calendar,
  Count,
  DocumentVersion,
  Job,
  Person,
  Project,
  Queue,
  Role,
  Sla,
  StoredDocument,
  Team,
  TeamRouting,
} from '../../api/types.ts';
import { api, type Page } from '../../lib/api.ts';
import { type LiveKind, listKey, recordKey } from '../../lib/keys.ts';

export interface PeopleFilter {
  query?: string;
  role?: Role;
}

export const peopleQuery = (filter: PeopleFilter) =>
  infiniteQueryOptions({
    queryKey: listKey('person', 'admin', filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Person>>('/people', { query: { ...filter, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('person', id),
    queryFn: ({ signal }) => api.get<Person>(`/people/${id}`, { signal }),
  });

/** For the choice of a member: the first people whose name or mail matches. */
export const peopleChoiceQuery = (text: string) =>
  queryOptions({
    queryKey: listKey('person', 'choice', text),
    queryFn: ({ signal }) => api.get<Page<Person>>('/people', { query: { query: text, limit: 20 }, signal }),
  });

export const teamsQuery = queryOptions({
  queryKey: listKey('team', 'admin'),
  queryFn: ({ signal }) => api.get<Page<Team>>('/teams', { query: { limit: 200 }, signal }),
});

export const teamQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('team', id),
    queryFn: ({ signal }) => api.get<Team>(`/teams/${id}`, { signal }),
  });

export const projectsQuery = queryOptions({
  queryKey: listKey('project', 'admin'),
  queryFn: ({ signal }) => api.get<Page<Project>>('/projects', { query: { limit: 200 }, signal }),
});

export const projectQuery = (id: string) =>
  queryOptions({
    queryKey: recordKey('project', id),
    queryFn: ({ signal }) => api.get<Project>(`/projects/${id}`, { signal }),
  });

export const jobsQuery = (state: 'dead' | 'pending') =>
  infiniteQueryOptions({
    queryKey: listKey('job', 'admin', state),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Job>>('/jobs', { query: { state, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 30_000,
  });

/** Which policy a team's alerts use when their service names none. */
export const routingQuery = (team: string) =>
  queryOptions({
    queryKey: recordKey('team', team, 'routing'),
    queryFn: ({ signal }) => api.get<TeamRouting>(`/teams/${team}/routing`, { signal }),
  });

/** Days are those of the browser. */
export interface AuditFilter {
  actor?: string | undefined;
  record_kind?: string | undefined;
  record_id?: string | undefined;
  kind?: string | undefined;
  origin?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The filter in the words of the API: days become instants. */
export function auditWords({ from, to, ...rest }: AuditFilter): Record<string, string> {
  const words: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) if (value) words[name] = value;
  const start = (day: string, later = 0) => {
    const at = new Date(`${day}T00:00`);
    at.setDate(at.getDate() + later);
    return at.toISOString();
  };
  if (from) words.from = start(from);
  if (to) words.to = start(to, 1);
  return words;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditEntry>>('/audit', { query: { ...auditWords(filter), limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const calendarsQuery = queryOptions({
  queryKey: listKey('calendar', 'admin'),
  queryFn: ({ signal }) => api.get<{ items: Calendar[] }>('/calendars', { signal }),
});

/** Clocks are worked out anew in the background: asked again while that goes on. */
const WORKING_MS = 2000;

export const slasQuery = queryOptions({
  queryKey: listKey('sla', 'admin'),
  queryFn: ({ signal }) => api.get<{ items: Sla[] }>('/slas', { signal }),
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ recompute }) => recompute.pending > 0) ? WORKING_MS : false,
});

export const slaQuery = (key: string) =>
  queryOptions({
    queryKey: recordKey('sla', key),
    queryFn: ({ signal }) => api.get<Sla>(`/slas/${key}`, { signal }),
    refetchInterval: ({ state }) => ((state.data?.recompute.pending ?? 0) > 0 ? WORKING_MS : false),
  });

/** How many tickets a query has; silent where it is not understood. */
export const ticketCountQuery = (query: string) =>
  queryOptions({
    queryKey: listKey('ticket', 'count', { query }),
    queryFn: ({ signal }) => api.get<Count>('/tickets/count', { query: { query }, signal }),
    retry: false,
  });

/** The queues that one sees, for the question which of them name something. */
export const queuesOfQuery = queryOptions({
  queryKey: listKey('queue', 'admin'),
  queryFn: ({ signal }) => api.get<{ items: Queue[] }>('/queues', { signal }),
});

/** The statuses that tickets can have, and how one leads to another. */
export const workflowQuery = queryOptions({
  queryKey: ['document', 'workflow', 'default'],
  queryFn: async ({ signal }) =>
    (await api.get<StoredDocument>('/documents/workflow/default', { signal })).body as {
      statuses: { key: string; name: string }[];
    },
});

/** What is kept in versions that can be restored. */
export type DocumentKind = 'sla' | 'calendar' | 'field';

export const documentVersionsQuery = (kind: DocumentKind, key: string) =>
  infiniteQueryOptions({
    queryKey: recordKey(kind, key, 'versions'),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<DocumentVersion>>(`/documents/${kind}/${key}/versions`, {
        query: { limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** One version, which never changes. */
export const documentVersionQuery = (kind: DocumentKind, key: string, version: number) =>
  queryOptions({
    queryKey: ['document', kind, key, version],
    queryFn: ({ signal }) => api.get<StoredDocument>(`/documents/${kind}/${key}/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** A change to a person, team or project; everything of that kind is fetched again. */
export function useChange<Input, Output = unknown>(kind: LiveKind, send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: [kind] }),
  });
}
