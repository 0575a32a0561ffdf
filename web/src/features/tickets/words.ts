/** Words of a ticket's fields. */
import type { TicketKind } from '../../api/types.ts';

export const KINDS: Record<TicketKind, string> = { incident: 'Incident', request: 'Request' };

export const IMPACTS = [
  { value: 'extensive', label: 'Extensive: everybody, or the business stands still' },
  { value: 'significant', label: 'Significant: many people, or a large part' },
  { value: 'moderate', label: 'Moderate: a group, or a part' },
  { value: 'minor', label: 'Minor: one person' },
];
export const URGENCIES = [
  { value: 'critical', label: 'Critical: now' },
  { value: 'high', label: 'High: today' },
  { value: 'medium', label: 'Medium: soon' },
  { value: 'low', label: 'Low: when there is time' },
];

export const PRIORITIES = ['P1', 'P2', 'P3', 'P4', 'P5'] as const;
