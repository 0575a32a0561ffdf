import { ActionIcon, Menu } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconKeyboard, IconMenu2, IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useState } from 'react';
import { connectLive } from '../lib/live.ts';
import { sessionQuery, useMe } from '../lib/session.ts';
import { listenForShortcuts, useShortcut } from '../lib/shortcuts.ts';
import { Logo } from '../ui/Logo.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { NavCount } from './NavCount.tsx';
import { NotificationBell } from './NotificationBell.tsx';
import { NAV, type NavItem } from './nav.ts';
import classes from './Shell.module.css';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { WatchBar } from './WatchBar.tsx';

/** The groups of the navigation this person works with, of the screens that exist. */
export function useNav(): { title: string; items: NavItem[] }[] {
  const me = useMe();
  const router = useRouter();
  const paths: Record<string, unknown> = router.routesByPath;
  return NAV.map(({ title, items }) => ({
    title,
    items: items.filter(({ to, permission }) => to in paths && (!permission || me.permissions.includes(permission))),
  })).filter(({ items }) => items.length > 0);
}

function GoKey({ item }: { item: NavItem }) {
  const router = useRouter();
  useShortcut(`G ${item.key}`, `Go to ${item.label}`, () => void router.navigate({ to: item.to }), { group: 'Go to' });
  return null;
}

/** Nothing of the console outlives the session: on sign-out all of it goes before anything asks the server again. */
export function Shell() {
  const { data } = useQuery(sessionQuery);
  return data ? <Console /> : null;
}

/** The console, the watch bar, and the screen between them. */
function Console() {
  const groups = useNav();
  const client = useQueryClient();
  const router = useRouter();
  const [help, setHelp] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isHere = (to: string) => path === to || path.startsWith(`${to}/`);

  useEffect(() => connectLive(client), [client]);
  // Before the effects of any dialog: with reduced motion one that Esc closes is gone before the next listener looks.
  useLayoutEffect(() => listenForShortcuts(), []);
  useShortcut('?', 'Keyboard shortcuts', () => setHelp(true), { group: 'Everywhere' });
  useShortcut('Esc', 'Back', () => router.history.canGoBack() && router.history.back(), { group: 'Everywhere' });

  const all = groups.flatMap(({ items }) => items);
  const onPhone = all.filter(({ phone }) => phone);
  const more = all.filter(({ phone }) => !phone);
  return (
    <div className={classes.app}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      {all.map((item) => (
        <GoKey key={item.to} item={item} />
      ))}
      <nav className={classes.rail} aria-label="Main">
        <Link className={classes.brand} to="/home">
          <Logo />
          <span className={classes.label}>Bridgewatch</span>
        </Link>
        {groups.map(({ title, items }) => (
          <div key={title}>
            <h2>
              <span>{title}</span>
            </h2>
            <ul>
              {items.map(({ to, label, icon: Icon }) => (
                <li key={to}>
                  <Link to={to} aria-current={isHere(to) ? 'page' : undefined} title={label}>
                    <Icon size={16} stroke={1.75} />
                    <span className={classes.label}>{label}</span>
                    <NavCount to={to} />
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <header className={classes.bar}>
        <Link className={classes.brandm} to="/home" aria-label="Bridgewatch home">
          <img src="/logo.svg" alt="" />
        </Link>
        <button type="button" className={classes.jump} onClick={spotlight.open} aria-keyshortcuts="Control+K">
          <IconSearch size={14} aria-hidden="true" />
          <span className={classes.jumpText}>Search or jump to</span>
          <span className={classes.keys}>
            <kbd>Ctrl</kbd> <kbd>K</kbd>
          </span>
        </button>
        <span className={`grow ${classes.grow}`} />
        <WatchBar />
        <ActionIcon className="hide-phone" onClick={() => setHelp(true)} aria-label="Keyboard shortcuts">
          <IconKeyboard size={18} stroke={1.75} />
        </ActionIcon>
        <NotificationBell />
        <WatchBar.Person />
      </header>
      <main className={classes.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <nav className={classes.tabbar} aria-label="Main, short">
        {onPhone.map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} aria-current={isHere(to) ? 'page' : undefined}>
            <Icon size={21} stroke={1.75} />
            {label}
          </Link>
        ))}
        {more.length > 0 && (
          <Menu position="top-end">
            <Menu.Target>
              <button type="button">
                <IconMenu2 size={21} stroke={1.75} aria-hidden="true" />
                More
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              {more.map(({ to, label, icon: Icon }) => (
                <Menu.Item key={to} leftSection={<Icon size={18} />} component={Link} to={to} mih={44}>
                  {label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </nav>
      <CommandPalette groups={groups} onHelp={() => setHelp(true)} />
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
