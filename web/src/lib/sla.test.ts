import { expect, test } from 'vitest';
import type { TicketSla } from '../api/types.ts';
import { byUrgency, nextChange, remainingAt, seenNow, stateAt } from './sla.ts';

const at = Date.parse('2026-05-21T10:00:00Z');
const clock = (part: Partial<TicketSla>): TicketSla => ({
  key: 'resolution',
  name: 'Time to resolution',
  phase: 'running',
  remaining_s: 600,
  elapsed_s: 3000,
  target_s: 3600,
  breached: false,
  paused: false,
  within_hours: true,
  seen_at: at,
  ...part,
});

test('a clock counts down only while it runs and within its hours', () => {
  const later = at + 60_000;
  expect(remainingAt(clock({}), later)).toBe(540);
  expect(remainingAt(clock({ phase: 'paused', paused: true }), later)).toBe(600);
  expect(remainingAt(clock({ phase: 'completed' }), later)).toBe(600);
  expect(remainingAt(clock({ within_hours: false }), later)).toBe(600);
  // The hours end in 30 s: what remains then stands still until the server is asked again.
  expect(remainingAt(clock({ next_change: '2026-05-21T10:00:30Z' }), later)).toBe(570);
  // A browser whose clock stands a moment before the answer adds no time.
  expect(remainingAt(clock({}), at - 500)).toBe(600);
});

test('it warns in the last fifth, breaches while one looks, and keeps its outcome', () => {
  expect(stateAt(clock({ remaining_s: 721 }), at)).toBe('ok');
  expect(stateAt(clock({ remaining_s: 720 }), at)).toBe('warning');
  expect(stateAt(clock({}), at + 600_000)).toBe('warning');
  expect(stateAt(clock({}), at + 601_000)).toBe('breached');
  expect(stateAt(clock({ phase: 'paused' }), at)).toBe('paused');
  expect(stateAt(clock({ phase: 'paused', remaining_s: -5, breached: true }), at)).toBe('breached');
  expect(stateAt(clock({ phase: 'completed' }), at)).toBe('met');
  expect(stateAt(clock({ phase: 'completed', breached: true, remaining_s: -60 }), at)).toBe('missed');
});

test('the most urgent clock comes first', () => {
  const order = byUrgency([
    clock({ key: 'done', phase: 'completed', remaining_s: -9000 }),
    clock({ key: 'paused', phase: 'paused', remaining_s: 1 }),
    clock({ key: 'late', remaining_s: -3 }),
    clock({ key: 'soon', remaining_s: 5 }),
  ]);
  expect(order.map(({ key }) => key)).toEqual(['late', 'soon', 'paused', 'done']);
});

test('the next change of hours is the earliest of those that run', () => {
  const one = clock({ next_change: '2026-05-21T14:00:00Z' });
  const two = clock({ next_change: '2026-05-21T12:00:00Z', within_hours: false });
  const paused = clock({ next_change: '2026-05-21T11:00:00Z', phase: 'paused' });
  expect(nextChange([one, two, paused, clock({})], at)).toBe(Date.parse('2026-05-21T12:00:00Z'));
  expect(nextChange([paused], at)).toBeUndefined();
  expect(seenNow({ slas: [clock({ seen_at: 0 })] }, 7).slas[0]?.seen_at).toBe(7);
});
