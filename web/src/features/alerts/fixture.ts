/** Alerts for tests. */
import type { Alert } from '../../api/types.ts';

const ALLOWED = [
  'acknowledge',
  'unacknowledge',
  'snooze',
  'unsnooze',
  'close',
  'escalate',
  'assign',
  'change',
  'add_note',
  'add_responder',
  'open_incident',
];

export function alertOf(facts: Partial<Alert>): Alert {
  return {
    id: '01930000-0000-7000-8000-0000000000a1',
    tiny_id: '88213',
    alias: 'payments-api/5xx',
    message: 'payments-api: failed requests above 2 %',
    description: '',
    status: 'open',
    acknowledged: false,
    seen: false,
    priority: 'P3',
    count: 1,
    source: 'Prometheus prod-eu',
    entity: '',
    tags: [],
    details: {},
    actions: ALLOWED.map((name) => ({ name, allowed: true })),
    responders: [],
    created_at: '2026-05-21T00:47:12Z',
    updated_at: '2026-05-21T00:47:12Z',
    last_occurred_at: '2026-05-21T00:57:12Z',
    incident_state: 'none',
    version: 1,
    ...facts,
  };
}
