import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, formErrors } from '../../lib/api.ts';
import { Door, FormError, formClass } from './Door.tsx';
import { NewPassword } from './NewPassword.tsx';

const route = getRouteApi('/reset/$token');

/** The link from the mail: sets a new password and ends every session. */
export function ResetPage() {
  const { token } = route.useParams();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => api.post(`/password-resets/${encodeURIComponent(token)}`, { password }),
  });
  return (
    <Door title="Set a new password" foot={<Link to="/sign-in">Back to sign in</Link>}>
      {reset.isSuccess ? (
        <p style={{ marginTop: 12 }} role="status">
          Your password is changed, and you are signed out everywhere. <Link to="/sign-in">Sign in</Link>
        </p>
      ) : (
        <form
          className={formClass}
          onSubmit={(event) => {
            event.preventDefault();
            reset.mutate();
          }}
        >
          <NewPassword value={password} onChange={setPassword} error={formErrors(reset.error).password} />
          <FormError error={reset.error} />
          <Button type="submit" size="md" loading={reset.isPending}>
            Change the password
          </Button>
        </form>
      )}
    </Door>
  );
}
