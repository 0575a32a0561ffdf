import {
  IconAlertTriangle,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconPlayerPause,
  IconProgress,
} from '@tabler/icons-react';
import type { StatusCategory } from '../api/types.ts';

export type Tone = 'critical' | 'high' | 'warn' | 'info' | 'ok' | 'hold' | 'neutral';

const ICONS = {
  critical: IconCircleX,
  high: IconAlertTriangle,
  warn: IconAlertTriangle,
  info: IconProgress,
  ok: IconCircleCheck,
  hold: IconPlayerPause,
  neutral: IconCircleDashed,
} as const;

/** A result, run or sync state: tone, glyph and word together. */
export function StatusBadge({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <span className={`tag ${tone}`}>
      <Icon size={13} stroke={2} aria-hidden="true" />
      {children}
    </span>
  );
}

const CATEGORIES = {
  todo: { tone: 'info', Icon: IconCircle },
  doing: { tone: 'info', Icon: IconProgress },
  waiting: { tone: 'hold', Icon: IconPlayerPause },
  done: { tone: 'ok', Icon: IconCircleCheck },
} as const satisfies Record<StatusCategory, unknown>;

/** A ticket's status: the glyph says the category, the word the status. */
export function TicketStatus({ status }: { status: { name: string; category: StatusCategory } }) {
  const { tone, Icon } = CATEGORIES[status.category];
  return (
    <span className="icon-text nowrap">
      <Icon size={14} stroke={2} className={`m-${tone}`} aria-hidden="true" />
      {status.name}
    </span>
  );
}
