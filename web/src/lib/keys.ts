/**
 * Query keys. Every key starts with the kind of record as the live stream names it, so that a change
 * on the server finds the queries that show it (see `live.ts`):
 *
 * `[kind, 'list', filters]` for lists and counts, `[kind, id, ...parts]` for one record and its parts.
 */
export type LiveKind =
  | 'ticket'
  | 'alert'
  | 'schedule'
  | 'escalation_policy'
  | 'service'
  | 'person'
  | 'team'
  | 'project'
  | 'integration'
  | 'job'
  | 'queue'
  | 'sla'
  | 'calendar'
  | 'field'
  | 'notification';

export const listKey = (kind: LiveKind, ...filters: unknown[]) => [kind, 'list', ...filters] as const;
export const recordKey = (kind: LiveKind, id: string, ...parts: unknown[]) => [kind, id, ...parts] as const;

/** Who is on call is derived from several kinds; the stream invalidates it with schedules. */
export const onCallKey = (...parts: unknown[]) => ['on-call', ...parts] as const;
export const sessionKey = ['session'] as const;
