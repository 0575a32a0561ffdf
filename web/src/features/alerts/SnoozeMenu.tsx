import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Action } from '../../api/types.ts';
import { serverNow } from '../../lib/api.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { formatUntil, usePersonZone } from '../../lib/time.ts';
import { fromLocal, toLocal } from '../../lib/zoned.ts';
import { snoozeChoices } from './snooze.ts';

interface Props {
  action: Action | undefined;
  onSnooze: (until: string) => void;
  /** The button; without it only the key opens the menu. */
  children: (open: () => void, opened: boolean) => React.ReactNode;
  shortcut?: string;
}

/** Where the menu stands. That it can be opened is said by the button inside, not by this frame around it. */
function Anchor({
  children,
  'aria-expanded': _expanded,
  'aria-haspopup': _popup,
  'aria-controls': _controls,
  ...frame
}: React.ComponentProps<'span'>) {
  return (
    <span {...frame} style={{ display: 'inline-flex' }}>
      {children}
    </span>
  );
}

/** How long: durations, the next morning, or a moment of one's own. */
export function SnoozeMenu({ action, onSnooze, children, shortcut }: Props) {
  const zone = usePersonZone();
  const [opened, setOpened] = useState(false);
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const allowed = action?.allowed ?? false;
  const open = () => {
    if (allowed) setOpened(true);
  };
  useShortcut(shortcut ?? 'none', 'Snooze', open, { enabled: Boolean(shortcut) && allowed });
  const now = serverNow();
  const until = fromLocal(typed, zone);
  const error = typed && until && until.getTime() <= now ? 'This is in the past' : undefined;
  return (
    <>
      <Menu opened={opened} onChange={(next) => setOpened(next && allowed)} withinPortal position="bottom-end">
        <Menu.Target>
          <Anchor>{children(open, opened)}</Anchor>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Snooze for</Menu.Label>
          {opened &&
            snoozeChoices(now, zone).map((choice) => (
              <Menu.Item
                key={choice.label}
                rightSection={<span className="t3 xs num">{formatUntil(choice.until, now, zone)}</span>}
                onClick={() => onSnooze(choice.until.toISOString())}
              >
                {choice.label}
              </Menu.Item>
            ))}
          <Menu.Item
            onClick={() => {
              setTyped(toLocal(now + 3_600_000, zone));
              setAsking(true);
            }}
          >
            Until …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Snooze until" centered size="sm">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!until || error) return;
            setAsking(false);
            onSnooze(until.toISOString());
          }}
        >
          <TextInput
            type="datetime-local"
            label="Date and time"
            description={zone}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={error}
            required
            data-autofocus
          />
          <div>
            <Button type="submit" disabled={!until || Boolean(error)}>
              Snooze
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
