import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Sla } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { calendarsQuery, queuesOfQuery, slaQuery, ticketCountQuery, useChange } from './queries.ts';
import classes from './Sla.module.css';
import { SlaForm } from './SlaForm.tsx';
import { AGREEMENTS } from './slas.ts';
import { Versions } from './Versions.tsx';

const route = getRouteApi('/shell/admin/slas/$key');

/** How far the clocks of open tickets are worked out by the newest version. */
export function Recompute({ recompute: { pending, total } }: Pick<Sla, 'recompute'>) {
  if (pending === 0) {
    return (
      <p className="t2">
        {total === 0 ? 'No open ticket has its clock.' : `All ${total} open tickets count by the newest version.`}
      </p>
    );
  }
  const done = Math.max(0, total - pending);
  return (
    <div className="stack" style={{ gap: 6 }}>
      <p aria-live="polite">
        <span className="num">{pending}</span> of <span className="num">{total}</span> open tickets still count by an
        older version.
      </p>
      <span
        className={classes.meter}
        role="progressbar"
        aria-label="Clocks worked out anew"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
      >
        <i style={{ width: `${(100 * done) / Math.max(1, total)}%` }} />
      </span>
      <p className="t3 xs">It goes on when you leave this page.</p>
    </div>
  );
}

/** A number of tickets that leads to them; nothing where it cannot be counted. */
function Counted({ query, children }: { query: string; children: string }) {
  const { data } = useQuery(ticketCountQuery(query));
  if (!data) return null;
  return (
    <li>
      <Link to="/tickets" search={{ query, view: 'all' }}>
        {children}
      </Link>
      <span className="end num t2">{data.capped ? '1,000+' : data.count}</span>
    </li>
  );
}

function WhereUsed({ sla }: { sla: Sla }) {
  const calendars = useQuery(calendarsQuery).data?.items ?? [];
  const queues = useQuery(queuesOfQuery).data?.items ?? [];
  const field = `"${sla.name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const named = new Set(sla.definition.goals.map(({ calendar }) => calendar).filter((key) => key != null));
  const asking = queues.filter(({ query }) => query.toLowerCase().includes(sla.name.toLowerCase()));
  return (
    <section className="panel" aria-label="Where it is used">
      <header>
        <h2>Where it is used</h2>
      </header>
      <div className="pad stack">
        <ul className="lines">
          <Counted query={`${field} = running()`}>Clocks that run</Counted>
          <Counted query={`${field} = paused()`}>Clocks that are paused</Counted>
          <Counted query={`${field} = breached() AND ${field} != completed()`}>Breached, not stopped yet</Counted>
        </ul>
        <dl className="dl">
          <dt>Projects</dt>
          <dd>{sla.projects.map(({ name }) => name).join(', ') || 'all'}</dd>
          <dt>Calendars</dt>
          <dd>
            {named.size === 0
              ? 'around the clock'
              : [...named].map((key, index) => (
                  <span key={key}>
                    {index > 0 && ', '}
                    <Link to="/admin/calendars" search={{ calendar: key }}>
                      {calendars.find((each) => each.key === key)?.name ?? key}
                    </Link>
                  </span>
                ))}
          </dd>
          <dt>Queues</dt>
          <dd>
            {asking.length === 0
              ? 'none asks for it'
              : asking.map(({ id, name }, index) => (
                  <span key={id}>
                    {index > 0 && ', '}
                    <Link to="/tickets" search={{ queue: id }}>
                      {name}
                    </Link>
                  </span>
                ))}
          </dd>
        </dl>
      </div>
    </section>
  );
}

function View({ sla }: { sla: Sla }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const remove = useChange('sla', () => api.delete(`/slas/${sla.key}`, undefined, { ifMatch: sla.version }));
  return (
    <>
      <PageHeader
        title={sla.name}
        crumbs={[
          <Link key="all" to="/admin/slas">
            Service levels
          </Link>,
          sla.key,
        ]}
        after={
          <>
            <span className="tag line">{AGREEMENTS[sla.definition.agreement?.kind ?? 'service_level'].short}</span>
            <span className="tag line">version {sla.version}</span>
          </>
        }
        actions={
          <ActionButton
            action={findAction(sla.actions, 'delete')}
            reason="tooltip"
            color="port"
            onClick={() => setDeleting(true)}
          >
            Delete
          </ActionButton>
        }
      />
      <div className={classes.body}>
        <SlaForm sla={sla} onSaved={() => undefined} />
        <div className={classes.side}>
          <section className="panel" aria-label="Clocks">
            <header>
              <h2>Clocks</h2>
              {sla.recompute.pending > 0 && (
                <span className="end tag info">
                  <IconAlertTriangle aria-hidden="true" /> working
                </span>
              )}
            </header>
            <div className="pad">
              <Recompute recompute={sla.recompute} />
            </div>
          </section>
          <WhereUsed sla={sla} />
          <Versions kind="sla" of={sla.key} what="this version" action={findAction(sla.actions, 'edit')} />
        </div>
      </div>
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${sla.name}?`}
        confirm="Delete the service level"
        loading={remove.isPending}
        {...(sla.recompute.total > 100 && { typeName: sla.name })}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              toastOk(`${sla.name} is deleted`);
              void navigate({ to: '/admin/slas' });
            },
            onError: (error) => toastError(error, `${sla.name} is still there`),
          })
        }
      >
        {sla.recompute.total === 1
          ? 'The clock of one open ticket goes'
          : `The clocks of ${sla.recompute.total} open tickets go`}
        , and new tickets get none. What was met or breached until now stays in the reports. Queries that name it no
        longer work.
      </ConfirmDialog>
    </>
  );
}

/** One service level: what it promises, how far its clocks are, where it is used, and its versions. */
export function SlaPage() {
  const { key } = route.useParams();
  const sla = useQuery(slaQuery(key));
  return (
    <QueryState query={sla} what="the service level" rows={10} screen>
      {(data) => <View key={data.key} sla={data} />}
    </QueryState>
  );
}
