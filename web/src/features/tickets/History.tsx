import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { actorName, worded } from '../../lib/text.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { historyQuery } from './queries.ts';
import classes from './Tickets.module.css';

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return value.map(shown).join(', ') || 'nothing';
  if (typeof value === 'object') {
    const { name, key } = value as { name?: unknown; key?: unknown };
    return typeof name === 'string' ? name : typeof key === 'string' ? key : JSON.stringify(value);
  }
  return String(value);
}

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
                      <b className="b">{actorName(entry.actor)}</b>{' '}
                      <span className="t2">{entry.kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}</span>{' '}
                      {entry.origin !== entry.actor.kind && <span className="t3 xs">through {entry.origin}</span>}
                      {entry.changes.map((change) => (
                        <div key={change.field} className={classes.change}>
                          {worded(change.field)}: <del className="t3">{shown(change.before)}</del>{' '}
                          <span aria-hidden="true">→</span> {shown(change.after)}
                        </div>
                      ))}
                    </div>
                  </li>
                ))}
              </ol>
              {history.hasNextPage && (
                <div style={{ padding: 10 }}>
                  <Button
                    variant="default"
                    loading={history.isFetchingNextPage}
                    onClick={() => void history.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </QueryState>
    </section>
  );
}
