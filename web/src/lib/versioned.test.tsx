import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useVersioned } from './versioned.ts';

interface Team {
  version: number;
  name: string;
  zone: string;
}
const draftOf = (team: Team | undefined) => ({ name: team?.name ?? '', zone: team?.zone ?? 'UTC' });
const first: Team = { version: 1, name: 'Payments', zone: 'UTC' };
const edit = () => renderHook(({ team }) => useVersioned(team, draftOf), { initialProps: { team: first } });

test('what only the others changed follows by itself, what is typed stays', () => {
  const { result, rerender } = edit();
  act(() => result.current.set({ name: 'Card payments' }));
  rerender({ team: { version: 2, name: 'Payments', zone: 'Europe/Oslo' } });
  expect(result.current.draft).toEqual({ name: 'Card payments', zone: 'Europe/Oslo' });
  expect(result.current.version).toBe(2);
  expect(result.current.clashes).toEqual([]);
  expect(result.current.changed).toBe(true);
});

test('a field that both changed shows both, and quotes the old version until one is chosen', () => {
  const { result, rerender } = edit();
  act(() => result.current.set({ name: 'Card payments' }));
  rerender({ team: { version: 2, name: 'Tills', zone: 'Europe/Oslo' } });
  expect(result.current.clashes).toEqual([{ field: 'name', theirs: 'Tills', mine: 'Card payments' }]);
  expect(result.current.version).toBe(1);
  act(() => result.current.resolve([]));
  expect(result.current.draft).toEqual({ name: 'Card payments', zone: 'Europe/Oslo' });
  expect(result.current.version).toBe(2);
  expect(result.current.clashes).toEqual([]);
});

test('their value can be taken', () => {
  const { result, rerender } = edit();
  act(() => result.current.set({ name: 'Card payments' }));
  rerender({ team: { version: 2, name: 'Tills', zone: 'UTC' } });
  act(() => result.current.resolve(['name']));
  expect(result.current.draft.name).toBe('Tills');
  expect(result.current.changed).toBe(false);
});

test('the answer to one’s own save is no clash', () => {
  const { result, rerender } = edit();
  act(() => result.current.set({ name: 'Card payments' }));
  rerender({ team: { version: 2, name: 'Card payments', zone: 'UTC' } });
  expect(result.current.clashes).toEqual([]);
  expect(result.current.changed).toBe(false);
  expect(result.current.version).toBe(2);
});
