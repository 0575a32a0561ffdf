import { Button, SegmentedControl } from '@mantine/core';
import { IconRefresh, IconStack2, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Job } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ShowMore } from '../../ui/ShowMore.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Moment, RelativeTime } from '../../ui/Time.tsx';
import { jobsQuery, useChange } from './queries.ts';

const route = getRouteApi('/shell/admin/jobs');

function JobLine({ job }: { job: Job }) {
  const [asking, setAsking] = useState(false);
  const retry = useChange('job', () => api.post(`/jobs/${job.id}/retry`));
  const remove = useChange('job', () => api.delete(`/jobs/${job.id}`));
  const dead = job.state === 'dead';
  return (
    <li style={{ padding: '8px 14px', borderBottom: '1px solid var(--bw-line)' }}>
      <div className="row wrap">
        <span className="mono b">{job.kind}</span>
        {dead ? (
          <StatusBadge tone="critical">Given up</StatusBadge>
        ) : (
          <span className="t2">
            due <RelativeTime at={job.due_at} />
          </span>
        )}
        <span className="t3 xs">
          {job.attempt} of {job.max_attempts} tries, since <Moment at={job.created_at} />
        </span>
        <span className="grow" />
        {dead && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconRefresh size={14} />}
              loading={retry.isPending}
              onClick={() =>
                retry.mutate(undefined, {
                  onSuccess: () => toastOk('It runs again'),
                  onError: (error) => toastError(error, 'The job is unchanged'),
                })
              }
            >
              Run again
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconTrash size={14} />}
              onClick={() => setAsking(true)}
            >
              Delete
            </Button>
          </>
        )}
      </div>
      {job.last_error && <p className="c-critical xs">{job.last_error}</p>}
      <details className="xs">
        <summary className="t3">What it was given</summary>
        <pre className="mono" style={{ margin: '4px 0 0', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {JSON.stringify(job.payload, null, 2)}
        </pre>
      </details>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Delete this job?"
        confirm="Delete the job"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => setAsking(false),
            onError: (error) => toastError(error, 'The job is still there'),
          })
        }
      >
        What it was to do is not done. The record that it is about stays as it is. This cannot be undone.
      </ConfirmDialog>
    </li>
  );
}

/** Background work: what failed for good and can be run again, and what is still to come. */
export function JobsPage() {
  const { state = 'dead' } = route.useSearch();
  const navigate = useNavigate({ from: '/admin/jobs' });
  const jobs = useInfiniteQuery(jobsQuery(state));
  return (
    <>
      <PageHeader title="Background jobs" />
      <div className="page-body">
        <div className="row wrap">
          <SegmentedControl
            aria-label="State"
            value={state}
            onChange={(value) => void navigate({ search: value === 'pending' ? { state: 'pending' } : {} })}
            data={[
              { value: 'dead', label: 'Given up' },
              { value: 'pending', label: 'To come' },
            ]}
          />
        </div>
        <section className="panel" aria-label="Background jobs">
          <QueryState query={jobs} what="the jobs" rows={4}>
            {({ pages }) => {
              const items = pages.flatMap((page) => page.items);
              if (items.length === 0) {
                return (
                  <EmptyState title={state === 'dead' ? 'No job has failed' : 'Nothing is waiting'} icon={IconStack2}>
                    {state === 'dead'
                      ? 'Work that keeps failing, such as a message that no server takes, is kept here to be run again.'
                      : 'Steps of escalations, messages and readers wait here until they are due.'}
                  </EmptyState>
                );
              }
              return (
                <>
                  <ul>
                    {items.map((job) => (
                      <JobLine key={job.id} job={job} />
                    ))}
                  </ul>
                  <ShowMore query={jobs} />
                </>
              );
            }}
          </QueryState>
        </section>
      </div>
    </>
  );
}
