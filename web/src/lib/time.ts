/** Times as people read them. Instants are RFC 3339 strings from the server; zones are IANA names. */
import { useSyncExternalStore } from 'react';

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
let personZone = browserZone;
const listeners = new Set<() => void>();

/** Set from the profile after sign-in; an unknown name falls back to the browser's zone. */
export function setPersonZone(zone: string | undefined): void {
  let next = browserZone;
  if (zone) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      next = zone;
    } catch {
      next = browserZone;
    }
  }
  if (next === personZone) return;
  personZone = next;
  for (const listener of listeners) listener();
}

export function getPersonZone(): string {
  return personZone;
}

export function usePersonZone(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => personZone,
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(name: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, found);
  }
  return found;
}

export type Instant = string | number | Date;
export const millis = (at: Instant): number => (typeof at === 'number' ? at : new Date(at).getTime());

/** `02:57` */
export const formatTime = (at: Instant, zone = personZone): string =>
  format('time', zone, { hour: '2-digit', minute: '2-digit' }).format(millis(at));
/** `02:57:13` */
export const formatSeconds = (at: Instant, zone = personZone): string =>
  format('seconds', zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(millis(at));
/** `Thu 21 May` */
export const formatDay = (at: Instant, zone = personZone): string =>
  format('day', zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(millis(at)).replace(',', '');
/** `21 May 2026` */
export const formatDate = (at: Instant, zone = personZone): string =>
  format('date', zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(millis(at));
/** `Thu 21 May, 02:57` */
export const formatDayTime = (at: Instant, zone = personZone): string =>
  `${formatDay(at, zone)}, ${formatTime(at, zone)}`;
/** `Fri 09:00` within a week, else `Fri 29 May, 09:00` */
export function formatUntil(at: Instant, now: number, zone = personZone): string {
  const ms = millis(at);
  if (Math.abs(ms - now) > 6 * 86_400_000) return formatDayTime(at, zone);
  if (formatDate(ms, zone) === formatDate(now, zone)) return formatTime(ms, zone);
  return `${format('weekday', zone, { weekday: 'short' }).format(ms)} ${formatTime(ms, zone)}`;
}
/** The full moment, for titles: `Thu 21 May 2026, 02:57:13 CEST` */
export const formatFull = (at: Instant, zone = personZone): string =>
  format('full', zone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(millis(at));
/** A sentence of the server with its instants as local times: `closed at 2026-05-21T00:57:12.19Z` ends `Thu 21 May, 02:57`. */
export const localTimes = (text: string, zone = personZone): string =>
  text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (at) => formatDayTime(at, zone));
/** `CEST`, `GMT+8`: the short name of a zone at an instant. */
export function zoneName(at: Instant, zone = personZone): string {
  const part = format('zone', zone, { timeZoneName: 'short' })
    .formatToParts(millis(at))
    .find(({ type }) => type === 'timeZoneName');
  return part?.value ?? zone;
}

/** `44 min`, `3 h 21 min`, `2 d 04 h`, `9 s`: two parts at most. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 && min < 15 ? `${min} min ${String(s % 60).padStart(2, '0')} s` : `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 ? `${h} h ${String(min % 60).padStart(2, '0')} min` : `${h} h`;
  const d = Math.floor(h / 24);
  return h % 24 ? `${d} d ${String(h % 24).padStart(2, '0')} h` : `${d} d`;
}

/** A countdown: `4:52`, `3:21:08`. */
export function formatCountdown(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** `now`, `9 s`, `3 m`, `2 h`, `4 d`: the age of a row. */
export function formatAge(at: Instant, now: number): string {
  const s = Math.round((now - millis(at)) / 1000);
  if (s < 5) return 'now';
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** `9 s ago`, `in 5 min` */
export function formatRelative(at: Instant, now: number): string {
  const s = Math.round((now - millis(at)) / 1000);
  if (Math.abs(s) < 5) return 'now';
  const text = formatDuration(Math.abs(s) < 60 ? Math.abs(s) : Math.floor(Math.abs(s) / 60) * 60);
  return s > 0 ? `${text} ago` : `in ${text}`;
}

/** The zones that the browser knows; the server has the last word. */
export function timeZones(current: string): string[] {
  return [...new Set(['UTC', current, ...Intl.supportedValuesOf('timeZone')])];
}
