import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiToken, BrowserSession, Contact, Me, NotificationRules, Session } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { adoptSession, sessionQuery } from '../../lib/session.ts';

export const contactsQuery = queryOptions({
  queryKey: ['me', 'contacts'],
  queryFn: ({ signal }) => api.get<{ items: Contact[] }>('/me/contacts', { signal }),
});

export const rulesQuery = queryOptions({
  queryKey: ['me', 'notification-rules'],
  queryFn: ({ signal }) => api.get<NotificationRules>('/me/notification-rules', { signal }),
});

export const tokensQuery = queryOptions({
  queryKey: ['me', 'tokens'],
  queryFn: ({ signal }) => api.get<{ items: ApiToken[] }>('/me/tokens', { signal }),
});

export const browserSessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => api.get<{ items: BrowserSession[] }>('/me/sessions', { signal }),
});

export type ProfileChange = Partial<Pick<Me, 'name' | 'time_zone' | 'locale' | 'single_keys'>>;

/** Changes the profile and puts the answer into the session, so that zone and keys apply at once. */
export function useChangeProfile(version: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ProfileChange) => api.patch<Me>('/me', change, { ifMatch: version }),
    onSuccess: (person) => {
      const session = client.getQueryData<Session | null>(sessionQuery.queryKey);
      if (session) client.setQueryData(sessionQuery.queryKey, adoptSession({ ...session, person }));
    },
    onError: () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
}

/** A change to something of one's own whose list is then fetched again. */
export function useOwn<Input, Output = unknown>(part: string, send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => client.invalidateQueries({ queryKey: ['me', part] }),
  });
}

/** After TOTP was turned on or off. */
export function useRefreshSession() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: sessionQuery.queryKey });
}
