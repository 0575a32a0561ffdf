import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TicketSla } from '../api/types.ts';
import { serverNow } from '../lib/api.ts';
import { renderPart } from '../test/render.tsx';
import { SlaClock } from './SlaClock.tsx';

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.setSystemTime('2026-05-21T10:00:00Z');
});
afterEach(() => {
  vi.useRealTimers();
});

const clock = (part: Partial<TicketSla>): TicketSla => ({
  key: 'response',
  name: 'First response',
  phase: 'running',
  remaining_s: 65,
  elapsed_s: 235,
  target_s: 3000,
  breached: false,
  paused: false,
  within_hours: true,
  seen_at: serverNow(),
  ...part,
});

test('a running clock ticks past its breach; one outside its hours stands still', async () => {
  renderPart(
    <>
      <p>
        <SlaClock clock={clock({})} />
      </p>
      <p>
        <SlaClock clock={clock({ name: 'Night', within_hours: false })} />
      </p>
      <p>
        <SlaClock clock={clock({ name: 'Held', phase: 'paused', paused: true })} />
      </p>
    </>,
  );
  const running = (await screen.findByText('First response:')).closest('p');
  const night = screen.getByText('Night:').closest('p');
  expect(running?.textContent).toMatch(/1:0\d left, nearly due/);
  await act(() => vi.advanceTimersByTimeAsync(70_000));
  expect(running?.textContent).toMatch(/0:0\d over/);
  expect(night?.textContent).toMatch(/1:05 left, nearly due, outside its hours/);
  expect(screen.getByText('Held:').closest('p')?.textContent).toMatch(/Paused, 1 min 05 s left/);
});
