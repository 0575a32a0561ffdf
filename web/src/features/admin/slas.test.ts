import { expect, test } from 'vitest';
import type { Sla } from '../../api/types.ts';
import { bodyOf, draftOf, freshKey, isPlaced, readMinutes, unreadable, writeMinutes } from './slas.ts';

test('spans are read as they are written, and nothing else is', () => {
  for (const minutes of [0, 1, 59, 60, 61, 480, 10_000]) expect(readMinutes(writeMinutes(minutes))).toBe(minutes);
  expect(readMinutes('90')).toBe(90);
  expect(readMinutes(' 1 hour 30 minutes ')).toBe(90);
  expect(readMinutes('4h')).toBe(240);
  for (const text of ['', 'h', '-3m', '1d', '1.5h', 'soon']) expect(readMinutes(text)).toBeUndefined();
});

const SLA: Sla = {
  key: 'resolution',
  version: 3,
  name: 'Time to resolution',
  projects: [{ id: 'p1', name: 'Operations' }],
  definition: {
    name: 'Time to resolution',
    agreement: { kind: 'underpinning_contract', vendor: 'Fjord Telecom' },
    start: [{ event: 'created' }, { event: 'status_entered', status: 'open' }],
    pause: [{ state: 'category', category: 'waiting' }],
    stop: [{ event: 'resolution_set' }],
    on_reopen: 'continue',
    goals: [
      { key: 'p1', query: 'priority = P1', target_min: 90, counts_from: 'change' },
      { key: 'rest', query: '', target_min: 480, calendar: 'office', counts_from: 'cycle_start' },
    ],
    thresholds: [
      { kind: 'percent', percent: 75 },
      { kind: 'remaining', remaining_min: 30 },
    ],
  },
  recompute: { pending: 0, total: 0 },
  actions: [],
};

test('what nobody changes goes back as it came', () => {
  expect(bodyOf(draftOf(SLA))).toEqual({ projects: ['p1'], definition: SLA.definition });
});

test('spans that are none are told at their places', () => {
  const draft = draftOf(SLA);
  draft.goals[1] = { ...draft.goals[1], target: 'soon' } as (typeof draft.goals)[number];
  draft.thresholds[1] = { kind: 'remaining', amount: '' };
  expect(Object.keys(unreadable(draft))).toEqual([
    'definition.goals[1].target_min',
    'definition.thresholds[1].remaining_min',
  ]);
});

test('places of the server that the form does not have are said elsewhere', () => {
  expect(isPlaced('definition.goals[2].query')).toBe(true);
  expect(isPlaced('definition.start[0].status')).toBe(true);
  expect(isPlaced('definition.pause')).toBe(true);
  expect(isPlaced('key')).toBe(false);
  expect(isPlaced('definition.on_reopen')).toBe(false);
});

test('a new goal gets a name of its own', () => {
  const goal = { query: '', target: '1h', calendar: null, from: 'cycle_start' as const };
  expect(freshKey([])).toBe('goal-1');
  expect(freshKey([{ ...goal, key: 'goal-2' }])).toBe('goal-3');
});
