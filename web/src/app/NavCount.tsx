import { useQuery } from '@tanstack/react-query';
import { api } from '../lib/api.ts';
import { listKey } from '../lib/keys.ts';
import { useCan } from '../lib/session.ts';
import classes from './Shell.module.css';

/** The number beside a navigation item: alerts that nobody acknowledged yet. */
export function NavCount({ to }: { to: string }) {
  const wanted = useCan('alerts:read') && to === '/alerts';
  const { data } = useQuery({
    queryKey: listKey('alert', 'count', 'unacknowledged'),
    queryFn: ({ signal }) =>
      api.get<{ count: number }>('/alerts/count', { query: { status: 'open', acknowledged: false }, signal }),
    enabled: wanted,
  });
  if (!wanted || !data?.count) return null;
  return (
    <span className={`${classes.n} ${classes.hot}`}>
      <span className="vh">not acknowledged: </span>
      {data.count}
    </span>
  );
}
