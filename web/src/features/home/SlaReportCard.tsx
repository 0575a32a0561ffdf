import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SlaReport } from '../../api/types.ts';
import { formatDuration } from '../../lib/time.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Why } from '../../ui/Why.tsx';
import { DrillLink } from './DrillLink.tsx';
import { USUAL_DAYS } from './drill.ts';
import { type SlaFilter, slaReportQuery } from './queries.ts';
import classes from './Reports.module.css';

/** Service level by service level; each number leads to its tickets. */
function Lines({ report, days }: { report: SlaReport; days: number }) {
  return (
    <div className={classes.levels}>
      <table aria-label="By service level">
        <thead>
          <tr>
            <th scope="col">Service level</th>
            <th scope="col">In time</th>
            <th scope="col">Met</th>
            <th scope="col">Breached</th>
            <th scope="col" className="hide-phone">
              Mean
            </th>
          </tr>
        </thead>
        <tbody>
          {report.slas.map(({ key, name, met, breached, met_percent, mean_elapsed_s }) => {
            const of = { of: key, days };
            return (
              <tr key={key}>
                <th scope="row" className="b">
                  {name}
                </th>
                <td className="num">
                  {met_percent == null ? (
                    'none'
                  ) : (
                    <DrillLink {...of} drill="ended" what={`ended, ${name}`} count={met + breached}>
                      {Math.floor(met_percent)} %
                    </DrillLink>
                  )}
                </td>
                <td>
                  <DrillLink {...of} drill="met" what={`met, ${name}`} count={met} />
                </td>
                <td>
                  <DrillLink {...of} drill="breached" what={`breached, ${name}`} count={breached} />
                </td>
                <td className="num hide-phone">
                  {mean_elapsed_s != null && (
                    <DrillLink {...of} drill="ended" what={`ended, ${name}`} count={met + breached}>
                      {formatDuration(mean_elapsed_s)}
                    </DrillLink>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface Props {
  days: number;
  filter?: SlaFilter;
  /** Beside the heading. */
  tools?: React.ReactNode;
  /** Below the table, such as a chart. */
  children?: (report: SlaReport) => React.ReactNode;
}

/** How many service levels were met, with the tickets behind each number. */
export function SlaReportCard({ days, filter = {}, tools, children }: Props) {
  const report = useQuery(slaReportQuery(days, filter));
  return (
    <section className="panel" aria-label="Service levels">
      <header className={classes.tools}>
        <h2>Service levels</h2>
        {tools}
        <span className="end row" style={{ paddingRight: 6 }}>
          {!children && (
            <Link className="xs" to="/reports" search={{ days: days === USUAL_DAYS ? undefined : (days as 7) }}>
              Reports
            </Link>
          )}
          <Why>
            Clocks that were stopped in these {days} days, by whether time remained. A ticket counts once for each cycle
            of its clock. Days end at midnight UTC.
          </Why>
        </span>
      </header>
      <QueryState query={report} what="the service levels" rows={3}>
        {(data) =>
          data.slas.length === 0 ? (
            <EmptyState title="No service level has ended in these days">
              Clocks count here once they are stopped, in time or too late.
            </EmptyState>
          ) : (
            <>
              <Lines report={data} days={days} />
              {children?.(data)}
            </>
          )
        }
      </QueryState>
    </section>
  );
}
