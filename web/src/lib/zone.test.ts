import { expect, test } from 'vitest';
import { addDays, dateIn, instantOf, minuteIn, weekday } from './zone.ts';

const at = (local: string, zone: string) => new Date(instantOf(local, zone)).toISOString();

test('local days begin where the zone says, also when clocks change', () => {
  expect(at('2026-05-21', 'Europe/Oslo')).toBe('2026-05-20T22:00:00.000Z');
  expect(at('2026-03-29', 'Europe/Oslo')).toBe('2026-03-28T23:00:00.000Z');
  expect(at('2026-03-30', 'Europe/Oslo')).toBe('2026-03-29T22:00:00.000Z');
  expect(at('2026-10-26', 'Europe/Oslo')).toBe('2026-10-25T23:00:00.000Z');
  expect(at('2026-01-01T09:00', 'America/New_York')).toBe('2026-01-01T14:00:00.000Z');
  expect(at('2026-01-01T09:00', 'Asia/Kathmandu')).toBe('2026-01-01T03:15:00.000Z');
});

test('the hour that is skipped and the hour that comes twice', () => {
  expect(at('2026-03-29T02:30', 'Europe/Oslo')).toBe('2026-03-29T01:30:00.000Z');
  expect(at('2026-10-25T02:30', 'Europe/Oslo')).toBe('2026-10-25T00:30:00.000Z');
});

test('dates and weekdays', () => {
  expect(dateIn(Date.parse('2026-05-20T23:30:00Z'), 'Europe/Oslo')).toBe('2026-05-21');
  expect(minuteIn(Date.parse('2026-05-20T23:30:00Z'), 'Europe/Oslo')).toBe('2026-05-21T01:30');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(weekday('2026-05-24')).toBe(7);
});
