import { Button, CloseButton } from '@mantine/core';
import {
  IconCircleDashed,
  IconFlag,
  IconForms,
  IconMessage,
  IconRefresh,
  IconTag,
  IconUser,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { BulkChange, BulkTicket, Ticket } from '../../api/types.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { sentence } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { BulkBar } from '../../ui/BulkBar.tsx';
import { type BulkAsk, BulkForm } from './BulkForm.tsx';
import { type BulkDone, commonAction, outcomeText, useBulk } from './bulk.ts';
import classes from './Tickets.module.css';

const ACTIONS: { ask: BulkAsk; right: string; label: string; icon: typeof IconUser; shortcut: string }[] = [
  { ask: 'assign', right: 'assign', label: 'Assign', icon: IconUser, shortcut: 'A' },
  { ask: 'status', right: 'transition', label: 'Status', icon: IconCircleDashed, shortcut: 'S' },
  { ask: 'priority', right: 'override_priority', label: 'Priority', icon: IconFlag, shortcut: 'P' },
  { ask: 'team', right: 'edit', label: 'Team', icon: IconUsersGroup, shortcut: 'T' },
  { ask: 'labels', right: 'edit', label: 'Labels', icon: IconTag, shortcut: 'L' },
  { ask: 'field', right: 'edit', label: 'Field', icon: IconForms, shortcut: 'F' },
  { ask: 'comment', right: 'comment_internal', label: 'Comment', icon: IconMessage, shortcut: 'R' },
];

/** Which tickets could not be changed and why, with a second try for those alone. */
function Failures({
  done,
  onRetry,
  onSelect,
  onClose,
  busy,
}: {
  done: BulkDone;
  onRetry: (tickets: BulkTicket[]) => void;
  onSelect: (ids: string[]) => void;
  onClose: () => void;
  busy: boolean;
}) {
  const again = [...done.failed.map(({ id, key }) => ({ id, key: key ?? '' })), ...done.left];
  return (
    <section className={`panel ${classes.failures}`} role="alert" aria-label="What was not changed">
      <header>
        <h2>{outcomeText(done)}</h2>
        <span className="end row" style={{ gap: 6 }}>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconRefresh size={14} />}
            loading={busy}
            onClick={() => onRetry(again)}
          >
            Try {again.length === 1 ? 'this one' : `these ${again.length}`} again
          </Button>
          <Button variant="subtle" size="compact-sm" onClick={() => onSelect(again.map(({ id }) => id))}>
            Select them
          </Button>
          <CloseButton aria-label="Close" onClick={onClose} />
        </span>
      </header>
      <ul className="lines pad">
        {done.failed.map(({ id, key, message }) => (
          <li key={id}>
            {key ? (
              <Link className="key" to="/tickets/$key" params={{ key }}>
                {key}
              </Link>
            ) : (
              <span className="t3">a ticket that you cannot see</span>
            )}
            <span className="t2">{sentence(message)}</span>
          </li>
        ))}
        {done.left.length > 0 && (
          <li className="t3">
            Not reached:{' '}
            {done.left
              .slice(0, 10)
              .map(({ key }) => key)
              .join(', ')}
            {done.left.length > 10 && ` and ${done.left.length - 10} more`}
          </li>
        )}
      </ul>
    </section>
  );
}

/**
 * Changes to the selected tickets: the bar with its keys, the forms, and what came of it. Without a selection the keys
 * work on the row that J and K moved to. `children` is given the report on what failed, to show it above the list.
 */
export function useBulkEdit({
  chosen,
  current,
  onSelect,
  enabled,
}: {
  chosen: readonly Ticket[];
  current: Ticket | undefined;
  onSelect: (ids: ReadonlySet<string>) => void;
  enabled: boolean;
}): { bar: React.ReactNode; report: React.ReactNode } {
  const bulk = useBulk();
  const [ask, setAsk] = useState<BulkAsk>();
  const [done, setDone] = useState<BulkDone>();
  const targets = chosen.length > 0 ? chosen : current ? [current] : [];
  const clear = () => onSelect(new Set());
  const busy = bulk.progress !== undefined;

  const send = async (tickets: readonly BulkTicket[], change: BulkChange) => {
    const outcome = await bulk.run(tickets, change, () => setAsk(undefined));
    const open = [...outcome.failed, ...outcome.left];
    onSelect(new Set(open.map(({ id }) => id)));
    setDone(open.length > 0 ? outcome : undefined);
    if (open.length === 0) toastOk(outcomeText(outcome));
  };
  const open = (what: BulkAsk, right: string) => {
    if (commonAction(targets, right).allowed && !busy) setAsk(what);
  };
  const may = (right: string) => enabled && targets.length > 0 && commonAction(targets, right).allowed;
  // The bar has the keys while it is there; these are those of the row under the cursor.
  const single = chosen.length === 0;
  useShortcut('A', 'Assign', () => open('assign', 'assign'), { enabled: single && may('assign') });
  useShortcut('S', 'Status', () => open('status', 'transition'), { enabled: single && may('transition') });
  useShortcut('P', 'Priority', () => open('priority', 'override_priority'), {
    enabled: single && may('override_priority'),
  });
  useShortcut('Esc', 'Clear the selection', clear, { enabled: chosen.length > 0 });

  return {
    bar: (
      <>
        {(chosen.length > 0 || busy) && enabled && (
          <BulkBar
            label="Selected tickets"
            count={chosen.length}
            onClear={clear}
            progress={bulk.progress && { ...bulk.progress, onStop: bulk.stop }}
          >
            {ACTIONS.map(({ ask: what, right, label, icon: Icon, shortcut }) => (
              <ActionButton
                key={what}
                action={commonAction(chosen, right)}
                reason="tooltip"
                leftSection={<Icon size={16} />}
                shortcut={shortcut}
                label={label}
                onClick={() => setAsk(what)}
              >
                {label}
              </ActionButton>
            ))}
          </BulkBar>
        )}
        <BulkForm
          ask={ask}
          tickets={targets}
          onClose={() => setAsk(undefined)}
          onSend={(change) => send(targets, change)}
        />
      </>
    ),
    report: done && (
      <Failures
        done={done}
        busy={busy}
        onRetry={(tickets) => {
          send(tickets, done.change).catch((error: unknown) => toastError(error, 'Nothing was changed'));
        }}
        onSelect={(ids) => onSelect(new Set(ids))}
        onClose={() => setDone(undefined)}
      />
    ),
  };
}
