import { expect, test } from 'vitest';
import { keyFrom, readHours, writeHours } from './hours.ts';

test('hours are read as they are written', () => {
  const text = '08:00-12:00, 13:00-24:00';
  expect(writeHours(readHours(text))).toBe(text);
  expect(readHours(' 8:00 – 12:00 ,')).toEqual([{ from: '8:00', to: '12:00' }]);
  expect(readHours('')).toEqual([]);
  expect(readHours('noon')).toEqual([{ from: 'noon', to: '' }]);
});

test('a key has only what keys may have', () => {
  expect(keyFrom('Office hours (Oslo)')).toBe('office-hours-oslo');
  expect(keyFrom('Påske')).toBe('paske');
  expect(keyFrom('時間')).toBe('unnamed');
  expect(keyFrom(`${'a'.repeat(59)} b`)).toBe('a'.repeat(59));
});
