import { expect, test } from 'vitest';
import { snoozeChoices } from './snooze.ts';

const labels = (at: string) =>
  snoozeChoices(Date.parse(at), 'Europe/Oslo').map(
    ({ label, until }) => `${label}: ${until.toISOString().slice(0, 16)}`,
  );

test('the next morning is that of the person’s zone', () => {
  expect(labels('2026-05-21T00:57:00Z')).toContain('Until 09:00 today: 2026-05-21T07:00');
  expect(labels('2026-05-21T12:00:00Z')).toContain('Until 09:00 tomorrow: 2026-05-22T07:00');
  expect(labels('2026-05-21T12:00:00Z')).toContain('1 hour: 2026-05-21T13:00');
});
