import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMailOff } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { SystemStatus } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { listKey } from '../../lib/keys.ts';
import { useCan } from '../../lib/session.ts';
import { sentence } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Moment } from '../../ui/Time.tsx';

const systemStatusQuery = queryOptions({
  // Alarms are about alerts, so a change of an alert asks again.
  queryKey: listKey('alert', 'system-status'),
  queryFn: ({ signal }) => api.get<SystemStatus>('/system/status', { signal }),
  refetchInterval: 60_000,
});

/** After a restore nothing goes out until an administrator has looked. */
function HeldNote({ since }: { since: string }) {
  const mayRelease = useCan('system:manage');
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const release = useMutation({
    mutationFn: () => api.post('/system/release-outgoing'),
    onSuccess: () => client.invalidateQueries({ queryKey: systemStatusQuery.queryKey }),
  });
  return (
    <div className="note warn" role="alert">
      <IconMailOff size={16} aria-hidden="true" />
      <span className="grow">
        <b>Pages and mails are held</b> since the restore, <Moment at={since} />, so that nobody is told twice.
      </span>
      {mayRelease && (
        <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          Release
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Send what is held?"
        confirm="Send it"
        loading={release.isPending}
        onConfirm={() =>
          release.mutate(undefined, {
            onSuccess: () => {
              setAsking(false);
              toastOk('Pages and mails go out again');
            },
            onError: (error) => toastError(error, 'They are still held'),
          })
        }
      >
        Every page and mail that is still wanted goes out now. Close old alerts first, so that nobody is paged for them.
      </ConfirmDialog>
    </div>
  );
}

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
      {data.outgoing_held_since && <HeldNote since={data.outgoing_held_since} />}
      {!data.mail_configured && (
        <div className="note warn">
          <IconMailOff size={16} aria-hidden="true" />
          <span>No mail server is configured: pages, invitations and resets by mail are not sent.</span>
        </div>
      )}
    </>
  );
}
