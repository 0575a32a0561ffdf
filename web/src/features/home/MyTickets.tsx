import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { myTicketsQuery } from './queries.ts';

/** Tickets of mine that are not done, most urgent first. */
export function MyTickets({ agent }: { agent: boolean }) {
  const tickets = useQuery(myTicketsQuery(agent));
  return (
    <section className="panel" aria-labelledby="my-tickets">
      <header>
        <h2 id="my-tickets">{agent ? 'My tickets' : 'My requests'}</h2>
        {tickets.data && <span className="cnt">{`${tickets.data.items.length}${tickets.data.next ? '+' : ''}`}</span>}
        <Link className="end xs" style={{ paddingRight: 6 }} to={'/tickets' as '/home'}>
          All tickets
        </Link>
      </header>
      <QueryState query={tickets} what="your tickets" rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={agent ? 'Nothing is assigned to you' : 'You have no open request'}>
              {agent
                ? 'Tickets that somebody or a rule gives to you stand here.'
                : 'What you ask for stands here until it is done.'}
            </EmptyState>
          ) : (
            <ul className="lines pad">
              {items.map((ticket) => (
                <li key={ticket.id}>
                  <PriorityPennant priority={ticket.priority} />
                  <Link className="key" to={`/tickets/${ticket.key}` as '/home'}>
                    {ticket.key}
                  </Link>
                  <span className="cut grow">{ticket.summary}</span>
                  <span className="end hide-phone">
                    <TicketStatus status={ticket.status} />
                  </span>
                  <span className="t3 num xs">
                    <RelativeTime at={ticket.updated_at} short />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}
