import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { BrowserSession } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { adoptSession, sessionQuery } from '../../lib/session.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { browserSessionsQuery, useOwn } from './queries.ts';

/** `Chrome on Linux` from a user agent; the whole text stands in the title. */
export function agentName(agent: string | null): string {
  if (!agent) return 'Unknown browser';
  const browser = [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ].find(([mark]) => mark && agent.includes(mark))?.[1];
  const system = [
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'macOS'],
    ['Linux', 'Linux'],
  ].find(([mark]) => mark && agent.includes(mark))?.[1];
  return browser ? `${browser}${system ? ` on ${system}` : ''}` : agent.slice(0, 40);
}

function Row({ session }: { session: BrowserSession }) {
  const end = useOwn('sessions', () => api.delete(`/me/sessions/${session.id}`));
  const Icon = /iPhone|Android.*Mobile/.test(session.user_agent ?? '') ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li style={{ minHeight: 36 }}>
      <Icon size={16} stroke={1.75} aria-hidden="true" />
      <span className="cut" title={session.user_agent ?? undefined}>
        {agentName(session.user_agent ?? null)}
      </span>
      <span className="t3 xs hide-phone">{session.ip}</span>
      <span className="t3 xs">
        last seen <RelativeTime at={session.last_seen_at} />
      </span>
      <span className="end">
        {session.current ? (
          <span className="tag line">this browser</span>
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            loading={end.isPending}
            onClick={() =>
              end.mutate(undefined, {
                onSuccess: () => toastOk('That session is signed out'),
                onError: (error) => toastError(error),
              })
            }
          >
            Sign out
          </Button>
        )}
      </span>
    </li>
  );
}

/** Where one is signed in. */
export function BrowserSessions() {
  const sessions = useQuery(browserSessionsQuery);
  const client = useQueryClient();
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const everywhere = useOwn('nothing', () => api.delete('/me/sessions'));
  return (
    <section className="panel" aria-labelledby="sessions">
      <header>
        <h2 id="sessions">Signed in on</h2>
        <Button className="end" size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          Sign out everywhere
        </Button>
      </header>
      <QueryState query={sessions} what="your sessions" rows={2}>
        {({ items }) => (
          <ul className="lines pad">
            {items.map((session) => (
              <Row key={session.id} session={session} />
            ))}
          </ul>
        )}
      </QueryState>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Sign out everywhere?"
        confirm="Sign out everywhere"
        loading={everywhere.isPending}
        onConfirm={() =>
          everywhere.mutate(undefined, {
            onSuccess: () => {
              adoptSession(null);
              client.clear();
              client.setQueryData(sessionQuery.queryKey, null);
              void router.navigate({ to: '/sign-in' });
            },
            onError: (error) => toastError(error),
          })
        }
      >
        Every browser, this one too, has to sign in again. API tokens stay valid.
      </ConfirmDialog>
    </section>
  );
}
