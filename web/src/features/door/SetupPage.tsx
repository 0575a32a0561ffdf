import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, formErrors } from '../../lib/api.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { Door, FormError, formClass } from './Door.tsx';
import { NewPassword } from './NewPassword.tsx';
import { useSetUp } from './queries.ts';

/** First start: whoever holds the one-time link from the server's log becomes the first administrator. */
export function SetupPage() {
  // The server prints `/setup?token=…`.
  const link: { token?: unknown } = { ...useSearch({ strict: false }), ...useParams({ strict: false }) };
  const linkToken = typeof link.token === 'string' ? link.token : '';
  const router = useRouter();
  const needed = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => api.get<{ needed: boolean }>('/setup', { signal }),
  });
  const setUp = useSetUp();
  const [token, setToken] = useState(linkToken);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const errors = formErrors(setUp.error);
  return (
    <Door title="Set up Bridgewatch" lead="You become the first administrator. Everybody else is invited by you.">
      <QueryState query={needed} what="the set-up" rows={3}>
        {(state) =>
          state.needed ? (
            <form
              className={formClass}
              onSubmit={(event) => {
                event.preventDefault();
                setUp.mutate(
                  { token: token.trim(), name, email, password },
                  { onSuccess: () => void router.navigate({ to: '/home' }) },
                );
              }}
            >
              {!linkToken && (
                <TextInput
                  label="Set-up code"
                  description="The last part of the link that the server printed when it started."
                  value={token}
                  onChange={(event) => setToken(event.currentTarget.value)}
                  error={errors.token}
                  autoComplete="off"
                  required
                  size="md"
                />
              )}
              <TextInput
                label="Your name"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                error={errors.name}
                autoComplete="name"
                autoFocus
                required
                size="md"
              />
              <TextInput
                label="Mail address"
                description="You sign in with it, and pages go there."
                type="email"
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
                error={errors.email}
                autoComplete="email"
                required
                size="md"
              />
              <NewPassword value={password} onChange={setPassword} error={errors.password} />
              <FormError error={setUp.error} />
              <Button type="submit" size="md" loading={setUp.isPending}>
                Create the administrator
              </Button>
            </form>
          ) : (
            <p style={{ marginTop: 12 }}>
              This server is set up already. <Link to="/sign-in">Sign in</Link>
            </p>
          )
        }
      </QueryState>
    </Door>
  );
}
