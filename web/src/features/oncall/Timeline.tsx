import { IconRefresh, IconReplace } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Ref, Span, Timeline } from '../../api/types.ts';
import { useNow } from '../../lib/clock.ts';
import { formatDayTime, millis } from '../../lib/time.ts';
import { addDays, dateIn, instantOf, weekday } from '../../lib/zone.ts';
import { initials, seriesColor } from '../../ui/PersonAvatar.tsx';
import { ScaleBar } from '../../ui/ScaleBar.tsx';
import classes from './OnCall.module.css';

interface Props {
  timeline: Timeline;
  zone: string;
  /** Local dates: first day, and how many. */
  first: string;
  days: number;
  onOverride?: (override: Timeline['overrides'][number]) => void;
}

interface Scale {
  from: number;
  to: number;
  zone: string;
}

type Look = 'final' | 'base' | 'override';

function place({ from, to }: Scale, span: { from: string; to: string }) {
  const start = Math.max(millis(span.from), from);
  const end = Math.min(millis(span.to), to);
  return { left: ((start - from) / (to - from)) * 100, width: ((end - start) / (to - from)) * 100 };
}

const range = (span: { from: string; to: string }, zone: string) =>
  `${formatDayTime(span.from, zone)} to ${formatDayTime(span.to, zone)}`;

function Bar({ span, scale, look, onClick }: { span: Span; scale: Scale; look: Look; onClick?: () => void }) {
  const { left, width } = place(scale, span);
  if (width <= 0) return null;
  const name = span.person?.name ?? 'Nobody';
  const style = {
    left: `${left}%`,
    width: `${width}%`,
    ...(span.person && { '--k': seriesColor(span.person.id) }),
  } as React.CSSProperties;
  const title = `${name}, ${range(span, scale.zone)}${span.because === 'override' ? ', by an override' : ''}`;
  const dashed = look === 'override' || (look === 'final' && span.because === 'override');
  const className = [
    classes.span,
    look === 'base' && classes.soft,
    dashed && classes.override,
    !span.person && classes.nobody,
  ]
    .filter(Boolean)
    .join(' ');
  const text = width > 9 ? name : width > 2.6 ? initials(name) : '';
  if (onClick) {
    return (
      <button
        type="button"
        className={className}
        style={{ ...style, cursor: 'pointer' }}
        title={title}
        aria-label={title}
        onClick={onClick}
      >
        {text}
      </button>
    );
  }
  return (
    <span className={className} style={style} title={title}>
      {text}
    </span>
  );
}

/** Fourteen days in the schedule's zone: what holds, and below it what it is made from. */
export function TimelineView({ timeline, zone, first, days, onOverride }: Props) {
  const now = useNow(60);
  const scale = useMemo<Scale>(
    () => ({ from: instantOf(first, zone), to: instantOf(addDays(first, days), zone), zone }),
    [first, days, zone],
  );
  const columns = useMemo(
    () =>
      Array.from({ length: days }, (_, index) => {
        const date = addDays(first, index);
        const bounds = {
          from: new Date(instantOf(date, zone)).toISOString(),
          to: new Date(instantOf(addDays(date, 1), zone)).toISOString(),
        };
        return { date, ...place(scale, bounds), weekend: weekday(date) > 5 };
      }),
    [first, days, zone, scale],
  );
  const today = dateIn(now, zone);
  const nowAt = ((now - scale.from) / (scale.to - scale.from)) * 100;
  const grid = (
    <>
      {columns.map(({ date, left, width, weekend }) => (
        <span
          key={date}
          className={`${classes.day}${weekend ? ` ${classes.weekend}` : ''}`}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      ))}
      {nowAt >= 0 && nowAt <= 100 && <span className={classes.now} style={{ left: `${nowAt}%` }} />}
    </>
  );
  const gaps = timeline.gaps.map((gap) => {
    const { left, width } = place(scale, gap);
    if (width <= 0) return null;
    return (
      <span
        key={gap.from}
        className={`${classes.span} ${classes.gap}`}
        style={{ left: `${left}%`, width: `${width}%` }}
        title={`Nobody, ${range(gap, zone)}`}
      >
        {width > 2.6 ? 'Gap' : ''}
      </span>
    );
  });
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Timeline">
        <div className={classes.grid}>
          <div className={`${classes.line} ${classes.head}`}>
            <div className={`${classes.label} t3 xs`}>Day</div>
            <div className={classes.track}>
              {columns.map(({ date, left }) => {
                const name = new Intl.DateTimeFormat('en-GB', {
                  weekday: 'short',
                  day: 'numeric',
                  timeZone: 'UTC',
                }).format(Date.parse(date));
                return (
                  <span key={date} className={classes.dayname} style={{ left: `${left}%` }}>
                    {date === today ? <b>{name}</b> : name}
                  </span>
                );
              })}
              <div className={classes.scale}>
                <ScaleBar segments={days} />
              </div>
            </div>
          </div>
          {timeline.final.map(({ rotation_id, rotation, spans }) => (
            <div className={classes.line} key={rotation_id}>
              <div className={`${classes.label} b`}>
                <span className="cut">{rotation}</span>
              </div>
              <div className={classes.track}>
                {grid}
                {spans.map((span) => (
                  <Bar key={span.from} span={span} scale={scale} look="final" />
                ))}
              </div>
            </div>
          ))}
          {timeline.gaps.length > 0 && (
            <div className={`${classes.line} ${classes.small}`}>
              <div className={`${classes.label} c-critical b`}>Nobody on call</div>
              <div className={classes.track}>
                {grid}
                {gaps}
              </div>
            </div>
          )}
          <div className={`${classes.line} ${classes.heading}`}>
            <div className={classes.label}>Made from</div>
            <div />
          </div>
          {timeline.base.map(({ rotation_id, rotation, spans }) => (
            <div className={`${classes.line} ${classes.small}`} key={rotation_id}>
              <div className={classes.label}>
                <IconRefresh size={14} aria-hidden="true" />
                <span className="cut">{rotation}</span>
              </div>
              <div className={classes.track}>
                {grid}
                {spans.map((span) => (
                  <Bar key={span.from} span={span} scale={scale} look="base" />
                ))}
              </div>
            </div>
          ))}
          <div className={`${classes.line} ${classes.small}`}>
            <div className={classes.label}>
              <IconReplace size={14} aria-hidden="true" />
              Overrides
            </div>
            <div className={classes.track}>
              {grid}
              {timeline.overrides.map((span) => (
                <Bar
                  key={span.id}
                  span={span}
                  scale={scale}
                  look="override"
                  {...(onOverride && { onClick: () => onOverride(span) })}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      <ListTwin timeline={timeline} zone={zone} />
    </>
  );
}

function ListTwin({ timeline, zone }: { timeline: Timeline; zone: string }) {
  const rows: {
    key: string;
    from: string;
    to: string;
    rotation: string;
    person: Ref | null | undefined;
    because: string;
  }[] = [
    ...timeline.final.flatMap(({ rotation_id, rotation, spans }) =>
      spans.map((span) => ({ key: `${rotation_id} ${span.from}`, rotation, person: span.person, ...span })),
    ),
    ...timeline.gaps.map((gap) => ({ key: `gap ${gap.from}`, rotation: 'all', person: null, because: 'gap', ...gap })),
  ].sort((a, b) => millis(a.from) - millis(b.from));
  return (
    <details className={classes.twin}>
      <summary>The same as a list</summary>
      <table>
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th>Rotation</th>
            <th>On call</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, from, to, rotation, person, because }) => (
            <tr key={key}>
              <td className="num">{formatDayTime(from, zone)}</td>
              <td className="num">{formatDayTime(to, zone)}</td>
              <td>{rotation}</td>
              <td>
                {person?.name ?? 'Nobody'}
                {because === 'override' && <span className="t3">, by an override</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
