import { IconLock } from '@tabler/icons-react';
import type { ApiError } from '../lib/api.ts';
import { sentence } from '../lib/text.ts';
import classes from './States.module.css';

/** The server's sentence names the missing permission and who can grant it. */
export function NoPermission({ error, what, screen = false }: { error: ApiError; what: string; screen?: boolean }) {
  const Heading = screen ? 'h1' : 'h2';
  return (
    <div className={classes.state} role="alert">
      <IconLock size={26} stroke={1.5} aria-hidden="true" />
      <Heading>You may not see {what}</Heading>
      <p>{sentence(error.message)}</p>
    </div>
  );
}
