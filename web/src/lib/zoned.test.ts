import { expect, test } from 'vitest';
import { fromLocal, toLocal } from './zoned.ts';

test('local times of a zone become instants, on both sides of a change of clocks', () => {
  expect(fromLocal('2026-05-22T09:00', 'Europe/Oslo')?.toISOString()).toBe('2026-05-22T07:00:00.000Z');
  expect(fromLocal('2026-03-28T09:00', 'Europe/Oslo')?.toISOString()).toBe('2026-03-28T08:00:00.000Z');
  expect(fromLocal('2026-03-29T09:00', 'Europe/Oslo')?.toISOString()).toBe('2026-03-29T07:00:00.000Z');
  expect(fromLocal('2026-11-01T09:00', 'America/New_York')?.toISOString()).toBe('2026-11-01T14:00:00.000Z');
  expect(fromLocal('nonsense', 'UTC')).toBeUndefined();
});

test('instants become local times', () => {
  expect(toLocal(Date.parse('2026-05-21T22:30:10Z'), 'Europe/Oslo')).toBe('2026-05-22T00:30');
});
