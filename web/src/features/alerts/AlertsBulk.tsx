import { Button } from '@mantine/core';
import { IconEye, IconMoon, IconX } from '@tabler/icons-react';
import type { Action, Alert } from '../../api/types.ts';
import { useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { toastError } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { offerUndo } from '../../ui/undo.tsx';
import classes from './Alerts.module.css';
import { type BulkCommand, useBulkCommand, useUndo } from './queries.ts';
import { SnoozeMenu } from './SnoozeMenu.tsx';

/** One right over several alerts: allowed while at least one of them allows it. */
function common(alerts: readonly Alert[], name: string): Action {
  const all = alerts.map((alert) => findAction(alert.actions, name));
  const refused = all.find((action) => !action?.allowed);
  return { name, allowed: all.some((action) => action?.allowed), reason: refused?.reason ?? null };
}

interface Props {
  chosen: readonly Alert[];
  /** What the keys work on: the chosen ones, else the row that J and K moved to. */
  targets: readonly Alert[];
  onSelect: (ids: ReadonlySet<string>) => void;
}

/** What can be done to several alerts at once. What failed stays selected, and is said with its reasons. */
export function AlertsBulk({ chosen, targets, onSelect }: Props) {
  const me = useMe();
  const bulk = useBulkCommand(me);
  const undo = useUndo();
  const run = (command: BulkCommand, done: string) => {
    if (command.ids.length === 0) return;
    bulk.mutate(command, {
      onSuccess: ({ items }) => {
        const failed = items.filter(({ ok }) => !ok);
        const worked = items.length - failed.length;
        onSelect(new Set(failed.map(({ id }) => id)));
        if (failed.length > 0) {
          const reasons = [...new Set(failed.map(({ error }) => error ?? 'refused'))].join('; ');
          toastError(new Error(`${worked} ${done}, ${failed.length} not: ${reasons}`), 'Not all of them worked');
        } else {
          offerUndoFor(command, `${worked} ${worked === 1 ? 'alert' : 'alerts'} ${done}`);
        }
      },
    });
  };
  const offerUndoFor = (command: BulkCommand, message: string) => {
    const [only] = command.ids;
    // There is no bulk way back; one alert has its own.
    if (command.action === 'close' || command.ids.length !== 1 || !only) return;
    offerUndo(message, () =>
      undo.mutate({ id: only, action: command.action === 'snooze' ? 'unsnooze' : 'unacknowledge' }),
    );
  };
  const ids = (name: string) =>
    targets.filter((alert) => findAction(alert.actions, name)?.allowed).map((alert) => alert.id);

  useShortcut('Esc', 'Clear the selection', () => onSelect(new Set()), { enabled: chosen.length > 0 });
  useShortcut('A', 'Acknowledge', () => run({ action: 'acknowledge', ids: ids('acknowledge') }, 'acknowledged'), {
    enabled: targets.length > 0 && chosen.length === 0,
  });
  if (chosen.length === 0) return null;
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Selected alerts">
      <b className="sb num" aria-live="polite">
        {chosen.length} selected
      </b>
      <ActionButton
        action={common(chosen, 'acknowledge')}
        reason="tooltip"
        leftSection={<IconEye size={16} />}
        shortcut="A"
        label="Acknowledge"
        loading={bulk.isPending}
        onClick={() => run({ action: 'acknowledge', ids: ids('acknowledge') }, 'acknowledged')}
      >
        Acknowledge
      </ActionButton>
      <SnoozeMenu
        action={common(chosen, 'snooze')}
        onSnooze={(until) => run({ action: 'snooze', ids: ids('snooze'), until }, 'snoozed')}
        shortcut="Z"
      >
        {(open, opened) => (
          <ActionButton
            menu={opened}
            action={common(chosen, 'snooze')}
            reason="tooltip"
            leftSection={<IconMoon size={16} />}
            onClick={open}
          >
            Snooze <kbd className="hide-phone">Z</kbd>
          </ActionButton>
        )}
      </SnoozeMenu>
      <ActionButton
        action={common(chosen, 'close')}
        reason="tooltip"
        leftSection={<IconX size={16} />}
        loading={bulk.isPending}
        onClick={() => run({ action: 'close', ids: ids('close') }, 'closed')}
      >
        Close
      </ActionButton>
      <span className="grow" />
      <Button variant="default" onClick={() => onSelect(new Set())}>
        Clear <kbd className="hide-phone">Esc</kbd>
      </Button>
    </div>
  );
}
