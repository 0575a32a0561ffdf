import { IconLock } from '@tabler/icons-react';
import type { ApiError } from '../lib/api.ts';
import classes from './States.module.css';

/** Names the missing permission and who can grant it. */
export function NoPermission({ error, what }: { error: ApiError; what: string }) {
  const permission = typeof error.problem.permission === 'string' ? error.problem.permission : undefined;
  return (
    <div className={classes.state} role="alert">
      <IconLock size={26} stroke={1.5} aria-hidden="true" />
      <h2>You may not see {what}</h2>
      <p>
        {permission ? (
          <>
            You miss the permission <span className="mono">{permission}</span>.
          </>
        ) : (
          error.message
        )}{' '}
        An administrator can change your role or add you to a team.
      </p>
    </div>
  );
}
