import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Alert } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { alertOf } from './fixture.ts';

const SESSION = sessionOf(['alerts:read', 'alerts:write']);

function answer(alerts: Alert[]): URL[] {
  const asked: URL[] = [];
  server.use(
    http.get('*/api/v1/alerts', ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json({ items: alerts });
    }),
    http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: alerts.length })),
    http.get('*/api/v1/teams', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/services', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/on-call/me', () => HttpResponse.json({ items: [], next: [] })),
  );
  return asked;
}

test('groups by state, worst first, and sends the filter of the address', async () => {
  const asked = answer([
    alertOf({ id: 'a', message: 'Closed thing', status: 'closed' }),
    alertOf({ id: 'b', message: 'Slow', priority: 'P2' }),
    alertOf({ id: 'c', message: 'Down', priority: 'P1', count: 21 }),
    alertOf({ id: 'd', message: 'Taken', acknowledged: true }),
  ]);
  renderApp('/alerts?status=all&priority=P1%2CP2&query=tag%3A%20db', SESSION);
  const table = await screen.findByRole('table', { name: 'Alerts' });
  const lines = within(table)
    .getAllByRole('row')
    .map((row) => row.textContent);
  const places = ['Nobody acknowledged', 'Down', 'Slow', 'Acknowledged', 'Taken', 'Closed thing'].map((text) =>
    lines.findIndex((line) => line?.includes(text)),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(asked[0]?.searchParams.get('priority')).toBe('P1,P2');
  expect(asked[0]?.searchParams.get('query')).toBe('tag: db');
  expect(asked[0]?.searchParams.get('status')).toBeNull();
});

test('acknowledges what is selected and says which alert refused', async () => {
  answer([alertOf({ id: 'a', message: 'One' }), alertOf({ id: 'b', message: 'Two' })]);
  let body: unknown;
  server.use(
    http.post('*/api/v1/alerts/bulk', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({
        items: [
          { id: 'a', ok: true },
          { id: 'b', ok: false, error: 'the alert is closed' },
        ],
      });
    }),
  );
  renderApp('/alerts', SESSION);
  await userEvent.click(await screen.findByRole('checkbox', { name: /Select all/ }));
  const bar = screen.getByRole('toolbar', { name: 'Selected alerts' });
  await userEvent.keyboard('a');
  await screen.findByText(/1 acknowledged, 1 not: the alert is closed/);
  expect(body).toEqual({ action: 'acknowledge', ids: ['a', 'b'] });
  await waitFor(() => expect(bar.textContent).toContain('1 selected'));
});

test('a query that the server cannot read keeps the words and says what is wrong', async () => {
  answer([]);
  server.use(
    http.get('*/api/v1/alerts', () =>
      HttpResponse.json({ code: 'query_invalid', detail: 'Expected a value at character 9.' }, { status: 422 }),
    ),
  );
  renderApp('/alerts?query=priority%3A', SESSION);
  await screen.findAllByText(/Expected a value at character 9/);
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Query' }).value).toBe('priority:');
});

test('an empty list offers a test alert, prepared', async () => {
  answer([]);
  let body: { message?: string; priority?: string } = {};
  server.use(
    http.post('*/api/v1/alerts', async ({ request }) => {
      body = (await request.json()) as typeof body;
      return HttpResponse.json(alertOf({ id: 'new' }), { status: 201 });
    }),
    http.get('*/api/v1/alerts/new', () => HttpResponse.json(alertOf({ id: 'new' }))),
    http.get('*/api/v1/alerts/new/notifications', () => HttpResponse.json({ items: [], next: [], not_notified: [] })),
    http.get('*/api/v1/alerts/new/log', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/alerts/new/notes', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/on-call', () => HttpResponse.json({ items: [] })),
  );
  const { router } = renderApp('/alerts', SESSION);
  await userEvent.click(await screen.findByRole('button', { name: 'Send a test' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Send the test' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/alerts/new'));
  expect(body.priority).toBe('P4');
  expect(body.message).toContain('Test');
});
