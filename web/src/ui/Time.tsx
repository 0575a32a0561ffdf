import { useNow } from '../lib/clock.ts';
import {
  formatAge,
  formatCountdown,
  formatDay,
  formatDayTime,
  formatDuration,
  formatFull,
  formatRelative,
  formatSeconds,
  formatTime,
  formatUntil,
  type Instant,
  millis,
  usePersonZone,
} from '../lib/time.ts';

/** `3 m` in tables (`short`), `3 min ago` in text; the full moment in the title. One timer drives them all. */
export function RelativeTime({ at, short = false }: { at: Instant; short?: boolean }) {
  const zone = usePersonZone();
  const ms = millis(at);
  const now = useNow(Date.now() - ms < 120_000 ? 1 : 15);
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatFull(ms, zone)} className="nowrap">
      {short ? formatAge(ms, now) : formatRelative(ms, now)}
    </time>
  );
}

/** An exact moment in the person's zone; as `log` with seconds, and with its day unless that is today. */
export function Moment({
  at,
  as = 'day-time',
}: {
  at: Instant;
  as?: 'time' | 'seconds' | 'day-time' | 'until' | 'log';
}) {
  const zone = usePersonZone();
  const now = useNow(60);
  const ms = millis(at);
  const text = {
    time: () => formatTime(ms, zone),
    seconds: () => formatSeconds(ms, zone),
    'day-time': () => formatDayTime(ms, zone),
    log: () =>
      formatDay(ms, zone) === formatDay(now, zone)
        ? formatSeconds(ms, zone)
        : `${formatDay(ms, zone)}, ${formatSeconds(ms, zone)}`,
    until: () => formatUntil(ms, now, zone),
  }[as]();
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatFull(ms, zone)} className="nowrap">
      {text}
    </time>
  );
}

/** Time left until an instant, ticking: `4:52`. Stops at 0:00. */
export function Countdown({ to }: { to: Instant }) {
  const now = useNow(1);
  return <span className="num">{formatCountdown((millis(to) - now) / 1000)}</span>;
}

/** Time since an instant, ticking: `10 min 09 s`. With `until` it stands still. */
export function Elapsed({ from, until }: { from: Instant; until?: Instant | null | undefined }) {
  const now = useNow(1);
  return <span className="num">{formatDuration(((until ? millis(until) : now) - millis(from)) / 1000)}</span>;
}
