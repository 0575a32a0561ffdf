import { Button } from '@mantine/core';
import { IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { ApiError } from '../lib/api.ts';
import { sentence } from '../lib/text.ts';
import { CopyButtonInline } from './CopyField.tsx';
import { NoPermission } from './NoPermission.tsx';
import classes from './States.module.css';

interface Props {
  error: unknown;
  /** What failed, as the end of "Could not load …". */
  what: string;
  /** What still works meanwhile. */
  still?: string;
  onRetry?: () => void;
  /** It is all of the screen, not a part: then it carries the heading of the screen. */
  screen?: boolean;
}

/** What failed, what still works, Retry, and a reference to hand on. A 403 becomes "no permission". */
export function ErrorState({ error, what, still, onRetry, screen = false }: Props) {
  const Heading = screen ? 'h1' : 'h2';
  if (error instanceof ApiError && error.status === 403)
    return <NoPermission error={error} what={what} screen={screen} />;
  const missing = error instanceof ApiError && error.status === 404;
  const detail = sentence(error instanceof Error ? error.message : String(error));
  return (
    <div className={classes.state} role="alert">
      <IconPlugConnectedX size={26} stroke={1.5} aria-hidden="true" />
      <Heading>{missing ? `There is no such ${what.replace(/^the /, '')}` : `Could not load ${what}`}</Heading>
      <p>{missing ? 'It may have been deleted, or you may not be allowed to see it.' : detail}</p>
      {still && <p>{still}</p>}
      <div className={classes.actions}>
        {onRetry && !missing && (
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
      {error instanceof ApiError && error.requestId && (
        <span className={classes.ref}>
          Reference <span className="mono">{error.requestId}</span>
          <CopyButtonInline value={error.requestId} label="Copy the reference" />
        </span>
      )}
    </div>
  );
}
