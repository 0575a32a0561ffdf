import { useInfiniteQuery } from '@tanstack/react-query';
import { actorName } from '../../lib/text.ts';
import { Changes, happened } from '../../ui/Changes.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ShowMore } from '../../ui/ShowMore.tsx';
import { Moment } from '../../ui/Time.tsx';
import { historyQuery } from './queries.ts';
import classes from './Tickets.module.css';

/** Every change with who, what, before, after and from where. */
export function History({ id }: { id: string }) {
  const history = useInfiniteQuery(historyQuery(id));
  return (
    <section className="panel" aria-label="History">
      <QueryState query={history} what="the history" rows={6}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <EmptyState title="Nothing is recorded" />;
          return (
            <>
              <ol className={classes.history}>
                {entries.map((entry) => (
                  <li key={entry.id}>
                    <span className="t3 xs">
                      <Moment at={entry.at} />
                    </span>
                    <div>
                      <b className="b">{actorName(entry.actor)}</b> <span className="t2">{happened(entry.kind)}</span>{' '}
                      {entry.origin !== entry.actor.kind && <span className="t3 xs">through {entry.origin}</span>}
                      <Changes changes={entry.changes} />
                    </div>
                  </li>
                ))}
              </ol>
              <ShowMore query={history} />
            </>
          );
        }}
      </QueryState>
    </section>
  );
}
