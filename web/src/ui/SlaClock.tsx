import {
  IconAlertTriangle,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconMoon,
  IconPlayerPause,
} from '@tabler/icons-react';
import type { TicketSla } from '../api/types.ts';
import { useNow } from '../lib/clock.ts';
import { type ClockState, isTicking, remainingAt, stateAt } from '../lib/sla.ts';
import { formatCountdown, formatDuration, formatFull, usePersonZone } from '../lib/time.ts';
import classes from './SlaClock.module.css';

/** Clocks with more than a day show no seconds, so they need no tick each second. */
const DAY_S = 86_400;

const amount = (seconds: number): string =>
  Math.abs(seconds) >= DAY_S ? formatDuration(Math.abs(seconds)) : formatCountdown(Math.abs(seconds));

function words(clock: TicketSla, state: ClockState, remaining: number): string {
  switch (state) {
    case 'met':
      return 'Met';
    case 'missed':
      return `Missed by ${formatDuration(-remaining)}`;
    case 'breached':
      return `${amount(remaining)} over${clock.phase === 'paused' ? ', paused' : ''}`;
    case 'paused':
      return `Paused, ${formatDuration(remaining)} left`;
    default:
      return amount(remaining);
  }
}

function Glyph({ clock, state, remaining }: { clock: TicketSla; state: ClockState; remaining: number }) {
  if (state === 'met') return <IconCircleCheckFilled size={15} aria-hidden="true" />;
  if (state === 'missed' || state === 'breached') return <IconCircleXFilled size={15} aria-hidden="true" />;
  if (state === 'paused') return <IconPlayerPause size={15} aria-hidden="true" />;
  if (state === 'warning') return <IconAlertTriangle size={15} aria-hidden="true" />;
  if (!clock.within_hours) return <IconMoon size={15} aria-hidden="true" />;
  const percent = Math.round((100 * Math.max(0, remaining)) / Math.max(1, clock.target_s));
  return <span className={classes.ring} style={{ '--p': percent } as React.CSSProperties} aria-hidden="true" />;
}

/**
 * What remains of a service level, or how far it is over: ticking only while the clock runs and within its hours. The
 * state is a glyph and words as well as a colour.
 */
export function SlaClock({ clock, large = false }: { clock: TicketSla; large?: boolean }) {
  const zone = usePersonZone();
  const now = useNow(isTicking(clock) && Math.abs(clock.remaining_s) < DAY_S ? 1 : 60);
  const state = stateAt(clock, now);
  const remaining = remainingAt(clock, now);
  const outside = clock.phase === 'running' && !clock.within_hours;
  const title = [
    clock.name,
    `target ${formatDuration(clock.target_s)}`,
    clock.due && clock.phase === 'running' ? `due ${formatFull(clock.due, zone)}` : undefined,
    outside ? 'stands still outside its hours' : undefined,
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <span className={`${classes.sla} ${classes[state]}${large ? ` ${classes.large}` : ''}`} title={title}>
      <Glyph clock={clock} state={state} remaining={remaining} />
      <span className="vh">{clock.name}: </span>
      {words(clock, state, remaining)}
      {state === 'ok' && <span className="vh"> left</span>}
      {state === 'warning' && <span className="vh"> left, nearly due</span>}
      {outside && <span className="vh">, outside its hours</span>}
    </span>
  );
}
