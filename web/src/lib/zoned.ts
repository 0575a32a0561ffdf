/** Wall-clock times of a zone as instants, for fields where people type a local time. */

function wallClock(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms);
  const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** `2026-05-22T09:00` in a zone as an instant; a time that the clocks skip becomes the one an hour later. */
export function fromLocal(local: string, zone: string): Date | undefined {
  // Engines make dates of almost any text; only this shape is one here.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local)) return undefined;
  const wanted = Date.parse(`${local}:00Z`);
  if (Number.isNaN(wanted)) return undefined;
  const first = wanted - (wallClock(wanted, zone) - wanted);
  return new Date(wanted - (wallClock(first, zone) - first));
}

/** An instant as `2026-05-22T09:00` in a zone, as date fields want it. */
export function toLocal(ms: number, zone: string): string {
  return new Date(wallClock(Math.floor(ms / 1000) * 1000, zone)).toISOString().slice(0, 16);
}
