/**
 * Custom fields: what they are, which tickets have them, and their values between the server and the inputs. The server
 * checks values; here is only how they are written.
 */
import { queryOptions } from '@tanstack/react-query';
import type { Field, FieldBody, FieldKind, TicketKind } from '../api/types.ts';
import { api } from './api.ts';
import { listKey } from './keys.ts';

export const FIELD_KINDS: Record<FieldKind, string> = {
  text: 'One line of text',
  long_text: 'Several lines of text',
  number: 'Number',
  date: 'Day',
  instant: 'Day and time',
  checkbox: 'Yes or no',
  choice: 'One of its options',
  choices: 'Several of its options',
  person: 'Person',
  team: 'Team',
  service: 'Service',
  url: 'Web address',
};

export const hasOptions = (kind: FieldKind): boolean => kind === 'choice' || kind === 'choices';

export const fieldsQuery = queryOptions({
  queryKey: listKey('field', 'all'),
  queryFn: ({ signal }) => api.get<{ items: Field[] }>('/fields', { signal }),
  staleTime: 60_000,
  retry: false,
});

/** Whether tickets of this project and kind have the field. */
export const isFor = ({ projects, ticket_kinds }: FieldBody, project: string | null, kind: TicketKind): boolean =>
  (projects.length === 0 || (project !== null && projects.includes(project))) &&
  (ticket_kinds.length === 0 || ticket_kinds.includes(kind));

/** What an input holds when nothing is filled in: the server is then told null. */
export const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** A value as it is sent. */
export const sentValue = (value: unknown): unknown => (isBlank(value) ? null : value);

/** The values of a form that are filled in. Those that have a default and are emptied are sent as null. */
export function filledIn(fields: readonly Field[], values: Record<string, unknown>): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const { key, definition } of fields) {
    const value = key in values ? values[key] : definition.default;
    if (!isBlank(value)) sent[key] = value;
    else if (!isBlank(definition.default)) sent[key] = null;
  }
  return sent;
}

/** The key of a new field: `Cost centre` becomes `cost_centre`. */
export const fieldKey = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40)
    .replace(/^_+|_+$/g, '') || 'field';
