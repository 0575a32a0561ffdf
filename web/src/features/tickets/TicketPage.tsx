import { Tabs } from '@mantine/core';
import { IconClock, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { Ticket } from '../../api/types.ts';
import { newestNoticesQuery, useReadOnSight } from '../../lib/notifications.ts';
import { useCan } from '../../lib/session.ts';
import { worded } from '../../lib/text.ts';
import { DropZone } from '../../ui/DropZone.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { Activity } from './Activity.tsx';
import { Assignee } from './Assignee.tsx';
import { Attachments, Pictures } from './Attachments.tsx';
import { mayAttach, useCommentFiles } from './attachments.ts';
import { Clocks } from './Clocks.tsx';
import { Composer } from './Composer.tsx';
import { KindIcon } from './columns.tsx';
import { Description } from './Description.tsx';
import { History } from './History.tsx';
import { PriorityWhy } from './PriorityWhy.tsx';
import { ticketQuery } from './queries.ts';
import { StatusMenu } from './StatusMenu.tsx';
import { TicketSide } from './TicketSide.tsx';
import classes from './Tickets.module.css';

const route = getRouteApi('/shell/tickets/$key');

function Loaded({ ticket }: { ticket: Ticket }) {
  const { tab, file } = route.useSearch();
  const files = useCommentFiles(ticket);
  useReadOnSight('ticket', ticket.id, useQuery(newestNoticesQuery).data?.items);
  const mayHistory = useCan('tickets:read');
  const navigate = useNavigate({ from: '/tickets/$key' });
  return (
    <div className="split">
      <DropZone
        className={classes.column}
        onFiles={files.add}
        hint="Let go to attach to what you write"
        disabled={tab !== undefined || !mayAttach(ticket)}
      >
        <PageHeader
          title={ticket.summary}
          documentTitle={`${ticket.key} ${ticket.summary}`}
          crumbs={[
            <Link key="tickets" to="/tickets">
              Tickets
            </Link>,
            <Link key="project" to="/tickets" search={{ project: ticket.project.id }}>
              {ticket.project.name}
            </Link>,
            <span key="key" className="num">
              {ticket.key}
            </span>,
          ]}
          before={<PriorityPennant priority={ticket.priority} />}
          after={ticket.resolution ? <span className="tag ok">{worded(ticket.resolution)}</span> : undefined}
          meta={
            <>
              <StatusMenu ticket={ticket} />
              <span>
                <Assignee ticket={ticket} />
              </span>
              {ticket.team && (
                <span>
                  <IconUsersGroup size={15} aria-hidden="true" />
                  {ticket.team.name}
                </span>
              )}
              <span>
                <KindIcon kind={ticket.kind} />
                {ticket.reporter ? `by ${ticket.reporter.name}` : 'opened by a rule'}
              </span>
              <span className="t3">
                <IconClock size={15} aria-hidden="true" />
                <RelativeTime at={ticket.created_at} />
              </span>
              <PriorityWhy ticket={ticket} />
            </>
          }
          tabs={
            <Tabs
              value={tab ?? 'activity'}
              onChange={(next) =>
                void navigate({ search: { tab: next === 'history' || next === 'clocks' ? next : undefined } })
              }
            >
              <Tabs.List aria-label="Ticket">
                <Tabs.Tab value="activity">Activity</Tabs.Tab>
                {mayHistory && ticket.slas?.length > 0 && <Tabs.Tab value="clocks">Clocks</Tabs.Tab>}
                {mayHistory && <Tabs.Tab value="history">History</Tabs.Tab>}
              </Tabs.List>
            </Tabs>
          }
        />
        {tab === 'history' || tab === 'clocks' ? (
          <div className="page-body">
            {tab === 'history' ? <History id={ticket.id} /> : <Clocks ticketKey={ticket.key} />}
          </div>
        ) : (
          <>
            <div className={`page-body ${classes.body}`}>
              <Description ticket={ticket} />
              <Attachments ticket={ticket} />
              <Activity ticket={ticket} />
            </div>
            <Composer ticket={ticket} />
          </>
        )}
        <Pictures ticket={ticket} shown={file} />
      </DropZone>
      <TicketSide ticket={ticket} />
    </div>
  );
}

/** One ticket: where it stands, what was said, and what hangs together with it. */
export function TicketPage() {
  const { key } = route.useParams();
  const ticket = useQuery(ticketQuery(key));
  return (
    <QueryState query={ticket} what="the ticket" rows={10} screen>
      {(data) => <Loaded key={data.id} ticket={data} />}
    </QueryState>
  );
}
