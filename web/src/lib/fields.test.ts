import { expect, test } from 'vitest';
import type { Field, FieldBody } from '../api/types.ts';
import { fieldKey, filledIn, isFor, sentValue } from './fields.ts';

const BODY: FieldBody = {
  name: 'X',
  kind: 'text',
  projects: [],
  ticket_kinds: [],
  required: false,
  customers: 'hidden',
};
const field = (key: string, part: Partial<FieldBody> = {}): Field => ({
  key,
  version: 1,
  definition: { ...BODY, ...part },
  used: false,
  actions: [],
});

test('a field is for its projects and kinds, and for all where it names none', () => {
  expect(isFor(BODY, null, 'incident')).toBe(true);
  expect(isFor({ ...BODY, projects: ['p'] }, 'p', 'incident')).toBe(true);
  expect(isFor({ ...BODY, projects: ['p'] }, null, 'incident')).toBe(false);
  expect(isFor({ ...BODY, projects: ['p'], ticket_kinds: ['request'] }, 'p', 'incident')).toBe(false);
});

test('only what is filled in is sent; an emptied default is sent as nothing', () => {
  const fields = [field('a'), field('b', { default: 'x' }), field('c', { default: 'y' }), field('d'), field('e')];
  expect(filledIn(fields, { a: 'one', b: '', d: [], e: false, other: 1 })).toEqual({
    a: 'one',
    b: null,
    c: 'y',
    e: false,
  });
  expect(sentValue(0)).toBe(0);
  expect(sentValue('')).toBeNull();
});

test('a key is made of the name', () => {
  expect(fieldKey('Cost centre (€)')).toBe('cost_centre');
  expect(fieldKey('Größe')).toBe('gro_e');
  expect(fieldKey('***')).toBe('field');
});
