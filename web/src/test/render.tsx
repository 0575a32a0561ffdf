import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { Permission, Session } from '../api/types.ts';
import { makeRouter } from '../app/router.tsx';
import { adoptSession, sessionQuery } from '../lib/session.ts';
import { theme } from '../ui/theme/theme.ts';

const testClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: Number.POSITIVE_INFINITY } } });

/** A signed-in person with these permissions. */
export function sessionOf(permissions: readonly Permission[], person: Partial<Session['person']> = {}): Session {
  return {
    person: {
      id: '01930000-0000-7000-8000-000000000001',
      name: 'Amara Okafor',
      email: 'amara@nordhaven.example',
      role: 'agent',
      time_zone: 'Europe/Oslo',
      locale: 'en',
      permissions: [...permissions],
      teams: [],
      totp_enabled: false,
      single_keys: true,
      version: 1,
      ...person,
    },
    csrf_token: 'csrf-of-the-test',
    expires_at: '2026-05-22T00:00:00Z',
  };
}

function Providers({ client, children }: { client: QueryClient; children: React.ReactNode }) {
  return (
    <MantineProvider theme={theme} env="test" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <Notifications />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** One part, inside a router of a single page, so that links work. */
export function renderPart(part: React.ReactNode, session?: Session) {
  const client = testClient();
  client.setQueryData(sessionQuery.queryKey, adoptSession(session ?? null));
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => part });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  return {
    client,
    ...render(
      <Providers client={client}>
        <RouterProvider router={router as never} />
      </Providers>,
    ),
  };
}

/** The whole application at an address; without a session one is signed out. */
export function renderApp(path: string, session?: Session) {
  const client = testClient();
  client.setQueryData(sessionQuery.queryKey, adoptSession(session ?? null));
  const router = makeRouter(client, createMemoryHistory({ initialEntries: [path] }));
  return {
    client,
    router,
    ...render(
      <Providers client={client}>
        <RouterProvider router={router} />
      </Providers>,
    ),
  };
}
