import { IconLock, IconPlus, IconStopwatch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Sla } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { slasQuery } from './queries.ts';
import classes from './Sla.module.css';
import { SlaForm } from './SlaForm.tsx';
import { AGREEMENTS, writeMinutes } from './slas.ts';

const route = getRouteApi('/shell/admin/slas');

/** From the shortest target to the longest. */
function targets({ definition: { goals } }: Sla): string {
  const all = goals.map(({ target_min }) => target_min);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least === most ? writeMinutes(least) : `${writeMinutes(least)} to ${writeMinutes(most)}`;
}

const columns: ColumnDef<Sla>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original: sla } }) => (
      <Link className="b" to="/admin/slas/$key" params={{ key: sla.key }}>
        {sla.name}
      </Link>
    ),
  },
  {
    id: 'agreement',
    header: 'Agreement',
    cell: ({ row: { original: sla } }) => (
      <span className="tag line">{AGREEMENTS[sla.definition.agreement?.kind ?? 'service_level'].short}</span>
    ),
    meta: { hidePhone: true },
  },
  {
    id: 'projects',
    header: 'Projects',
    cell: ({ row }) => (
      <span className="t2">{row.original.projects.map(({ name }) => name).join(', ') || 'all projects'}</span>
    ),
    meta: { grow: true, hidePhone: true },
  },
  {
    id: 'goals',
    header: 'Goals',
    cell: ({ row: { original: sla } }) => (
      <span className="t2 num">
        {sla.definition.goals.length}, {targets(sla)}
      </span>
    ),
    meta: { hidePhone: true },
  },
  {
    id: 'clocks',
    header: 'Clocks',
    cell: ({
      row: {
        original: { recompute },
      },
    }) =>
      recompute.pending > 0 ? (
        <span className="tag info num">
          {recompute.total - recompute.pending} of {recompute.total} worked out
        </span>
      ) : (
        <span className="num">{recompute.total}</span>
      ),
    meta: { align: 'right' },
  },
];

/** What is promised on tickets, and by when. */
export function SlasPage() {
  const { create } = route.useSearch();
  const navigate = useNavigate({ from: '/admin/slas' });
  const slas = useQuery(slasQuery);
  const mayManage = useCan('slas:manage');
  if (create) {
    return (
      <>
        <PageHeader
          title="New service level"
          crumbs={[
            <Link key="all" to="/admin/slas" search={{}}>
              Service levels
            </Link>,
            'New',
          ]}
        />
        {mayManage ? (
          <div className={classes.body}>
            <SlaForm onSaved={({ key }) => void navigate({ to: '/admin/slas/$key', params: { key } })} />
            <section className="panel" aria-label="How it works">
              <header>
                <h2>How it works</h2>
              </header>
              <div className="pad stack t2">
                <p>A clock starts on a ticket, stands still while it is paused, and ends when it is stopped.</p>
                <p>
                  The first goal that matches the ticket says how long that may take, counted by the hours of its
                  calendar.
                </p>
                <p>Open tickets get the clock as soon as it is saved.</p>
              </div>
            </section>
          </div>
        ) : (
          <EmptyState title="You may not make service levels" icon={IconLock}>
            This needs the permission slas:manage, which administrators have.
          </EmptyState>
        )}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="Service levels"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: mayManage, reason: 'You miss the permission slas:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New service level"
            onClick={() => void navigate({ search: { create: true } })}
          >
            New service level
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Service levels">
          <QueryState query={slas} what="the service levels">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="There is no service level" icon={IconStopwatch}>
                  With one, tickets have clocks that say by when somebody answers, or by when they are resolved.
                </EmptyState>
              ) : (
                <DataTable
                  label="Service levels"
                  rows={items}
                  columns={columns}
                  rowId={(row) => row.key}
                  onOpen={({ key }) => void navigate({ to: '/admin/slas/$key', params: { key } })}
                />
              )
            }
          </QueryState>
        </section>
      </div>
    </>
  );
}
