import { expect, test } from 'vitest';
import { differences } from './differences.ts';

test('only what differs is told, by its path', () => {
  const before = {
    name: 'A',
    goals: [{ key: 'p1', target_min: 60 }, { key: 'p2' }],
    week: { monday: [] },
    holidays: [],
  };
  const after = { name: 'A', goals: [{ key: 'p1', target_min: 30 }], week: { monday: [{ from: '08:00' }] } };
  expect(differences(before, after)).toEqual([
    { field: 'goals[0].target_min', before: 60, after: 30 },
    { field: 'goals[1]', before: { key: 'p2' }, after: null },
    { field: 'week.monday[0]', before: null, after: { from: '08:00' } },
  ]);
  expect(differences(before, before)).toEqual([]);
});
