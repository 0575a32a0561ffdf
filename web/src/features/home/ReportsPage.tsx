import { SegmentedControl, Select } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { projectChoices } from '../../lib/choices.ts';
import { useCan } from '../../lib/session.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { DrillPanel } from './DrillPanel.tsx';
import { PERIODS, type ReportsSearch, USUAL_DAYS } from './drill.ts';
import { slaNamesQuery } from './queries.ts';
import { AcknowledgeReport, ResolveReport } from './Reports.tsx';
import { SlaChart } from './SlaChart.tsx';
import { SlaReportCard } from './SlaReportCard.tsx';

const route = getRouteApi('/shell/reports');

function Levels({ search, set }: { search: ReportsSearch; set: (next: ReportsSearch) => void }) {
  const { days = USUAL_DAYS, project, sla } = search;
  const names = useQuery(slaNamesQuery).data?.items ?? [];
  return (
    <SlaReportCard
      days={days}
      filter={{ ...(project && { project }), ...(sla && { sla }) }}
      tools={
        <>
          <RecordSelect
            aria-label="Project of the service levels"
            placeholder="All projects"
            source={projectChoices}
            value={project}
            onChange={(id) => set({ project: id ?? undefined })}
            w={170}
          />
          <Select
            aria-label="Service level"
            placeholder="All service levels"
            data={names.map(({ key, name }) => ({ value: key, label: name }))}
            value={sla ?? null}
            onChange={(key) => set({ sla: key ?? undefined })}
            clearable
            w={190}
          />
        </>
      }
    >
      {(report) => <SlaChart report={report} days={days} />}
    </SlaReportCard>
  );
}

/** How fast we answer and resolve, and what we keep of what we promise; every number leads to its records. */
export function ReportsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/reports' });
  const mayRead = useCan('reports:read');
  const agent = useCan('tickets:read');
  const { days = USUAL_DAYS } = search;
  const set = (next: ReportsSearch) => void navigate({ search: (old) => ({ ...old, ...next }) });
  return (
    <>
      <PageHeader
        title="Reports"
        actions={
          mayRead && (
            <SegmentedControl
              aria-label="Days in the reports"
              value={String(days)}
              onChange={(value) => set({ days: Number(value) === USUAL_DAYS ? undefined : (Number(value) as 7) })}
              data={PERIODS.map((period) => ({ value: String(period), label: `${period} days` }))}
            />
          )
        }
      />
      <div className="page-body">
        {mayRead ? (
          <>
            {agent && <Levels search={search} set={set} />}
            <AcknowledgeReport days={days} />
            <ResolveReport days={days} />
          </>
        ) : (
          <EmptyState title="You may not see reports" icon={IconLock}>
            This needs the permission reports:read, which an administrator can give you.
          </EmptyState>
        )}
      </div>
      {mayRead && (
        <DrillPanel search={search} onClose={() => set({ drill: undefined, at: undefined, of: undefined })} />
      )}
    </>
  );
}
