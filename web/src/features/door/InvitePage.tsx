import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, formErrors } from '../../lib/api.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { Door, FormError, formClass } from './Door.tsx';
import { NewPassword } from './NewPassword.tsx';
import { useAcceptInvitation } from './queries.ts';

const route = getRouteApi('/invite/$token');

interface Invitation {
  email: string;
  name: string;
}

function AcceptForm({ token, invitation }: { token: string; invitation: Invitation }) {
  const router = useRouter();
  const accept = useAcceptInvitation(token);
  const [name, setName] = useState(invitation.name);
  const [password, setPassword] = useState('');
  const errors = formErrors(accept.error);
  return (
    <form
      className={formClass}
      onSubmit={(event) => {
        event.preventDefault();
        accept.mutate({ name, password }, { onSuccess: () => void router.navigate({ to: '/home' }) });
      }}
    >
      <TextInput label="Mail address" value={invitation.email} readOnly autoComplete="username" size="md" />
      <TextInput
        label="Your name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        autoComplete="name"
        required
        size="md"
      />
      <NewPassword value={password} onChange={setPassword} error={errors.password} />
      <FormError error={accept.error} />
      <Button type="submit" size="md" loading={accept.isPending}>
        Join
      </Button>
    </form>
  );
}

/** The link from an invitation. */
export function InvitePage() {
  const { token } = route.useParams();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => api.get<Invitation>(`/invitations/${encodeURIComponent(token)}`, { signal }),
    retry: false,
  });
  return (
    <Door title="Join Bridgewatch" lead="Choose the password that you will sign in with.">
      <QueryState query={invitation} what="the invitation" rows={3}>
        {(data) => <AcceptForm token={token} invitation={data} />}
      </QueryState>
    </Door>
  );
}
