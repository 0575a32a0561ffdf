import { Button, SegmentedControl } from '@mantine/core';
import { IconBell, IconChecks, IconSettings } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { noticesQuery, useMark } from '../../lib/notifications.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { NoticeLine } from '../../ui/NoticeLine.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ShowMore } from '../../ui/ShowMore.tsx';

const route = getRouteApi('/shell/me/notifications');

/** Everything that one was told, newest first. J and K move, Enter opens, U marks. */
export function NotificationsPage() {
  const { view = 'unread' } = route.useSearch();
  const navigate = useNavigate({ from: '/me/notifications' });
  const notices = useInfiniteQuery(noticesQuery(view === 'unread'));
  const mark = useMark();
  const list = useRef<HTMLUListElement>(null);
  const pages = notices.data?.pages ?? [];
  const all = pages.flatMap(({ items }) => items);
  const unread = pages[0]?.unread ?? 0;
  const newest = all[0];

  /** The places that J and K walk through: the link of each line, or its button where there is none. */
  const stops = () => [...(list.current?.children ?? [])].map((line) => line.querySelector<HTMLElement>('a, button'));
  const here = () => [...(list.current?.children ?? [])].findIndex((line) => line.contains(document.activeElement));
  const move = (step: number) => {
    const places = stops();
    const next = places[Math.max(0, Math.min(places.length - 1, here() + step))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  useShortcut('J', 'Next notification', () => move(1), { group: 'Lists', enabled: all.length > 0 });
  useShortcut('K', 'Previous notification', () => move(here() < 0 ? 1 : -1), {
    group: 'Lists',
    enabled: all.length > 0,
  });
  useShortcut('U', 'Mark as read or unread', () => {
    const notice = all[here()];
    if (notice) mark.mutate({ read: !notice.read_at, ids: [notice.id] });
  });
  return (
    <>
      <PageHeader
        title="Notifications"
        after={unread > 0 && <span className="cnt">{unread} unread</span>}
        actions={
          <>
            <Button
              variant="subtle"
              leftSection={<IconSettings size={16} />}
              renderRoot={(props) => <Link {...props} to="/me" search={{ tab: 'notifications' }} />}
            >
              Choose
            </Button>
            {newest && unread > 0 && (
              <Button
                variant="default"
                leftSection={<IconChecks size={16} />}
                onClick={() => mark.mutate({ all: true, until: newest.at })}
              >
                Mark all as read
              </Button>
            )}
          </>
        }
      />
      <div className="page-body" style={{ maxWidth: 860 }}>
        <div>
          <SegmentedControl
            aria-label="Which"
            value={view}
            onChange={(value) => void navigate({ search: value === 'all' ? { view: 'all' } : {} })}
            data={[
              { value: 'unread', label: 'Unread' },
              { value: 'all', label: 'All' },
            ]}
          />
        </div>
        <section className="panel" aria-label="Notifications">
          <QueryState query={notices} what="your notifications" rows={8}>
            {() =>
              all.length === 0 ? (
                <EmptyState
                  title={view === 'unread' ? 'Everything is read' : 'Nothing yet'}
                  icon={IconBell}
                  action={
                    view === 'unread' && (
                      <Button variant="default" onClick={() => void navigate({ search: { view: 'all' } })}>
                        Show all
                      </Button>
                    )
                  }
                >
                  When a ticket is given to you, somebody mentions you, or time runs out, it is said here.
                </EmptyState>
              ) : (
                <>
                  <ul ref={list} aria-label="Notifications">
                    {all.map((notice) => (
                      <li key={notice.id}>
                        <NoticeLine
                          notice={notice}
                          onOpen={() => !notice.read_at && mark.mutate({ read: true, ids: [notice.id] })}
                          onMark={(read) => mark.mutate({ read, ids: [notice.id] })}
                        />
                      </li>
                    ))}
                  </ul>
                  <ShowMore query={notices} />
                </>
              )
            }
          </QueryState>
        </section>
      </div>
    </>
  );
}
