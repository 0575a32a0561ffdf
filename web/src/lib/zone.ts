/** Calendar days of a time zone. A local date is written `2026-05-21`, a local minute `2026-05-21T09:00`. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of a zone at an instant, as if it were UTC milliseconds. */
function wallClock(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
}

/**
 * The instant of a local minute. In the hour that is skipped in spring it gives the same distance
 * after midnight; of the hour that comes twice in autumn, the first.
 */
export function instantOf(local: string, zone: string): number {
  const wanted = Date.parse(`${local.length === 10 ? `${local}T00:00` : local.slice(0, 16)}Z`);
  const first = wanted - (wallClock(wanted - 86_400_000, zone) - (wanted - 86_400_000));
  if (wallClock(first, zone) === wanted) return first;
  const second = wanted - (wallClock(wanted + 86_400_000, zone) - (wanted + 86_400_000));
  return wallClock(second, zone) === wanted ? second : first;
}

/** The local date at an instant. */
export const dateIn = (at: number, zone: string): string => new Date(wallClock(at, zone)).toISOString().slice(0, 10);

/** The local minute at an instant, as `<input type="datetime-local">` takes it. */
export const minuteIn = (at: number, zone: string): string => new Date(wallClock(at, zone)).toISOString().slice(0, 16);

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** 1 Monday to 7 Sunday. */
export const weekday = (date: string): number => new Date(`${date}T00:00Z`).getUTCDay() || 7;
