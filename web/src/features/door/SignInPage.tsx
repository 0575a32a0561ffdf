import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../lib/api.ts';
import { Door, FormError, formClass } from './Door.tsx';
import { useSignIn } from './queries.ts';

const route = getRouteApi('/sign-in');

/** Mail and password first; the code of the authenticator only when the server asks for it. */
export function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [secondStep, setSecondStep] = useState(false);

  const submit = () =>
    signIn.mutate(
      { email: email.trim(), password, ...(secondStep && { totp: totp.replace(/\s/g, '') }) },
      {
        onSuccess: () => router.history.push(next ?? '/home'),
        onError: (error) => {
          if (error instanceof ApiError && error.code === 'totp_required') setSecondStep(true);
        },
      },
    );
  const refused =
    signIn.error instanceof ApiError && signIn.error.code === 'totp_required' && !totp ? undefined : signIn.error;
  const wait = signIn.error instanceof ApiError ? signIn.error.retryAfter : undefined;
  return (
    <Door
      title={secondStep ? 'Second step' : 'Sign in'}
      lead={secondStep ? 'Enter the code that your authenticator shows, or a recovery code.' : undefined}
    >
      <form
        className={formClass}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {secondStep ? (
          <TextInput
            key="totp"
            label="Code"
            value={totp}
            onChange={(event) => setTotp(event.currentTarget.value)}
            inputMode="text"
            autoComplete="one-time-code"
            autoFocus
            required
            size="md"
          />
        ) : (
          <>
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
            <PasswordInput
              label="Password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              required
              size="md"
            />
          </>
        )}
        <FormError error={refused} text={wait ? `Too many attempts. Try again in ${wait} s.` : undefined} />
        <Button type="submit" size="md" loading={signIn.isPending}>
          {secondStep ? 'Confirm' : 'Sign in'}
        </Button>
        <div className="row">
          {secondStep ? (
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => {
                setSecondStep(false);
                setTotp('');
                signIn.reset();
              }}
            >
              Use another account
            </Anchor>
          ) : (
            <Anchor component={Link} to="/forgot" size="sm">
              Forgot the password?
            </Anchor>
          )}
        </div>
      </form>
    </Door>
  );
}
