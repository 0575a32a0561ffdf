import { expect, test } from 'vitest';
import { keptText, mentionAt, shownText, textParts } from './mentions.ts';

const ANA = '01930000-0000-7000-8000-0000000000a1';
const OTHER = '01930000-0000-7000-8000-0000000000a2';
const SILVA = '01930000-0000-7000-8000-0000000000a3';

test('a mention is a part of its own; what is not quite one stays text', () => {
  expect(textParts(`Ask @[Ana](person:${ANA}), now`)).toEqual(['Ask ', { name: 'Ana', person: ANA }, ', now']);
  for (const text of [
    `@[Ana](person:ana)`,
    `@[](person:${ANA})`,
    `@[ ](person:${ANA})`,
    `@[A\nb](person:${ANA})`,
    '@Ana',
  ]) {
    expect(textParts(text)).toEqual([text]);
  }
});

test('one edits names and keeps people', () => {
  const kept = `@[Ana](person:${ANA}) and @[Ana Silva](person:${SILVA})`;
  const { text, known } = shownText(kept);
  expect(text).toBe('@Ana and @Ana Silva');
  expect(keptText(text, known)).toBe(kept);
  // Part of a longer word, an address, and a name that was cut are no mentions.
  expect(keptText('@Anabel mail@Ana @An', known)).toBe('@Anabel mail@Ana @An');
  expect(keptText('(@Ana)', known)).toBe(`(@[Ana](person:${ANA}))`);
});

test('two people of one name are told apart', () => {
  const kept = `@[Ana](person:${ANA}) @[Ana](person:${OTHER})`;
  const { text, known } = shownText(kept);
  expect(text).toBe(`@Ana @[Ana](person:${OTHER})`);
  expect(keptText(text, known)).toBe(kept);
});

test.each([
  ['@', { from: 0, term: '' }],
  ['Ask @an', { from: 4, term: 'an' }],
  ['Ask @Ana Si', { from: 4, term: 'Ana Si' }],
  ['(@jö', { from: 1, term: 'jö' }],
  ['a@b', undefined],
  ['@Ana ', undefined],
  ['@Ana, and', undefined],
])('%s', (text, found) => expect(mentionAt(text, text.length)).toEqual(found));
