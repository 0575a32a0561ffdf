import { Button } from '@mantine/core';
import classes from './BulkBar.module.css';

interface Props {
  /** Read out as the name of the bar, such as `Selected tickets`. */
  label: string;
  count: number;
  onClear: () => void;
  /** How far a change of many is; then there is nothing else to do but to stop it. */
  progress?: { done: number; total: number; onStop: () => void } | undefined;
  children: React.ReactNode;
}

/** Docked at the foot of a list while rows are selected: what can be done to all of them. */
export function BulkBar({ label, count, onClear, progress, children }: Props) {
  if (progress) {
    const { done, total, onStop } = progress;
    return (
      <div className={classes.bar} role="toolbar" aria-label={label}>
        <b className={`sb num ${classes.count}`} aria-live="polite">
          {done} of {total}
        </b>
        <span
          className={classes.meter}
          role="progressbar"
          aria-label="Changed"
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={done}
        >
          <i style={{ width: `${(100 * done) / Math.max(1, total)}%` }} />
        </span>
        <span className="grow" />
        <Button variant="default" onClick={onStop}>
          Stop here
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.bar} role="toolbar" aria-label={label}>
      <b className={`sb num ${classes.count}`} aria-live="polite">
        {count} selected
      </b>
      {children}
      <span className="grow" />
      <Button variant="default" onClick={onClear}>
        Clear{' '}
        <kbd className="hide-phone" style={{ marginLeft: 6 }}>
          Esc
        </kbd>
      </Button>
    </div>
  );
}
