import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconAlertTriangle, IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, errorText } from '../lib/api.ts';
import { useNow } from '../lib/clock.ts';
import { useLeave } from '../lib/leave.ts';
import { useLive } from '../lib/live.ts';
import { myOnCallQuery, useCan, useMe } from '../lib/session.ts';
import { formatAge, formatTime, formatUntil, usePersonZone, zoneName } from '../lib/time.ts';
import { toastError } from '../lib/toast.ts';
import { initials, PersonAvatar } from '../ui/PersonAvatar.tsx';
import classes from './Shell.module.css';

/** The brass pill: only when this person is on watch right now. */
function OwnWatch() {
  const allowed = useCan('oncall:read');
  const zone = usePersonZone();
  const now = useNow(60);
  const { data } = useQuery({ ...myOnCallQuery, enabled: allowed });
  const first = data?.items[0];
  if (!first) return null;
  const more = (data?.items.length ?? 1) - 1;
  return (
    <Link
      className={classes.watch}
      to={'/oncall' as '/home'}
      title={data?.items.map(({ schedule, rotation }) => `${schedule.name}, ${rotation}`).join('\n')}
    >
      <span className="lamp" />
      <span className="cut">
        On watch
        <span className={classes.wide}>
          : {first.schedule.name}
          {more > 0 && ` and ${more} more`}
        </span>
        {first.until && `, until ${formatUntil(first.until, now, zone)}`}
      </span>
    </Link>
  );
}

function Clock() {
  const now = useNow(1);
  const zone = usePersonZone();
  return (
    <span className={classes.clock}>
      <b>{formatTime(now, zone)}</b> {zoneName(now, zone)}
      {zone !== 'UTC' && <span> · {formatTime(now, 'UTC')} UTC</span>}
    </span>
  );
}

/** Whether what is shown is live; amber with its age when the stream is lost. */
function Freshness() {
  const { state, heardAt } = useLive();
  const now = useNow(1);
  if (state === 'off') return null;
  if (state !== 'stale') {
    return (
      <span className={`${classes.live} ${classes.liveok} ${classes.wide}`}>
        {state === 'live' ? 'live' : 'connecting'}
      </span>
    );
  }
  return (
    <span className={`${classes.live} ${classes.stale}`} role="status">
      <IconAlertTriangle size={14} aria-hidden="true" />
      not live, {formatAge(heardAt, Math.max(now, heardAt))} old
    </span>
  );
}

export function WatchBar() {
  return (
    <>
      <OwnWatch />
      <Freshness />
      <Clock />
    </>
  );
}

function PersonMenu() {
  const me = useMe();
  const leave = useLeave();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async () => {
    try {
      await api.delete('/session');
    } catch (error) {
      return toastError(error, `You are still signed in: ${errorText(error)}`);
    }
    await leave();
  };
  const schemes = [
    { value: 'light', label: 'Light', icon: IconSun },
    { value: 'dark', label: 'Dark', icon: IconMoon },
    { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  ] as const;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button
          type="button"
          className={classes.avatar}
          aria-label={`${initials(me.name)}, ${me.name}: profile, theme, sign out`}
        >
          <PersonAvatar name={me.name} size="lg" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name}
          <br />
          {me.email}
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} component={Link} to="/me">
          Profile and notifications
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as typeof colorScheme)}>
          {schemes.map(({ value, label, icon: Icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={<Icon size={16} aria-hidden="true" />}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

WatchBar.Person = PersonMenu;
