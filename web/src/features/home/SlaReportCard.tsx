import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { SlaReport } from '../../api/types.ts';
import { formatDuration } from '../../lib/time.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { Why } from '../../ui/Why.tsx';
import { slaReportQuery, slaTicketsQuery } from './queries.ts';
import classes from './Reports.module.css';

const route = getRouteApi('/shell/home');

/** A number that leads to the tickets behind it; nought leads nowhere. */
function Drill({
  sla,
  name,
  outcome,
  count,
}: {
  sla: string;
  name: string;
  outcome: 'met' | 'breached';
  count: number;
}) {
  if (count === 0) return <span className="t3 num">0</span>;
  return (
    <Link
      to="/home"
      search={(old) => ({ ...old, sla, outcome })}
      className="num"
      aria-label={`${count} ${outcome}, ${name}: show the tickets`}
    >
      {count}
    </Link>
  );
}

function Lines({ report }: { report: SlaReport }) {
  if (report.slas.length === 0) {
    return (
      <EmptyState title="No service level has ended in these days">
        Clocks count here once they are stopped, in time or too late.
      </EmptyState>
    );
  }
  return (
    <div className={classes.levels}>
      <table>
        <thead>
          <tr>
            <th>Service level</th>
            <th>In time</th>
            <th>Met</th>
            <th>Breached</th>
            <th className="hide-phone">Mean</th>
          </tr>
        </thead>
        <tbody>
          {report.slas.map(({ key, name, met, breached, met_percent, mean_elapsed_s }) => (
            <tr key={key}>
              <td className="b">{name}</td>
              <td className="num">{met_percent == null ? 'none' : `${Math.floor(met_percent)} %`}</td>
              <td>
                <Drill sla={key} name={name} outcome="met" count={met} />
              </td>
              <td>
                <Drill sla={key} name={name} outcome="breached" count={breached} />
              </td>
              <td className="num hide-phone">{mean_elapsed_s == null ? '' : formatDuration(mean_elapsed_s)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Behind({ days, sla, outcome }: { days: number; sla: string; outcome: 'met' | 'breached' }) {
  const tickets = useQuery(slaTicketsQuery(days, sla, outcome));
  return (
    <QueryState query={tickets} what="the tickets" rows={6}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title="There is no such ticket in these days" />
        ) : (
          <ul className="lines">
            {items.map((each) => (
              <li key={`${each.id} ${each.cycle}`}>
                <Link className="key" to="/tickets/$key" params={{ key: each.key }} search={{ tab: 'clocks' }}>
                  {each.key}
                </Link>
                <span className="cut">{each.summary}</span>
                <span className={`end xs ${outcome === 'met' ? 't3' : 'c-critical'}`}>
                  {outcome === 'met'
                    ? `${formatDuration(each.elapsed_s)} of ${formatDuration(each.target_s)}`
                    : `${formatDuration(-each.remaining_s)} over`}
                  , <Moment at={each.ended_at} as="until" />
                </span>
              </li>
            ))}
            {items.length === 200 && <li className="t3 xs">These are the newest 200.</li>}
          </ul>
        )
      }
    </QueryState>
  );
}

/** How many service levels were met, with the tickets behind each number. */
export function SlaReportCard({ days }: { days: number }) {
  const report = useQuery(slaReportQuery(days));
  const { sla, outcome } = route.useSearch();
  const navigate = useNavigate({ from: '/home' });
  const name = report.data?.slas.find(({ key }) => key === sla)?.name ?? sla;
  return (
    <section className="panel" aria-label="Service levels">
      <header>
        <h2>Service levels</h2>
        <span className="end" style={{ paddingRight: 6 }}>
          <Why>
            Clocks that were stopped in these {days} days, by whether time remained. A ticket counts once for each cycle
            of its clock. Days end at midnight UTC.
          </Why>
        </span>
      </header>
      <QueryState query={report} what="the service levels" rows={3}>
        {(data) => <Lines report={data} />}
      </QueryState>
      <Drawer
        opened={sla !== undefined && outcome !== undefined}
        onClose={() => void navigate({ search: (old) => ({ ...old, sla: undefined, outcome: undefined }) })}
        title={`${name}: ${outcome === 'met' ? 'met' : 'breached'}`}
        size={560}
      >
        {sla && outcome && <Behind days={days} sla={sla} outcome={outcome} />}
      </Drawer>
    </section>
  );
}
