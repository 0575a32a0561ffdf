import { SegmentedControl } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Permission } from '../../api/types.ts';
import { useMe } from '../../lib/session.ts';
import { LoadingSkeleton } from '../../ui/LoadingSkeleton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { MyAlerts } from './MyAlerts.tsx';
import { MyTickets } from './MyTickets.tsx';
import { OnCallNow } from './OnCallNow.tsx';
import { SetupNote } from './SetupNote.tsx';
import { SlaReportCard } from './SlaReportCard.tsx';
import { SystemNotes } from './SystemNotes.tsx';

// The charts are most of this screen's weight, and its last thing to be read.
const Reports = lazy(() => import('./Reports.tsx').then((module) => ({ default: module.Reports })));

const route = getRouteApi('/shell/home');

/** My work, who is on call, and how fast we answer. Blocks appear by what the person may read. */
export function HomePage() {
  const me = useMe();
  const { days = 14 } = route.useSearch();
  const navigate = useNavigate({ from: '/home' });
  const may = (permission: Permission) => me.permissions.includes(permission);
  return (
    <>
      <PageHeader
        title="Home"
        actions={
          may('reports:read') && (
            <SegmentedControl
              aria-label="Days in the charts"
              value={String(days)}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, days: Number(value) }), replace: true })}
              data={[
                { value: '7', label: '7 days' },
                { value: '14', label: '14 days' },
                { value: '30', label: '30 days' },
              ]}
            />
          )
        }
      />
      <div className="page-body">
        {may('system:manage') && <SetupNote />}
        {may('alerts:read') && <SystemNotes />}
        <div className="columns-2 even">
          <MyTickets agent={may('tickets:read')} />
          {may('alerts:read') && <MyAlerts />}
        </div>
        {may('reports:read') && may('tickets:read') && <SlaReportCard days={days} />}
        {may('reports:read') && (
          <Suspense fallback={<LoadingSkeleton rows={4} label="Loading the charts" />}>
            <Reports days={days} />
          </Suspense>
        )}
        {may('oncall:read') && <OnCallNow meId={me.id} />}
      </div>
    </>
  );
}
