import { IconBellOff, IconBellRinging, IconCheck, IconEye, IconMoon } from '@tabler/icons-react';
import type { Alert } from '../api/types.ts';
import { useNow } from '../lib/clock.ts';
import { formatUntil, millis } from '../lib/time.ts';

type State = 'open' | 'acked' | 'snoozed' | 'closed' | 'suppressed';
type Facts = Pick<Alert, 'status' | 'acknowledged' | 'snoozed_until' | 'acknowledged_by'>;

const LOOKS = {
  open: { tone: 'critical', Icon: IconBellRinging },
  acked: { tone: 'info', Icon: IconEye },
  snoozed: { tone: 'hold', Icon: IconMoon },
  closed: { tone: 'ok', Icon: IconCheck },
  suppressed: { tone: 'neutral', Icon: IconBellOff },
} as const;

/** What an alert's facts mean at this moment. */
export function alertStateOf(alert: Facts, now: number): State {
  if (alert.status === 'closed') return 'closed';
  if (alert.snoozed_until && millis(alert.snoozed_until) > now) return 'snoozed';
  return alert.acknowledged ? 'acked' : 'open';
}

/** Glyph and word of an alert's state. `compact` for table rows; `pulse` only where this person is being paged. */
export function AlertState({
  alert,
  compact = false,
  pulse = false,
}: {
  alert: Facts;
  compact?: boolean;
  pulse?: boolean;
}) {
  const now = useNow(30);
  const state = alertStateOf(alert, now);
  const { tone, Icon } = LOOKS[state];
  const text = {
    open: compact ? 'Open' : 'Open, nobody acknowledged',
    acked: compact || !alert.acknowledged_by ? 'Acknowledged' : `Acknowledged by ${alert.acknowledged_by.name}`,
    snoozed: alert.snoozed_until ? `Snoozed until ${formatUntil(alert.snoozed_until, now)}` : 'Snoozed',
    closed: 'Closed',
    suppressed: 'Suppressed',
  }[state];
  const icon = <Icon size={14} stroke={2} aria-hidden="true" />;
  if (compact) {
    return (
      <span className="icon-text nowrap">
        <span className={`m-${tone}`} style={{ display: 'inline-flex' }}>
          {icon}
        </span>
        {text}
      </span>
    );
  }
  return (
    <span className={`tag ${tone}`}>
      <span className={pulse && state === 'open' ? 'pulse' : undefined} style={{ display: 'inline-flex' }}>
        {icon}
      </span>
      {text}
    </span>
  );
}
