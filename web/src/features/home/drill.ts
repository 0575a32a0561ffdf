/** From a number of a report to the records that it counts: which they are, and their address. */
import { serverNow } from '../../lib/api.ts';

const DAY_MS = 86_400_000;

/** Whole days of UTC, as the reports cut them. */
export interface Span {
  from: string;
  to: string;
}

/** Up to the end of today, so that an answer stays cached during the day. */
export function lastDays(days: number, now = serverNow()): Span {
  const end = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
  return { from: new Date(end - days * DAY_MS).toISOString(), to: new Date(end).toISOString() };
}

/** What is counted. Alerts: raised, acknowledged. Tickets: opened, resolved. Cycles of clocks: met, breached, both. */
export const DRILLS = ['raised', 'acknowledged', 'opened', 'resolved', 'met', 'breached', 'ended'] as const;
export type Drill = (typeof DRILLS)[number];

/** Where one is in the reports; every part of it is in the address. */
export interface ReportsSearch {
  days?: 7 | 30 | 90 | undefined;
  /** Service levels of this project alone. */
  project?: string | undefined;
  /** This service level alone. */
  sla?: string | undefined;
  /** The records behind this number are shown. */
  drill?: Drill | undefined;
  /** Those of one day: `2026-05-21`. */
  at?: string | undefined;
  /** Those of one service level. */
  of?: string | undefined;
}

export const USUAL_DAYS = 14;
export const PERIODS = [7, 14, 30, 90] as const;

/** What the address may say; anything else is left out. */
export function readReportsSearch(search: Record<string, unknown>): ReportsSearch {
  const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);
  const days = Number(search.days);
  const at = text(search.at);
  return {
    days: days === 7 || days === 30 || days === 90 ? days : undefined,
    project: text(search.project),
    sla: text(search.sla),
    drill: DRILLS.find((drill) => drill === search.drill),
    at: at && /^\d{4}-\d\d-\d\d$/.test(at) && !Number.isNaN(Date.parse(at)) ? at : undefined,
    of: text(search.of),
  };
}

/** The span of the records: one day, or all of the report. */
export function spanOf({ days = USUAL_DAYS, at }: { days?: number | undefined; at?: string | undefined }): Span {
  if (!at) return lastDays(days);
  const from = Date.parse(`${at}T00:00Z`);
  return { from: new Date(from).toISOString(), to: new Date(from + DAY_MS).toISOString() };
}

/** The day of a series' instant, as the address has it. */
export const dayKey = (at: string): string => new Date(at).toISOString().slice(0, 10);

/** The tickets of a number in the query language: what the list of tickets takes too. */
export function ticketQuery(drill: 'opened' | 'resolved', { from, to }: Span): string {
  const field = drill === 'opened' ? 'created' : 'resolved';
  const instant = (text: string) => text.replace('.000Z', 'Z');
  return `${field} >= ${instant(from)} AND ${field} < ${instant(to)} ORDER BY ${field} DESC`;
}
