/** A ticket for tests. */
import type { Ticket } from '../../api/types.ts';

export const TICKET: Ticket = {
  id: '01930000-0000-7000-8000-0000000000b1',
  slas: [],
  alert_count: 1,
  key: 'OPS-12',
  kind: 'incident',
  summary: 'Card payments failing',
  description: 'Since 02:47.',
  project: { id: 'p', key: 'OPS', name: 'Operations' },
  status: { key: 'in_progress', name: 'In progress', category: 'doing' },
  impact: 'extensive',
  urgency: 'critical',
  priority: 'P1',
  priority_reason: { text: 'impact extensive (tier 1), urgency critical (alert P1)', overridden: false, facts: {} },
  assignee: { id: 'jonas', name: 'Jonas Berg' },
  labels: [],
  fields: [],
  created_at: '2026-05-21T00:52:13Z',
  updated_at: '2026-05-21T00:52:13Z',
  version: 3,
  actions: [
    'edit',
    'assign',
    'transition',
    'override_priority',
    'drop_priority',
    'comment_public',
    'comment_internal',
    'link',
  ].map((name) => ({ name, allowed: true })),
  transitions: [
    { to: 'waiting', name: 'Wait', allowed: true, requires_resolution: false },
    {
      to: 'resolved',
      name: 'Resolve',
      allowed: true,
      requires_resolution: true,
      resolutions: ['fixed', 'not_reproducible'],
    },
  ],
};
