import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import 'virtual:mantine-theme.css';
import './ui/theme/tokens.css';
import './ui/theme/base.css';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeRouter } from './app/router.tsx';
import { ApiError, setSignedOutHandler } from './lib/api.ts';
import { sessionQuery } from './lib/session.ts';
import { theme } from './ui/theme/theme.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused stays refused; only a lost connection or a fault is tried again.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status > 0 && error.status < 500),
    },
    mutations: { retry: false },
  },
});
const router = makeRouter(client);

// The session may have ended, or another tab has opened a new one with another token: the server knows.
setSignedOutHandler(() => {
  void client
    .fetchQuery({ ...sessionQuery, staleTime: 0 })
    .catch(() => null)
    .then(() => router.invalidate());
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      withCssVariables={false}
      withGlobalClasses={false}
      colorSchemeManager={localStorageColorSchemeManager({ key: 'bw-color-scheme' })}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" zIndex={400} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
