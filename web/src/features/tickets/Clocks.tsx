import { useQuery } from '@tanstack/react-query';
import type { TicketClock } from '../../api/types.ts';
import { actorName } from '../../lib/text.ts';
import { formatDuration } from '../../lib/time.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SlaClock } from '../../ui/SlaClock.tsx';
import { Moment } from '../../ui/Time.tsx';
import { clocksQuery, clockTimelineQuery } from './queries.ts';
import classes from './Tickets.module.css';

/** `12 min left`, `4 min over`. */
const left = (seconds: number) =>
  seconds < 0 ? `${formatDuration(-seconds)} over` : `${formatDuration(seconds)} left`;

function Shares({ title, shares }: { title: string; shares: TicketClock['by_team'] }) {
  if (shares.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{shares.map(({ who, elapsed_s }) => `${who?.name ?? 'nobody'} ${formatDuration(elapsed_s)}`).join(', ')}</dd>
    </>
  );
}

function Clock({ clock }: { clock: TicketClock }) {
  return (
    <section className="panel" aria-label={clock.name}>
      <header>
        <h2>{clock.name}</h2>
        <SlaClock clock={clock} />
      </header>
      <div className="pad stack">
        <dl className="dl">
          <dt>Target</dt>
          <dd>
            {formatDuration(clock.target_s)}
            {clock.calendar ? ` of ${clock.calendar.name}` : ' around the clock'}
          </dd>
          {clock.goal && (
            <>
              <dt>Goal</dt>
              <dd>
                {clock.goal.key}: {clock.goal.query ? <span className="mono">{clock.goal.query}</span> : 'all tickets'}
              </dd>
            </>
          )}
          <dt>Started</dt>
          <dd>
            <Moment at={clock.started_at} />
          </dd>
          {clock.due && (
            <>
              <dt>Due</dt>
              <dd>
                <Moment at={clock.due} />
              </dd>
            </>
          )}
          {clock.paused_because && (
            <>
              <dt>Paused</dt>
              <dd>{clock.paused_because}</dd>
            </>
          )}
          <Shares title="By person" shares={clock.by_assignee} />
          <Shares title="By team" shares={clock.by_team} />
        </dl>
        {clock.cycles.length > 1 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on phones, and by keyboard
          <section className={classes.cycles} tabIndex={0} aria-label={`Cycles of ${clock.name}`}>
            <table>
              <thead>
                <tr>
                  <th>Cycle</th>
                  <th>Started</th>
                  <th>Ended</th>
                  <th>Took</th>
                  <th>Outcome</th>
                </tr>
              </thead>
              <tbody>
                {clock.cycles.map((cycle) => (
                  <tr key={cycle.number}>
                    <td className="num">{cycle.number}</td>
                    <td>
                      <Moment at={cycle.started_at} />
                    </td>
                    <td>{cycle.ended_at ? <Moment at={cycle.ended_at} /> : 'goes on'}</td>
                    <td className="num nowrap">{formatDuration(cycle.elapsed_s)}</td>
                    <td className={`nowrap ${cycle.breached ? 'c-critical' : 'c-ok'}`}>
                      {cycle.breached ? 'breached' : cycle.ended_at ? 'met' : 'in time'}, {left(cycle.remaining_s)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </div>
    </section>
  );
}

/** Where each clock of a ticket stands, its cycles, and every change that moved it. */
export function Clocks({ ticketKey }: { ticketKey: string }) {
  const clocks = useQuery(clocksQuery(ticketKey));
  const timeline = useQuery(clockTimelineQuery(ticketKey));
  return (
    <>
      <QueryState query={clocks} what="the clocks" rows={4}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title="No service level is for this ticket" />
          ) : (
            <div className="columns-2">
              {items.map((clock) => (
                <Clock key={clock.key} clock={clock} />
              ))}
            </div>
          )
        }
      </QueryState>
      <section className="panel" aria-labelledby="clock-changes">
        <header>
          <h2 id="clock-changes">Why did the clock change</h2>
        </header>
        <QueryState query={timeline} what="the changes of the clocks" rows={6}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title="No clock has changed yet" />
            ) : (
              <ol className={classes.history}>
                {items.map((change, index) => (
                  <li key={index}>
                    <span className="t3 xs">
                      <Moment at={change.at} as="log" />
                    </span>
                    <div>
                      <b className="b">{change.sla.name}</b> <span>{change.text}</span>
                      <div className={classes.change}>
                        {[
                          change.actor && actorName(change.actor),
                          change.elapsed_s != null && `${formatDuration(change.elapsed_s)} used`,
                          change.remaining_s != null && left(change.remaining_s),
                        ]
                          .filter(Boolean)
                          .join(', ')}
                        {change.due && (
                          <>
                            , due <Moment at={change.due} as="until" />
                          </>
                        )}
                      </div>
                    </div>
                  </li>
                ))}
              </ol>
            )
          }
        </QueryState>
      </section>
    </>
  );
}
