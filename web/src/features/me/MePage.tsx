import { Tabs } from '@mantine/core';
import { IconMail, IconUser, IconUsersGroup } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Role } from '../../api/types.ts';
import { useMe } from '../../lib/session.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Contacts } from './Contacts.tsx';
import { NotificationChoicesPanel } from './NotificationChoices.tsx';
import { NotificationRulesPanel } from './NotificationRules.tsx';
import { PasswordPanel } from './Password.tsx';
import { Profile } from './Profile.tsx';
import { BrowserSessions } from './Sessions.tsx';
import { Tokens } from './Tokens.tsx';
import { SecondStep } from './Totp.tsx';

const route = getRouteApi('/shell/me');

const ROLE_NAMES: Record<Role, string> = { admin: 'Administrator', agent: 'Agent', customer: 'Customer' };

const TABS = [
  { value: 'profile', label: 'Profile' },
  { value: 'notifications', label: 'Notifications' },
  { value: 'security', label: 'Sign-in and security' },
  { value: 'tokens', label: 'API tokens' },
];

/** Everything of one's own: how to be reached, how to sign in, what programs may do in one's name. */
export function MePage() {
  const me = useMe();
  const { tab = 'profile' } = route.useSearch();
  const navigate = useNavigate();
  return (
    <Tabs
      value={tab}
      onChange={(value) => void navigate({ to: '/me', search: value && value !== 'profile' ? { tab: value } : {} })}
    >
      <PageHeader
        title={me.name}
        documentTitle="My profile"
        meta={
          <>
            <span>
              <IconMail size={15} aria-hidden="true" />
              {me.email}
            </span>
            <span>
              <IconUser size={15} aria-hidden="true" />
              {ROLE_NAMES[me.role]}
            </span>
            {me.teams.length > 0 && (
              <span>
                <IconUsersGroup size={15} aria-hidden="true" />
                {me.teams.map(({ name }) => name).join(', ')}
              </span>
            )}
          </>
        }
        tabs={
          <Tabs.List>
            {TABS.map(({ value, label }) => (
              <Tabs.Tab key={value} value={value}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        }
      />
      <div className="page-body" style={{ maxWidth: 860 }}>
        <Tabs.Panel value="profile">
          <Profile me={me} />
        </Tabs.Panel>
        <Tabs.Panel value="notifications" className="stack">
          <Contacts />
          <NotificationRulesPanel />
          <NotificationChoicesPanel />
        </Tabs.Panel>
        <Tabs.Panel value="security" className="stack">
          <PasswordPanel />
          <SecondStep me={me} />
          <BrowserSessions />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens me={me} />
        </Tabs.Panel>
      </div>
    </Tabs>
  );
}
