/**
 * Clocks of service levels as the browser shows them. The server counts; between two answers the browser only counts
 * down what it was told, while the clock runs and within its hours. When the hours end or begin it asks again.
 */
import { useEffect } from 'react';
import type { TicketSla } from '../api/types.ts';
import { serverNow } from './api.ts';
import { millis } from './time.ts';

/** What a clock needs to tick; the cycles of a clock have it too. */
export type Ticking = Pick<TicketSla, 'phase' | 'within_hours' | 'remaining_s' | 'next_change' | 'seen_at'>;

/** Notes when the clocks were read. Call it on every answer that carries them. */
export function seenNow<T extends { slas?: TicketSla[] }>(record: T, at = serverNow()): T {
  return record.slas ? { ...record, slas: record.slas.map((sla) => ({ ...sla, seen_at: at })) } : record;
}

export const isTicking = (clock: Ticking): boolean => clock.phase === 'running' && clock.within_hours;

/** Seconds that remain at `now`; below zero after the breach. Never counts beyond the end of the hours. */
export function remainingAt(clock: Ticking, now: number): number {
  if (!isTicking(clock) || clock.seen_at === undefined) return clock.remaining_s;
  const until = clock.next_change ? Math.min(now, millis(clock.next_change)) : now;
  return clock.remaining_s - Math.max(0, until - clock.seen_at) / 1000;
}

export type ClockState = 'ok' | 'warning' | 'breached' | 'paused' | 'met' | 'missed';

/** A fifth of the target is left, or less. */
const NEAR = 0.2;

export function stateAt(clock: TicketSla, now: number): ClockState {
  const remaining = remainingAt(clock, now);
  if (clock.phase === 'completed') return clock.breached ? 'missed' : 'met';
  if (remaining < 0 || clock.breached) return 'breached';
  if (clock.phase === 'paused') return 'paused';
  return remaining <= clock.target_s * NEAR ? 'warning' : 'ok';
}

const RANK: Record<TicketSla['phase'], number> = { running: 0, paused: 1, completed: 2 };

/** The most urgent first: those that run by what remains, then the paused, then the completed. */
export const byUrgency = (slas: readonly TicketSla[]): TicketSla[] =>
  slas.toSorted((a, b) => RANK[a.phase] - RANK[b.phase] || a.remaining_s - b.remaining_s || (a.key < b.key ? -1 : 1));

/** The next moment at which the hours of one of these clocks end or begin. */
export function nextChange(slas: readonly Ticking[], now: number): number | undefined {
  const times = slas
    .filter(({ phase, next_change }) => phase === 'running' && next_change)
    .map(({ next_change }) => millis(next_change ?? 0))
    .filter((at) => at > now);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Longest wait that a browser's timer can hold. */
const LONGEST_MS = 2 ** 31 - 1;

/** Fetches again when the hours of a clock end or begin: what it shows stops or goes on there. */
export function useHours(slas: readonly Ticking[], refetch: () => void): void {
  const at = nextChange(slas, serverNow());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the callback is new on each render, the moment is not
  useEffect(() => {
    if (at === undefined) return;
    const timer = setTimeout(refetch, Math.min(at - serverNow() + 1000, LONGEST_MS));
    return () => clearTimeout(timer);
  }, [at]);
}
