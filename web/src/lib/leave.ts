/** Going out of the door: after a sign-out, or when the session has ended otherwise. */
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { adoptSession, sessionQuery } from './session.ts';
import { dropAllUploads } from './uploads.ts';

/** Forgets everything that was read for the person who was signed in, and shows the sign-in. */
export function useLeave() {
  const client = useQueryClient();
  const router = useRouter();
  return async () => {
    await client.cancelQueries();
    // First the screens go, then what they read: none of them must look for a person who has left.
    client.setQueryData(sessionQuery.queryKey, null);
    await router.navigate({ to: '/sign-in' });
    adoptSession(null);
    dropAllUploads();
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  };
}
