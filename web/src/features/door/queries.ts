import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Session } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { adoptSession, sessionQuery } from '../../lib/session.ts';

/** Every way in ends with a Session: it is taken into use and put in place of "signed out". */
function useEnter<Input>(send: (input: Input) => Promise<Session>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (session) => {
      adoptSession(session);
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
}

export const useSignIn = () =>
  useEnter((input: { email: string; password: string; totp?: string }) => api.post<Session>('/session', input));

export const useSetUp = () =>
  useEnter((input: { token: string; name: string; email: string; password: string }) =>
    api.post<Session>('/setup', input),
  );

export const useAcceptInvitation = (token: string) =>
  useEnter((input: { name: string; password: string }) =>
    api.post<Session>(`/invitations/${encodeURIComponent(token)}`, input),
  );
