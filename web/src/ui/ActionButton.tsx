import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import { useId } from 'react';
import type { Action } from '../api/types.ts';
import { useShortcut } from '../lib/shortcuts.ts';
import { sentence } from '../lib/text.ts';
import { localTimes } from '../lib/time.ts';
import classes from './ActionButton.module.css';

/** The server's word on one action of a record; absent means that it does not exist here. */
export function findAction(actions: readonly Action[] | undefined, name: string): Action | undefined {
  return actions?.find((action) => action.name === name);
}

interface Props extends Omit<ButtonProps, 'disabled'> {
  /** From the record's `actions`. Nothing is drawn when the server does not list it. */
  action: Action | undefined;
  onClick: () => void;
  /** Key that does the same, shown on the button and in `?`. */
  shortcut?: string;
  /** Name in the list of keys. */
  label?: string;
  /** Print the reason beside the button (default) or only tie it to the button for tight rows. */
  reason?: 'beside' | 'tooltip';
  /** It opens a menu, which is open or not. */
  menu?: boolean;
  children: React.ReactNode;
}

/** A button whose right to act comes from the server: disabled with the reason, never hidden by our own rule. */
export function ActionButton({
  action,
  onClick,
  shortcut,
  label,
  reason = 'beside',
  menu,
  children,
  ...button
}: Props) {
  const id = useId();
  const allowed = action?.allowed ?? false;
  const run = () => {
    if (allowed && !button.loading) onClick();
  };
  useShortcut(shortcut ?? 'none', label ?? action?.name ?? '', run, { enabled: Boolean(shortcut) && allowed });
  if (!action) return null;
  const shown = (
    <Button
      variant="default"
      {...button}
      onClick={run}
      data-disabled={allowed ? undefined : true}
      aria-disabled={allowed ? undefined : true}
      aria-describedby={allowed ? undefined : id}
      aria-keyshortcuts={shortcut}
      {...(menu !== undefined && { 'aria-haspopup': 'menu' as const, 'aria-expanded': menu })}
    >
      {children}
      {shortcut && (
        <kbd style={{ marginLeft: 6 }} className="hide-phone">
          {shortcut}
        </kbd>
      )}
    </Button>
  );
  if (allowed) return shown;
  const text = localTimes(sentence(action.reason ?? 'You may not do this'));
  if (reason === 'tooltip') {
    return (
      <Tooltip label={text} events={{ hover: true, focus: true, touch: true }}>
        <span className={classes.wrap}>
          {shown}
          <span id={id} className="vh">
            {text}
          </span>
        </span>
      </Tooltip>
    );
  }
  return (
    <span className={classes.wrap}>
      {shown}
      <span id={id} className={classes.reason}>
        {text}
      </span>
    </span>
  );
}
