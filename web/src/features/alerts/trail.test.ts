import { expect, test } from 'vitest';
import type { AlertLogEntry, AlertTrail } from '../../api/types.ts';
import { trailEntries } from './Trail.tsx';

const at = '2026-05-21T00:47:13.250000Z';
const line = (kind: string): AlertLogEntry => ({
  id: kind,
  at,
  actor: { kind: 'system', name: 'paging' },
  kind,
  text: kind,
  data: {},
});
const trail: AlertTrail = {
  items: [
    {
      id: 'page',
      at,
      due_at: at,
      step_text: 'Step 1',
      round: 1,
      step: 1,
      person: { id: 'jonas', name: 'Jonas Berg' },
      contact: { kind: 'mail', address: 'jonas@nordhaven.example' },
      state: 'sent',
      sent_at: at,
      attempts: 1,
      because: 'it is his week',
    },
  ],
  next: [],
  not_notified: [],
};

test('in one instant an alert is raised first, then pages, then the rest, however the log is sorted', () => {
  const order = ['log incident_changed', 'step page', 'log raised'];
  const log = [line('raised'), line('incident_changed')];
  expect(trailEntries(trail, log).map(({ key }) => key)).toEqual(order);
  expect(trailEntries(trail, log.toReversed()).map(({ key }) => key)).toEqual(order);
});
