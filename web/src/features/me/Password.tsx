import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { PASSWORD_MIN } from '../../lib/password.ts';
import { toastOk } from '../../lib/toast.ts';

export function PasswordPanel() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => api.post('/me/password', { current, new: next }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      toastOk('Your password is changed');
    },
  });
  const errors = formErrors(change.error);
  return (
    <section className="panel" aria-labelledby="password">
      <header>
        <h2 id="password">Password</h2>
      </header>
      <form
        className="pad stack"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <PasswordInput
          label="Current password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={errors.current}
          autoComplete="current-password"
          required
          maw={360}
        />
        <PasswordInput
          label="New password"
          description={`At least ${PASSWORD_MIN} characters. A sentence is good.`}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          error={errors.new}
          autoComplete="new-password"
          minLength={PASSWORD_MIN}
          required
          maw={360}
        />
        {change.isError && Object.keys(errors).length === 0 && (
          <p className="c-critical" role="alert">
            {errorText(change.error)}
          </p>
        )}
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </section>
  );
}
