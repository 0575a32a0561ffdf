import { expect, test } from 'vitest';
import {
  formatAge,
  formatCountdown,
  formatDayTime,
  formatDuration,
  formatRelative,
  formatUntil,
  localTimes,
  zoneName,
} from './time.ts';

const now = Date.parse('2026-05-21T00:57:00Z');

test('durations have two parts at most', () => {
  expect([9, 65, 609, 2640, 12_068, 187_200].map(formatDuration)).toEqual([
    '9 s',
    '1 min 05 s',
    '10 min 09 s',
    '44 min',
    '3 h 21 min',
    '2 d 04 h',
  ]);
});

test('a countdown stops at zero', () => {
  expect(formatCountdown(292)).toBe('4:52');
  expect(formatCountdown(12_068)).toBe('3:21:08');
  expect(formatCountdown(-5)).toBe('0:00');
});

test('ages and relative times', () => {
  expect(formatAge(now - 180_000, now)).toBe('3 m');
  expect(formatRelative(now - 9000, now)).toBe('9 s ago');
  expect(formatRelative(now + 300_000, now)).toBe('in 5 min');
});

test('the person’s zone and its daylight saving decide what the clock says', () => {
  expect(formatDayTime('2026-05-21T00:57:00Z', 'Europe/Oslo')).toBe('Thu 21 May, 02:57');
  expect(formatDayTime('2026-01-21T00:57:00Z', 'Europe/Oslo')).toBe('Wed 21 Jan, 01:57');
  expect(zoneName('2026-05-21T00:57:00Z', 'Europe/Oslo')).toBe('CEST');
});

test('until says only as much as is needed', () => {
  expect(formatUntil('2026-05-21T07:00:00Z', now, 'Europe/Oslo')).toBe('09:00');
  expect(formatUntil('2026-05-22T07:00:00Z', now, 'Europe/Oslo')).toBe('Fri 09:00');
  expect(formatUntil('2026-06-05T07:00:00Z', now, 'Europe/Oslo')).toBe('Fri 5 Jun, 09:00');
});

test('instants in a sentence of the server become local times', () => {
  expect(localTimes('closed at 2026-05-21T00:57:12.194017Z; a new one opens', 'Europe/Oslo')).toBe(
    'closed at Thu 21 May, 02:57; a new one opens',
  );
});
