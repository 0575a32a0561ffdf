import { IconLock } from '@tabler/icons-react';
import type { ApiError } from '../lib/api.ts';
import { sentence } from '../lib/text.ts';
import classes from './States.module.css';

/** The server's sentence names the missing permission and who can grant it. */
export function NoPermission({ error, what }: { error: ApiError; what: string }) {
  return (
    <div className={classes.state} role="alert">
      <IconLock size={26} stroke={1.5} aria-hidden="true" />
      <h2>You may not see {what}</h2>
      <p>{sentence(error.message)}</p>
    </div>
  );
}
