import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { formatDate, formatDuration } from '../../lib/time.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScaleBar } from '../../ui/ScaleBar.tsx';
import { Why } from '../../ui/Why.tsx';
import { DrillLink, drillSearch } from './DrillLink.tsx';
import { type Drill, dayKey, type ReportsSearch } from './drill.ts';
import { alertReportQuery, ticketReportQuery } from './queries.ts';
import classes from './Reports.module.css';

interface Point {
  at: string;
  seconds: number | null;
  done: number;
  all: number;
}

interface Props {
  title: string;
  days: number;
  mean: number | null | undefined;
  done: number;
  all: number;
  /** What is averaged, and what it is out of: `alerts acknowledged` and `alerts raised`. */
  drills: readonly [{ drill: Drill; head: string; what: string }, { drill: Drill; head: string; what: string }];
  why: React.ReactNode;
  points: readonly Point[];
  color: string;
}

/** `21 May`; the reports are cut at midnight UTC. */
export const dayOf = (at: string) => formatDate(at, 'UTC').replace(/ \d+$/, '');

/** Short enough for the axis, in the unit of its end: `80 min`, `2.5 h`, `3 d`. */
function axisDuration(minutes: number, top: number): string {
  if (minutes === 0) return '0';
  if (top <= 120) return `${Number(minutes.toFixed(1))} min`;
  if (top <= 2880) return `${Number((minutes / 60).toFixed(1))} h`;
  return `${Number((minutes / 1440).toFixed(1))} d`;
}

/** Nothing, half and all of a round number of minutes above the highest bar, in one unit. */
export function axisTicks(points: readonly { seconds: number | null }[]): [number, number, number] {
  const highest = Math.max(1, ...points.map(({ seconds }) => (seconds ?? 0) / 60));
  const unit = highest <= 120 ? 1 : highest <= 2880 ? 60 : 1440;
  const steps = [2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 48, 60, 80, 100, 120].map((step) => step * unit);
  const top = steps.find((step) => step >= highest) ?? Math.ceil(highest / unit) * unit;
  return [0, top / 2, top];
}

/** Some five days, each under the middle of its bar. */
export function axisMarks(points: readonly { at: string }[]): { at: number; text: string }[] {
  const step = Math.max(1, Math.ceil(points.length / 5));
  const last = points.length - 1;
  return points
    .map(({ at }, index) => ({ at: (index + 0.5) / points.length, text: dayOf(at) }))
    .filter((_, index) => (last - index) % step === 0);
}

function Duration({ title, days, mean, done, all, drills, why, points, color }: Props) {
  const navigate = useNavigate();
  const ticks = axisTicks(points);
  const [, , top] = ticks;
  const data = points.map(({ at, seconds }) => ({ day: dayOf(at), [title]: seconds === null ? null : seconds / 60 }));
  const [first, second] = drills;
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className={`t3 cut ${classes.out}`}>
          <DrillLink drill={first.drill} days={days} what={first.what} count={done} /> {first.head.toLowerCase()},{' '}
          <DrillLink drill={second.drill} days={days} what={second.what} count={all} /> {second.head.toLowerCase()}
        </span>
        <span className="end" style={{ paddingRight: 6 }}>
          <Why>{why}</Why>
        </span>
      </header>
      <div className="pad">
        <div className={classes.head}>
          <span className={classes.big}>
            {mean == null ? (
              'no data yet'
            ) : (
              <DrillLink drill={first.drill} days={days} what={first.what} count={done}>
                {formatDuration(mean)}
              </DrillLink>
            )}
          </span>
          {mean != null && <span className="t3">mean</span>}
        </div>
        {/* The table below has the same, with links that keys reach. */}
        <div className={classes.plot} aria-hidden="true">
          <BarChart
            h={110}
            data={data}
            dataKey="day"
            series={[{ name: title, color }]}
            withXAxis={false}
            gridAxis="x"
            tickLine="none"
            strokeDasharray="0"
            yAxisProps={{ width: 56, ticks, domain: [0, top], tickFormatter: (minutes) => axisDuration(minutes, top) }}
            valueFormatter={(minutes) => formatDuration(minutes * 60)}
            barChartProps={{
              accessibilityLayer: false,
              onClick: ({ activeTooltipIndex }) => {
                const point = points[Number(activeTooltipIndex ?? -1)];
                if (!point || point.done === 0) return;
                const search = drillSearch({ drill: first.drill, days, at: dayKey(point.at) });
                void navigate({ to: '/reports', search: (old) => search(old as ReportsSearch) });
              },
            }}
            barProps={{ isAnimationActive: false, maxBarSize: 26 }}
            tooltipAnimationDuration={0}
          />
          <div className={classes.axis}>
            <ScaleBar segments={Math.max(1, points.length)} marks={axisMarks(points)} />
          </div>
        </div>
        <details className={classes.twin}>
          <summary>The same as a table</summary>
          <table aria-label={`${title} by day`}>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Mean</th>
                {drills.map(({ head }) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map(({ at, seconds, done: some, all: every }) => (
                <tr key={at}>
                  <th scope="row">{dayOf(at)}</th>
                  <td>{seconds === null ? 'none' : formatDuration(seconds)}</td>
                  {drills.map(({ drill, what }, index) => (
                    <td key={drill}>
                      <DrillLink
                        drill={drill}
                        days={days}
                        at={dayKey(at)}
                        what={`${what} on ${dayOf(at)}`}
                        count={index === 0 ? some : every}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </div>
    </section>
  );
}

/** Mean time to acknowledge, by day. */
export function AcknowledgeReport({ days }: { days: number }) {
  const alerts = useQuery(alertReportQuery(days));
  return (
    <QueryState query={alerts} what="the time to acknowledge" rows={4}>
      {(report) => (
        <Duration
          title="Time to acknowledge"
          days={days}
          mean={report.mtta_s}
          done={report.acknowledged}
          all={report.created}
          drills={[
            { drill: 'acknowledged', head: 'Acknowledged', what: 'alerts acknowledged' },
            { drill: 'raised', head: 'Raised', what: 'alerts raised' },
          ]}
          why={
            <>
              From the creation of an alert to its first acknowledgement, averaged over the alerts acknowledged in these{' '}
              {days} days. Alerts that closed without an acknowledgement do not count. Days end at midnight UTC.
            </>
          }
          points={report.series.map(({ at, mtta_s, acknowledged, created }) => ({
            at,
            seconds: mtta_s ?? null,
            done: acknowledged,
            all: created,
          }))}
          color="var(--bw-info-mark)"
        />
      )}
    </QueryState>
  );
}

/** Mean time to resolve, by day. */
export function ResolveReport({ days }: { days: number }) {
  const tickets = useQuery(ticketReportQuery(days));
  return (
    <QueryState query={tickets} what="the time to resolve" rows={4}>
      {(report) => (
        <Duration
          title="Time to resolve"
          days={days}
          mean={report.mttr_s}
          done={report.resolved}
          all={report.opened}
          drills={[
            { drill: 'resolved', head: 'Resolved', what: 'tickets resolved' },
            { drill: 'opened', head: 'Opened', what: 'tickets opened' },
          ]}
          why={
            <>
              From the creation of a ticket to its resolution, averaged over the tickets resolved in these {days} days.
              Days end at midnight UTC.
            </>
          }
          points={report.series.map(({ at, mttr_s, resolved, opened }) => ({
            at,
            seconds: mttr_s ?? null,
            done: resolved,
            all: opened,
          }))}
          color="var(--bw-ok-mark)"
        />
      )}
    </QueryState>
  );
}

/** Both, side by side. */
export function Reports({ days }: { days: number }) {
  return (
    <div className="columns-2">
      <AcknowledgeReport days={days} />
      <ResolveReport days={days} />
    </div>
  );
}
