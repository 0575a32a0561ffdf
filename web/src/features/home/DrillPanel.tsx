import { Drawer } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { formatDate, formatDuration, millis } from '../../lib/time.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ShowMore } from '../../ui/ShowMore.tsx';
import { Moment } from '../../ui/Time.tsx';
import { type Drill, type ReportsSearch, type Span, spanOf, ticketQuery, USUAL_DAYS } from './drill.ts';
import {
  alertRecordsQuery,
  MOST_CYCLES,
  reportTicketsQuery,
  type SlaFilter,
  slaNamesQuery,
  slaTicketsQuery,
} from './queries.ts';
import classes from './Reports.module.css';

const TITLES: Record<Drill, string> = {
  raised: 'Alerts raised',
  acknowledged: 'Alerts acknowledged',
  opened: 'Tickets opened',
  resolved: 'Tickets resolved',
  met: 'Met',
  breached: 'Breached',
  ended: 'Met and breached',
};

function Alerts({ drill, span }: { drill: 'raised' | 'acknowledged'; span: Span }) {
  const alerts = useInfiniteQuery(alertRecordsQuery(drill === 'raised' ? 'count' : 'mtta', span));
  return (
    <QueryState query={alerts} what="the alerts" rows={6}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return <EmptyState title="There is no such alert in this time" />;
        return (
          <>
            <ul className={classes.records}>
              {items.map(({ id, title, service, team, opened_at, acknowledged_at, seconds }) => (
                <li key={id}>
                  <Link to="/alerts/$id" params={{ id }} className="b">
                    {title}
                  </Link>
                  <span className="num">
                    {drill === 'acknowledged' && seconds != null ? (
                      formatDuration(seconds)
                    ) : (
                      <Moment at={opened_at} as="until" />
                    )}
                  </span>
                  <span className="t3 xs">
                    {[service?.name, team?.name].filter(Boolean).join(' · ')}
                    {drill === 'acknowledged' && acknowledged_at && (
                      <>
                        {(service || team) && ' · '}acknowledged <Moment at={acknowledged_at} as="until" />
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
            <ShowMore query={alerts} />
          </>
        );
      }}
    </QueryState>
  );
}

function Tickets({ drill, span }: { drill: 'opened' | 'resolved'; span: Span }) {
  const query = ticketQuery(drill, span);
  const tickets = useInfiniteQuery(reportTicketsQuery(query));
  return (
    <QueryState query={tickets} what="the tickets" rows={6}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return <EmptyState title="There is no such ticket in this time" />;
        return (
          <>
            <p className="xs">
              <Link to="/tickets" search={{ query, view: 'all' }}>
                Show them in the list of tickets
              </Link>
            </p>
            <ul className={classes.records}>
              {items.map(({ id, key, summary, status, assignee, created_at, resolved_at }) => (
                <li key={id}>
                  <Link to="/tickets/$key" params={{ key }}>
                    <span className="key">{key}</span> <span className="b">{summary}</span>
                  </Link>
                  <span className="num">
                    {drill === 'resolved' && resolved_at ? (
                      formatDuration((millis(resolved_at) - millis(created_at)) / 1000)
                    ) : (
                      <Moment at={created_at} as="until" />
                    )}
                  </span>
                  <span className="t3 xs">
                    {status.name} · {assignee?.name ?? 'Nobody'}
                    {drill === 'resolved' && resolved_at && (
                      <>
                        {' '}
                        · resolved <Moment at={resolved_at} as="until" />
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
            <ShowMore query={tickets} />
          </>
        );
      }}
    </QueryState>
  );
}

function Cycles({ outcome, span, filter }: { outcome?: 'met' | 'breached'; span: Span; filter: SlaFilter }) {
  const tickets = useQuery(slaTicketsQuery(span, filter, outcome));
  const names = useQuery(slaNamesQuery).data?.items ?? [];
  return (
    <QueryState query={tickets} what="the tickets" rows={6}>
      {({ items }) => {
        if (items.length === 0) return <EmptyState title="There is no such ticket in this time" />;
        return (
          <>
            <ul className={classes.records}>
              {items.map((each) => (
                <li key={`${each.id} ${each.sla} ${each.cycle}`}>
                  <Link to="/tickets/$key" params={{ key: each.key }} search={{ tab: 'clocks' }}>
                    <span className="key">{each.key}</span> <span className="b">{each.summary}</span>
                  </Link>
                  {each.remaining_s > 0 ? (
                    <span className="num">
                      {formatDuration(each.elapsed_s)} <span className="t3">of {formatDuration(each.target_s)}</span>
                    </span>
                  ) : (
                    <span className="num c-critical">{formatDuration(-each.remaining_s)} over</span>
                  )}
                  <span className="t3 xs">
                    {!filter.sla && `${names.find(({ key }) => key === each.sla)?.name ?? each.sla} · `}
                    ended <Moment at={each.ended_at} as="until" />
                    {each.cycle > 1 && ` · cycle ${each.cycle}`}
                  </span>
                </li>
              ))}
            </ul>
            {items.length === MOST_CYCLES && <p className="t3 xs">These are the newest {MOST_CYCLES}.</p>}
          </>
        );
      }}
    </QueryState>
  );
}

/** The records behind the number that the address names. */
export function DrillPanel({ search, onClose }: { search: ReportsSearch; onClose: () => void }) {
  const { drill, at, of, sla, project, days = USUAL_DAYS } = search;
  const names = useQuery({ ...slaNamesQuery, enabled: of !== undefined }).data?.items ?? [];
  const level = of ?? sla;
  const name = of && (names.find(({ key }) => key === of)?.name ?? of);
  const span = spanOf({ days, at });
  const filter = { ...(project && { project }), ...(level && { sla: level }) };
  const when = at ? `on ${formatDate(span.from, 'UTC')}` : `in the last ${days} days`;
  return (
    <Drawer
      opened={drill !== undefined}
      onClose={onClose}
      title={drill && `${name ? `${name}: ${TITLES[drill].toLowerCase()}` : TITLES[drill]} ${when}`}
      size={600}
    >
      {(drill === 'raised' || drill === 'acknowledged') && <Alerts drill={drill} span={span} />}
      {(drill === 'opened' || drill === 'resolved') && <Tickets drill={drill} span={span} />}
      {(drill === 'met' || drill === 'breached') && <Cycles outcome={drill} span={span} filter={filter} />}
      {drill === 'ended' && <Cycles span={span} filter={filter} />}
    </Drawer>
  );
}
