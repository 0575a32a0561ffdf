import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { Door, FormError, formClass } from './Door.tsx';

/** Asks for a reset link. The answer is the same for known and unknown addresses. */
export function ForgotPage() {
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => api.post('/password-resets', { email: email.trim() }) });
  return (
    <Door title="Forgot the password" foot={<Link to="/sign-in">Back to sign in</Link>}>
      {ask.isSuccess ? (
        <p style={{ marginTop: 12 }} role="status">
          If <b>{email}</b> belongs to somebody here, a mail with a link is on its way. The link works once.
        </p>
      ) : (
        <form
          className={formClass}
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate();
          }}
        >
          <TextInput
            label="Mail address"
            type="email"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            autoComplete="username"
            autoFocus
            required
            size="md"
          />
          <FormError error={ask.error} />
          <Button type="submit" size="md" loading={ask.isPending}>
            Send the link
          </Button>
        </form>
      )}
    </Door>
  );
}
