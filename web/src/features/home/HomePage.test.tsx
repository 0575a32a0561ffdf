import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

test('the home of somebody on call: own tickets, alerts, and an empty schedule in red', async () => {
  server.use(
    http.get('*/api/v1/tickets', ({ request }) => {
      expect(new URL(request.url).searchParams.get('assignee')).toBe('me');
      return HttpResponse.json({
        items: [
          {
            id: 't1',
            key: 'INC-7',
            summary: 'Card payments failing',
            priority: 'P1',
            status: { key: 'open', name: 'Investigating', category: 'doing' },
            updated_at: '2026-05-21T00:00:00Z',
          },
        ],
      });
    }),
    http.get('*/api/v1/alerts', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: 0 })),
    http.get('*/api/v1/system/status', () =>
      HttpResponse.json({
        version: '0',
        base_url: '',
        mail_configured: false,
        organisation: 'Nordhaven',
        on_call_alarms: [],
      }),
    ),
    http.get('*/api/v1/on-call', () =>
      HttpResponse.json({
        items: [{ schedule: { id: 's1', name: 'Network' }, time_zone: 'UTC', on_call: [], gaps: [] }],
      }),
    ),
    http.get('*/api/v1/on-call/me', () => HttpResponse.json({ items: [], next: [] })),
  );
  renderApp('/home', sessionOf(['tickets:read', 'alerts:read', 'oncall:read']));
  expect((await screen.findByRole('link', { name: 'INC-7' })).getAttribute('href')).toBe('/tickets/INC-7');
  await screen.findByText('All quiet');
  await screen.findByText(/No mail server is configured/);
  const onCall = screen.getByRole('region', { name: 'On call now' });
  expect(await within(onCall).findByText('Nobody')).toBeTruthy();
});

test('a customer sees their requests and nothing of operations', async () => {
  server.use(http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })));
  renderApp('/home', sessionOf(['tickets:read_own', 'requests:raise'], { role: 'customer' }));
  await screen.findByText('You have no open request');
  expect(screen.queryByText('Open alerts')).toBeNull();
  expect(screen.queryByText('People')).toBeNull();
});

test('after a restore an administrator releases what is held', async () => {
  let held: string | undefined = '2026-05-21T00:00:00Z';
  server.use(
    http.get('*/api/v1/system/status', () =>
      HttpResponse.json({
        version: '0',
        base_url: '',
        mail_configured: true,
        organisation: 'Nordhaven',
        on_call_alarms: [],
        outgoing_held_since: held,
      }),
    ),
    http.get('*/api/v1/alerts', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: 0 })),
    http.post('*/api/v1/system/release-outgoing', () => {
      held = undefined;
      return HttpResponse.json({ released: true });
    }),
  );
  renderApp('/home', sessionOf(['alerts:read', 'system:manage']));
  await userEvent.click(await screen.findByRole('button', { name: 'Release' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Send it' }));
  await waitFor(() => expect(screen.queryByText(/Pages and mails are held/)).toBeNull());
});

test('what could not be loaded says so, with a way to try again', async () => {
  server.use(
    http.get('*/api/v1/tickets', () => HttpResponse.json({ title: 'Broken', request_id: 'r-77' }, { status: 500 })),
  );
  renderApp('/home', sessionOf(['tickets:read']));
  await screen.findByText('Could not load your tickets', undefined, { timeout: 8000 });
  expect(screen.getByText('r-77')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});
