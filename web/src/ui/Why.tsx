import { Popover } from '@mantine/core';
import classes from './Why.module.css';

/** A dotted word that opens the explanation: inputs, rule, exclusions. Opens on click or key, not on hover. */
export function Why({ children, label = 'Why' }: { children: React.ReactNode; label?: string }) {
  return (
    <Popover position="bottom-start" withinPortal trapFocus={false} returnFocus>
      <Popover.Target>
        <button type="button" className={classes.why}>
          {label}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.body}>{children}</div>
      </Popover.Dropdown>
    </Popover>
  );
}
