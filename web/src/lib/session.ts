/** Who is signed in. The server's answer is the only truth about rights; nothing is decided here. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MyOnCall, Permission, Session } from '../api/types.ts';
import { ApiError, api, setCsrfToken } from './api.ts';
import { onCallKey, sessionKey } from './keys.ts';
import { setSingleKeys } from './shortcuts.ts';
import { setPersonZone } from './time.ts';

/** Takes a Session answer into use: token in memory, zone and single keys from the profile. */
export function adoptSession(session: Session | null): Session | null {
  setCsrfToken(session?.csrf_token);
  setPersonZone(session?.person.time_zone);
  setSingleKeys(session?.person.single_keys ?? true);
  return session;
}

/** The session, or null when signed out. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }) => {
    try {
      return adoptSession(await api.get<Session>('/session', { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return adoptSession(null);
      throw error;
    }
  },
});

/**
 * The signed-in person; only for screens inside the shell, where the router has loaded the session. A screen that is
 * drawn once more while a sign-out takes it away still shows whom it was for.
 */
export function useMe() {
  const { data } = useSuspenseQuery(sessionQuery);
  const [known, setKnown] = useState(data?.person);
  if (data && data.person !== known) setKnown(data.person);
  const person = data?.person ?? known;
  if (!person) throw new ApiError(401, { title: 'You are signed out', code: 'signed_out' });
  return person;
}

/** For hints only ("ask for access"): whether the server gave the person a permission. */
export function useCan(permission: Permission): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.person.permissions.includes(permission) ?? false;
}

export const myOnCallQuery = queryOptions({
  queryKey: onCallKey('me'),
  queryFn: ({ signal }) => api.get<MyOnCall>('/on-call/me', { signal }),
  refetchInterval: 60_000,
});
