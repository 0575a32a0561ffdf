import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AlertState } from '../../ui/AlertState.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { openAlertsQuery } from './queries.ts';

/** The newest open alerts. */
export function MyAlerts() {
  const alerts = useQuery(openAlertsQuery);
  return (
    <section className="panel" aria-labelledby="open-alerts">
      <header>
        <h2 id="open-alerts">Open alerts</h2>
        {alerts.data && <span className="cnt">{`${alerts.data.items.length}${alerts.data.next ? '+' : ''}`}</span>}
        <Link className="end xs" style={{ paddingRight: 6 }} to={'/alerts' as '/home'}>
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
              {items.map((alert) => (
                <li key={alert.id}>
                  <PriorityPennant priority={alert.priority} />
                  <Link className="cut grow" to={`/alerts/${alert.id}` as '/home'}>
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
