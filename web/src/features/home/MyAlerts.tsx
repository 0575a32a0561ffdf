import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Alert } from '../../api/types.ts';
import { AlertState } from '../../ui/AlertState.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { openAlertsQuery } from './queries.ts';

/** The most urgent first; of the same priority the newest. */
const byPriority = (alerts: readonly Alert[]) => alerts.toSorted((a, b) => a.priority.localeCompare(b.priority));

/** The newest open alerts. */
export function MyAlerts() {
  const alerts = useQuery(openAlertsQuery);
  return (
    <section className="panel" aria-labelledby="open-alerts">
      <header>
        <h2 id="open-alerts">Open alerts</h2>
        {alerts.data && <span className="cnt">{`${alerts.data.items.length}${alerts.data.next ? '+' : ''}`}</span>}
        <Link className="end xs" style={{ paddingRight: 6 }} to="/alerts">
          All alerts
        </Link>
      </header>
      <QueryState query={alerts} what="the alerts" rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="All quiet" icon={IconBellCheck}>
              No alert is open. New ones appear here by themselves.
            </EmptyState>
          ) : (
            <ul className="lines pad">
              {byPriority(items).map((alert) => (
                <li key={alert.id}>
                  <PriorityPennant priority={alert.priority} />
                  <Link className="cut grow" to="/alerts/$id" params={{ id: alert.id }}>
                    {alert.message}
                  </Link>
                  {alert.count > 1 && <span className="cnt">{alert.count}</span>}
                  <span className="end">
                    <AlertState alert={alert} compact />
                  </span>
                  <span className="t3 num xs">
                    <RelativeTime at={alert.created_at} short />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}
