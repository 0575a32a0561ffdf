import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useQuery } from '@tanstack/react-query';
import { formatDate, formatDuration } from '../../lib/time.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScaleBar } from '../../ui/ScaleBar.tsx';
import { Why } from '../../ui/Why.tsx';
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
  mean: number | null | undefined;
  counts: string;
  why: React.ReactNode;
  heads: readonly [string, string, string];
  points: readonly Point[];
  color: string;
}

/** `21 May`; the reports are cut at midnight UTC. */
const dayOf = (at: string) => formatDate(at, 'UTC').replace(/ \d+$/, '');

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
function axisMarks(points: readonly Point[]): { at: number; text: string }[] {
  const step = Math.max(1, Math.ceil(points.length / 5));
  const last = points.length - 1;
  return points
    .map(({ at }, index) => ({ at: (index + 0.5) / points.length, text: dayOf(at) }))
    .filter((_, index) => (last - index) % step === 0);
}

function Duration({ title, mean, counts, why, heads, points, color }: Props) {
  const ticks = axisTicks(points);
  const [, , top] = ticks;
  const data = points.map(({ at, seconds }) => ({ day: dayOf(at), [title]: seconds === null ? null : seconds / 60 }));
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className="t3 cut">{counts}</span>
        <span className="end" style={{ paddingRight: 6 }}>
          <Why>{why}</Why>
        </span>
      </header>
      <div className="pad">
        <div className={classes.head}>
          <span className={classes.big}>{mean == null ? 'no data yet' : formatDuration(mean)}</span>
          {mean != null && <span className="t3">mean</span>}
        </div>
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
            barChartProps={{ accessibilityLayer: false }}
            barProps={{ isAnimationActive: false, maxBarSize: 26 }}
            tooltipAnimationDuration={0}
          />
          <div className={classes.axis}>
            <ScaleBar segments={Math.max(1, points.length)} marks={axisMarks(points)} />
          </div>
        </div>
        <details className={classes.twin}>
          <summary>The same as a list</summary>
          <table>
            <thead>
              <tr>
                <th>Day</th>
                {heads.map((head) => (
                  <th key={head}>{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map(({ at, seconds, done, all }) => (
                <tr key={at}>
                  <td>{dayOf(at)}</td>
                  <td>{seconds === null ? 'none' : formatDuration(seconds)}</td>
                  <td>{done}</td>
                  <td>{all}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </div>
    </section>
  );
}

/** Mean time to acknowledge and to resolve, by day, from the report endpoints. */
export function Reports({ days }: { days: number }) {
  const alerts = useQuery(alertReportQuery(days));
  const tickets = useQuery(ticketReportQuery(days));
  return (
    <div className="columns-2">
      <QueryState query={alerts} what="the time to acknowledge" rows={4}>
        {(report) => (
          <Duration
            title="Time to acknowledge"
            mean={report.mtta_s}
            counts={`${report.acknowledged} of ${report.created} alerts acknowledged`}
            why={
              <>
                From the creation of an alert to its first acknowledgement, averaged over the alerts acknowledged in
                these {days} days. Alerts that closed without an acknowledgement do not count. Days end at midnight UTC.
              </>
            }
            heads={['Mean', 'Acknowledged', 'Created']}
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
      <QueryState query={tickets} what="the time to resolve" rows={4}>
        {(report) => (
          <Duration
            title="Time to resolve"
            mean={report.mttr_s}
            counts={`${report.resolved} resolved, ${report.opened} opened`}
            why={
              <>
                From the creation of an incident to its resolution, averaged over the incidents resolved in these {days}{' '}
                days. Days end at midnight UTC.
              </>
            }
            heads={['Mean', 'Resolved', 'Opened']}
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
    </div>
  );
}
