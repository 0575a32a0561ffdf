import {
  IconBellRinging,
  IconCalendarClock,
  IconCalendarTime,
  IconChartBar,
  IconFolders,
  IconForms,
  IconHeartbeat,
  IconHistory,
  IconHome,
  IconLayoutGrid,
  IconListCheck,
  IconRefreshAlert,
  IconStack2,
  IconStopwatch,
  IconUser,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { Permission } from '../api/types.ts';

type Icon = React.ComponentType<{ size?: number | string; stroke?: number | string }>;

export interface NavItem {
  to: string;
  label: string;
  icon: Icon;
  /** Second key after G. */
  key: string;
  /** Hidden for people whose work this is not: customers see their own work only. */
  permission?: Permission;
  /** Stands in the bottom bar of phones. */
  phone?: boolean;
}

/** The console's groups, top to bottom. Only screens that exist. */
export const NAV: readonly { title: string; items: readonly NavItem[] }[] = [
  {
    title: 'Watch',
    items: [
      { to: '/home', label: 'Home', icon: IconHome, key: 'H', phone: true },
      { to: '/tickets', label: 'Tickets', icon: IconStack2, key: 'T', phone: true },
      { to: '/alerts', label: 'Alerts', icon: IconBellRinging, key: 'A', permission: 'alerts:read', phone: true },
      { to: '/oncall', label: 'On-call', icon: IconCalendarTime, key: 'O', permission: 'oncall:read', phone: true },
    ],
  },
  {
    title: 'Estate',
    items: [{ to: '/services', label: 'Services', icon: IconLayoutGrid, key: 'S', permission: 'services:read' }],
  },
  {
    title: 'Bridge',
    items: [
      { to: '/integrations', label: 'Alert sources', icon: IconHeartbeat, key: 'I', permission: 'integrations:read' },
      { to: '/reports', label: 'Reports', icon: IconChartBar, key: 'R', permission: 'reports:read' },
    ],
  },
  {
    title: 'Admin',
    items: [
      { to: '/admin/people', label: 'People', icon: IconUser, key: 'P', permission: 'people:read' },
      { to: '/admin/teams', label: 'Teams', icon: IconUsersGroup, key: 'M', permission: 'people:read' },
      { to: '/admin/projects', label: 'Projects', icon: IconFolders, key: 'J', permission: 'projects:manage' },
      { to: '/admin/audit', label: 'Audit', icon: IconHistory, key: 'L', permission: 'audit:read' },
      {
        to: '/admin/calendars',
        label: 'Calendars',
        icon: IconCalendarClock,
        key: 'K',
        permission: 'slas:manage',
      },
      { to: '/admin/slas', label: 'Service levels', icon: IconStopwatch, key: 'V', permission: 'slas:manage' },
      {
        to: '/admin/fields',
        label: 'Custom fields',
        icon: IconForms,
        key: 'F',
        permission: 'fields:manage',
      },
      { to: '/admin/setup', label: 'Set-up', icon: IconListCheck, key: 'U', permission: 'system:manage' },
      { to: '/admin/jobs', label: 'Background jobs', icon: IconRefreshAlert, key: 'B', permission: 'jobs:manage' },
    ],
  },
];
