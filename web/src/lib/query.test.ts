import { expect, test } from 'vitest';
import { scalarOf, sortOf, splice, splitOrder, tokens, unitOf, withSort } from './query.ts';

test('positions are characters, also after one outside the basic plane', () => {
  const text = 'summary ~ "🔥 fire" AND stats = x';
  expect(text.slice(unitOf(text, 23), unitOf(text, 28))).toBe('stats');
  expect(scalarOf(text, text.indexOf('stats'))).toBe(23);
  expect(splice(text, 23, 28, 'status')).toBe('summary ~ "🔥 fire" AND status = x');
});

test('colours lose no character and know fields from values', () => {
  const text = 'assignee = currentUser() AND "Service tier" IN (1, 2) ORDER BY created DESC';
  expect(
    tokens(text)
      .map((token) => token.text)
      .join(''),
  ).toBe(text);
  expect(
    tokens(text)
      .filter(({ kind }) => kind === 'field')
      .map((token) => token.text),
  ).toEqual(['assignee', '"Service tier"', 'created']);
  for (const broken of ['"open', "x = 'a", 'a & b | c', '=', '🔥']) {
    expect(
      tokens(broken)
        .map((token) => token.text)
        .join(''),
    ).toBe(broken);
  }
});

test('a column head writes ORDER BY, and only that', () => {
  expect(withSort('project = OPS', '-created')).toBe('project = OPS ORDER BY created DESC');
  expect(withSort('project = OPS order by priority, updated desc', 'status')).toBe('project = OPS ORDER BY status ASC');
  expect(withSort('', 'key')).toBe('ORDER BY key ASC');
  // Words inside quotes are no ORDER BY.
  expect(withSort('summary ~ "order by mail"', '-updated')).toBe('summary ~ "order by mail" ORDER BY updated DESC');
  expect(sortOf('project = OPS ORDER BY priority DESC, key')).toBe('-priority');
  expect(sortOf('project = OPS')).toBeUndefined();
  expect(splitOrder('ORDER BY key')).toEqual({ condition: '', order: 'key' });
});
