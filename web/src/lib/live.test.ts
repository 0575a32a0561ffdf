import { expect, test } from 'vitest';
import { isTouched } from './live.ts';

const id = '01930000-0000-7000-8000-00000000000a';
const other = '01930000-0000-7000-8000-00000000000b';
const changed = [{ kind: 'alert', id }];

test('a change finds the lists of its kind, its own record, and what is derived from it', () => {
  expect(isTouched(['alert', 'list', { status: 'open' }], changed)).toBe(true);
  expect(isTouched(['alert', id, 'log'], changed)).toBe(true);
  expect(isTouched(['report', 'alerts', 14], changed)).toBe(true);
  expect(isTouched(['service', 'list', 'page', undefined], changed)).toBe(true);
  expect(isTouched(['service', other], changed)).toBe(true);
});

test('it leaves other records and kinds alone', () => {
  expect(isTouched(['alert', other], changed)).toBe(false);
  expect(isTouched(['person', 'list'], changed)).toBe(false);
  expect(isTouched(['service', 'list', 'choice', {}], changed)).toBe(false);
});

test('a record cached under its readable key is fetched again, since the stream names ids', () => {
  expect(isTouched(['ticket', 'INC-12', 'activity'], [{ kind: 'ticket', id }])).toBe(true);
});
