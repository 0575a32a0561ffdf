import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorState } from './ErrorState.tsx';
import { LoadingSkeleton } from './LoadingSkeleton.tsx';

interface Props<T> {
  query: UseQueryResult<T>;
  /** As the end of "Could not load …", for example `the alerts`. */
  what: string;
  rows?: number;
  /** The query is the whole screen; its error then carries the heading of the screen. */
  screen?: boolean;
  children: (data: T) => React.ReactNode;
}

/** Loading, error, no-permission and data of one query. Old data stays while new data loads. */
export function QueryState<T>({ query, what, rows, screen, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return <ErrorState error={query.error} what={what} onRetry={() => void query.refetch()} screen={screen ?? false} />;
  }
  return <LoadingSkeleton rows={rows ?? 6} label={`Loading ${what}`} />;
}
