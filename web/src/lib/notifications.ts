/** What the person is told of, in the bell and on its page. The stream says `notification` when something is new. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import type { Notice, NoticeChoices, NoticePage } from '../api/types.ts';
import { api } from './api.ts';
import { listKey } from './keys.ts';
import { toastError } from './toast.ts';

/** The newest, read or not, with the number of unread ones: what the bell shows. */
export const newestNoticesQuery = queryOptions({
  queryKey: listKey('notification', 'newest'),
  queryFn: ({ signal }) => api.get<NoticePage>('/me/notifications', { query: { limit: 12 }, signal }),
  // The stream tells at once; this is for when it does not.
  refetchInterval: 5 * 60_000,
});

export const noticesQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: listKey('notification', 'page', unread),
    queryFn: ({ pageParam, signal }) =>
      api.get<NoticePage>('/me/notifications', {
        query: { ...(unread && { unread }), limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const noticeChoicesQuery = queryOptions({
  queryKey: ['me', 'notification-choices'],
  queryFn: ({ signal }) => api.get<NoticeChoices>('/me/notification-choices', { signal }),
});

/** Some by their ids, or all up to an instant: what comes meanwhile stays unread. */
export type Mark = { read: boolean; ids: string[] } | { all: true; until: string };

interface Cached {
  pages?: NoticePage[];
  items?: Notice[];
}

/** Marks as read or unread: shown at once, taken back when the server refuses. */
export function useMark() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (mark: Mark) =>
      'all' in mark || mark.read
        ? api.post<{ unread: number }>('/me/notifications/read', 'all' in mark ? mark : { ids: mark.ids })
        : api.post<{ unread: number }>('/me/notifications/unread', { ids: mark.ids }),
    onMutate: async (mark) => {
      await client.cancelQueries({ queryKey: listKey('notification') });
      const at = new Date().toISOString();
      const lay = (notice: Notice): Notice => {
        if ('all' in mark) return notice.read_at || notice.at > mark.until ? notice : { ...notice, read_at: at };
        return mark.ids.includes(notice.id)
          ? { ...notice, read_at: mark.read ? (notice.read_at ?? at) : null }
          : notice;
      };
      const page = <T extends { items: Notice[] }>(old: T): T => ({ ...old, items: old.items.map(lay) });
      client.setQueriesData<Cached>({ queryKey: listKey('notification') }, (old) => {
        if (old?.pages) return { ...old, pages: old.pages.map(page) };
        return old?.items ? page(old as NoticePage) : old;
      });
    },
    onSuccess: ({ unread }) =>
      client.setQueryData(newestNoticesQuery.queryKey, (old) => (old ? { ...old, unread } : old)),
    onError: (error) => toastError(error, 'The notifications are unchanged'),
    onSettled: () => client.invalidateQueries({ queryKey: listKey('notification') }),
  });
}

/** Whoever has a record before their eyes has read what the bell says about it. */
export function useReadOnSight(kind: string, id: string, notices: readonly Notice[] | undefined): void {
  const { mutate } = useMark();
  const ids = (notices ?? [])
    .filter(({ record, read_at }) => !read_at && record.kind === kind && record.id === id)
    .map((notice) => notice.id)
    .join(',');
  const read = useEffectEvent(() => mutate({ read: true, ids: ids.split(',') }));
  useEffect(() => {
    if (!ids) return;
    if (document.visibilityState === 'visible') return read();
    const look = () => document.visibilityState === 'visible' && read();
    document.addEventListener('visibilitychange', look, { once: true });
    return () => document.removeEventListener('visibilitychange', look);
  }, [ids]);
}
