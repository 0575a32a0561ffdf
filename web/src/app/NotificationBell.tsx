import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconBell, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { newestNoticesQuery, useMark } from '../lib/notifications.ts';
import { useShortcut } from '../lib/shortcuts.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { NoticeLine } from '../ui/NoticeLine.tsx';
import { QueryState } from '../ui/QueryState.tsx';
import classes from './NotificationBell.module.css';

/** How many are unread, and the newest of them. */
export function NotificationBell() {
  const [opened, setOpened] = useState(false);
  const router = useRouter();
  const newest = useQuery(newestNoticesQuery);
  const mark = useMark();
  const unread = newest.data?.unread ?? 0;
  const first = newest.data?.items[0];
  const close = () => setOpened(false);
  useShortcut('G N', 'Go to your notifications', () => void router.navigate({ to: '/me/notifications' }), {
    group: 'Go to',
  });
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width="min(420px, calc(100vw - 16px))"
      shadow="md"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <ActionIcon
          className={classes.bell}
          size={30}
          onClick={() => setOpened((old) => !old)}
          aria-label={unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'}
          title="Notifications (G N)"
        >
          <IconBell size={18} stroke={1.75} />
          {unread > 0 && (
            <span className={classes.count} aria-hidden="true">
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Notifications" className={classes.panel}>
        <header>
          <h2>Notifications</h2>
          {unread > 0 && <span className="cnt">{unread} unread</span>}
          <span className="grow" />
          {first && unread > 0 && (
            <Button variant="subtle" size="compact-xs" onClick={() => mark.mutate({ all: true, until: first.at })}>
              Mark all as read
            </Button>
          )}
          <ActionIcon
            renderRoot={(props) => <Link {...props} to="/me" search={{ tab: 'notifications' }} onClick={close} />}
            aria-label="What you are told, and how"
            title="What you are told, and how"
          >
            <IconSettings size={16} />
          </ActionIcon>
        </header>
        <div className={classes.list}>
          <QueryState query={newest} what="your notifications" rows={3}>
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="Nothing yet" icon={IconBell}>
                  When a ticket is given to you, somebody mentions you, or time runs out, it is said here.
                </EmptyState>
              ) : (
                <ul>
                  {items.map((notice) => (
                    <li key={notice.id}>
                      <NoticeLine
                        notice={notice}
                        onOpen={() => {
                          close();
                          if (!notice.read_at) mark.mutate({ read: true, ids: [notice.id] });
                        }}
                        onMark={(read) => mark.mutate({ read, ids: [notice.id] })}
                      />
                    </li>
                  ))}
                </ul>
              )
            }
          </QueryState>
        </div>
        <footer>
          <Link to="/me/notifications" onClick={close}>
            All notifications
          </Link>
        </footer>
      </Popover.Dropdown>
    </Popover>
  );
}
