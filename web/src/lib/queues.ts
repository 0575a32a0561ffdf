/** Saved queries over one kind of record, and the counts of their lists. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Count, Queue } from '../api/types.ts';
import { api } from './api.ts';
import { listKey } from './keys.ts';

/** What queues are over; also the address of the screen that lists it. */
export type QueueOver = 'tickets' | 'alerts';

const KIND = { tickets: 'ticket', alerts: 'alert' } as const;

/** The saved queries that one may see, with their counts, which follow the records. */
export const queuesQuery = (over: QueueOver) =>
  queryOptions({
    queryKey: listKey(KIND[over], 'queues'),
    queryFn: ({ signal }) =>
      api.get<{ items: Queue[] }>('/queues', {
        query: { counts: true, ...(over !== 'tickets' && { over }) },
        signal,
      }),
    staleTime: 10_000,
    retry: false,
  });

/** A change of a queue; everything that shows its records is fetched again. */
export function useQueueChange<Input, Output = unknown>(over: QueueOver, send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: [KIND[over]] }),
  });
}

/** Exact up to the cap of the server. */
export const countText = ({ count, capped }: Count): string =>
  capped ? '1,000+' : new Intl.NumberFormat('en').format(count);
