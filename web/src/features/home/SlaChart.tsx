import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useNavigate } from '@tanstack/react-router';
import type { SlaReport } from '../../api/types.ts';
import { ScaleBar } from '../../ui/ScaleBar.tsx';
import { DrillLink, drillSearch } from './DrillLink.tsx';
import { dayKey, type ReportsSearch } from './drill.ts';
import classes from './Reports.module.css';
import { axisMarks, dayOf } from './Reports.tsx';

/** Met and breached by day, of all the service levels in sight together. */
export function SlaChart({ report, days }: { report: SlaReport; days: number }) {
  const navigate = useNavigate();
  const points = report.series;
  const top = Math.max(2, ...points.map(({ met, breached }) => met + breached));
  const even = top + (top % 2);
  return (
    <div className="pad">
      <div className={classes.legend} aria-hidden="true">
        <span>
          <i style={{ background: 'var(--bw-ok-mark)' }} /> Met
        </span>
        <span>
          <i style={{ background: 'var(--bw-critical-mark)' }} /> Breached
        </span>
      </div>
      {/* The table below has the same, with links that keys reach. */}
      <div className={classes.plot} aria-hidden="true">
        <BarChart
          h={130}
          type="stacked"
          data={points.map(({ at, met, breached }) => ({ day: dayOf(at), Met: met, Breached: breached }))}
          dataKey="day"
          series={[
            { name: 'Met', color: 'var(--bw-ok-mark)' },
            { name: 'Breached', color: 'var(--bw-critical-mark)' },
          ]}
          withXAxis={false}
          gridAxis="x"
          tickLine="none"
          strokeDasharray="0"
          yAxisProps={{ width: 56, ticks: [0, even / 2, even], domain: [0, even], allowDecimals: false }}
          barChartProps={{
            accessibilityLayer: false,
            onClick: ({ activeTooltipIndex }) => {
              const point = points[Number(activeTooltipIndex ?? -1)];
              if (!point || point.met + point.breached === 0) return;
              const search = drillSearch({ drill: 'ended', days, at: dayKey(point.at) });
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
        <table aria-label="Service levels by day">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Met</th>
              <th scope="col">Breached</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ at, met, breached }) => (
              <tr key={at}>
                <th scope="row">{dayOf(at)}</th>
                <td>
                  <DrillLink drill="met" days={days} at={dayKey(at)} what={`met on ${dayOf(at)}`} count={met} />
                </td>
                <td>
                  <DrillLink
                    drill="breached"
                    days={days}
                    at={dayKey(at)}
                    what={`breached on ${dayOf(at)}`}
                    count={breached}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
