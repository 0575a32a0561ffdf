import { IconAlertTriangle, IconMailOff } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SystemStatus } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { listKey } from '../../lib/keys.ts';
import { sentence } from '../../lib/text.ts';

const systemStatusQuery = queryOptions({
  // Alarms are about alerts, so a change of an alert asks again.
  queryKey: listKey('alert', 'system-status'),
  queryFn: ({ signal }) => api.get<SystemStatus>('/system/status', { signal }),
  refetchInterval: 60_000,
});

/** What keeps pages from reaching people. Silent while all is well; a failure to ask is no news here. */
export function SystemNotes() {
  const { data } = useQuery(systemStatusQuery);
  if (!data) return null;
  return (
    <>
      {data.on_call_alarms.map(({ alert, problem }) => (
        <div className="note critical" role="alert" key={`${alert.id} ${problem}`}>
          <IconAlertTriangle size={16} aria-hidden="true" />
          <span>
            <b>{sentence(problem)}</b>{' '}
            <Link to="/alerts/$id" params={{ id: alert.id }}>
              {alert.message}
            </Link>
          </span>
        </div>
      ))}
      {!data.mail_configured && (
        <div className="note warn">
          <IconMailOff size={16} aria-hidden="true" />
          <span>No mail server is configured: pages, invitations and resets by mail are not sent.</span>
        </div>
      )}
    </>
  );
}
