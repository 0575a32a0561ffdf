import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alert } from '../../api/types.ts';
import { localTimes } from '../../lib/time.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import classes from './Alerts.module.css';
import { logQuery } from './queries.ts';

const FEW = 6;

/** Everything that ever happened to the alert, newest first. */
export function Log({ alert }: { alert: Alert }) {
  const log = useInfiniteQuery(logQuery(alert.id));
  const [all, setAll] = useState(false);
  const lines = (log.data?.pages.flatMap(({ items }) => items) ?? []).toSorted((a, b) => b.at.localeCompare(a.at));
  const shown = all ? lines : lines.slice(0, FEW);
  return (
    <section className="panel" aria-labelledby="alert-log">
      <header>
        <h2 id="alert-log">Log</h2>
      </header>
      <QueryState query={log} what="the log" rows={4}>
        {() => (
          <>
            <ul className={classes.log} style={{ paddingBlock: 6 }}>
              {shown.map((line) => (
                <li key={line.id}>
                  <Moment at={line.at} as="log" />
                  <div>
                    {line.text}
                    {line.actor.kind !== 'system' && <span className="t3">, {line.actor.name}</span>}
                    {line.because && (
                      <div className={classes.because}>
                        <span>because</span>
                        {localTimes(line.because)}
                      </div>
                    )}
                  </div>
                </li>
              ))}
            </ul>
            {((!all && lines.length > FEW) || (all && log.hasNextPage)) && (
              <div style={{ padding: '0 14px 10px' }}>
                <Button
                  variant="default"
                  loading={log.isFetchingNextPage}
                  onClick={() => (all ? void log.fetchNextPage() : setAll(true))}
                >
                  {all ? 'Show more' : `Show all ${log.hasNextPage ? '' : lines.length}`}
                </Button>
              </div>
            )}
          </>
        )}
      </QueryState>
    </section>
  );
}
