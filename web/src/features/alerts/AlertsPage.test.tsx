import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Alert, Queue } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { alertOf } from './fixture.ts';

const SESSION = sessionOf(['alerts:read', 'alerts:write']);

function answer(alerts: Alert[], queues: Queue[] = []): URL[] {
  const asked: URL[] = [];
  server.use(
    http.get('*/api/v1/alerts', ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json({ items: alerts });
    }),
    http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: alerts.length, capped: false })),
    http.get('*/api/v1/queues', ({ request }) =>
      HttpResponse.json({ items: new URL(request.url).searchParams.get('over') === 'alerts' ? queues : [] }),
    ),
    http.post('*/api/v1/alerts/query/check', async ({ request }) =>
      HttpResponse.json({ canonical: ((await request.json()) as { query: string }).query, problems: [] }),
    ),
    http.post('*/api/v1/alerts/query/complete', () => HttpResponse.json({ from: 0, to: 0, items: [] })),
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
  renderApp('/alerts?status=all&priority=P1%2CP2&query=tags%20%3D%20db', SESSION);
  const table = await screen.findByRole('table', { name: 'Alerts' });
  const lines = within(table)
    .getAllByRole('row')
    .map((row) => row.textContent);
  const places = ['Nobody acknowledged', 'Down', 'Slow', 'Acknowledged', 'Taken', 'Closed thing'].map((text) =>
    lines.findIndex((line) => line?.includes(text)),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(asked[0]?.searchParams.get('priority')).toBe('P1,P2');
  expect(asked[0]?.searchParams.get('query')).toBe('tags = db');
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

test('a query that the server cannot read keeps the words, and says so', async () => {
  answer([]);
  server.use(
    http.get('*/api/v1/alerts', () =>
      HttpResponse.json({ code: 'query_invalid', detail: 'at character 11: a value is missing' }, { status: 422 }),
    ),
    http.post('*/api/v1/alerts/query/check', () =>
      HttpResponse.json({
        problems: [{ position: 11, length: 0, message: 'a value is missing', suggestions: ['P1'] }],
      }),
    ),
  );
  renderApp('/alerts?query=priority%20%3D', SESSION);
  await screen.findByText('The query cannot be understood');
  await screen.findByText(/Character 12: A value is missing/);
  expect(screen.getByRole<HTMLTextAreaElement>('combobox', { name: 'Query' }).value).toBe('priority =');
});

test('a queue over alerts opens with its query and columns, in the order that it says', async () => {
  const queue: Queue = {
    id: 'q1',
    name: 'Loud ones',
    query: 'count > 10 ORDER BY count DESC',
    columns: ['priority', 'title', 'count'],
    over: 'alerts' as const,
    visibility: 'everyone',
    owner: null,
    teams: [],
    position: 1,
    version: 2,
    count: { count: 2, capped: false },
    actions: [
      { name: 'edit', allowed: true },
      { name: 'delete', allowed: true },
    ],
  };
  const asked = answer(
    [
      alertOf({ id: 'a', message: 'Loud', count: 90, priority: 'P3', status: 'closed' }),
      alertOf({ id: 'b', message: 'Less', count: 20, priority: 'P1' }),
    ],
    [queue],
  );
  const sent: unknown[] = [];
  server.use(
    http.post('*/api/v1/queues', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...queue, id: 'q2', name: 'Mine' }, { status: 201 });
    }),
  );
  const { router } = renderApp('/alerts', SESSION);
  const rail = await screen.findByRole('navigation', { name: 'Queues' });
  await userEvent.click(await within(rail).findByRole('link', { name: /Loud ones/ }));
  await waitFor(() => expect(asked[asked.length - 1]?.searchParams.get('query')).toBe(queue.query));
  // The query says which states it is about.
  expect(asked[asked.length - 1]?.searchParams.get('status')).toBeNull();
  const table = await screen.findByRole('table', { name: 'Alerts' });
  await waitFor(() => expect(within(table).queryByText('Nobody acknowledged')).toBeNull());
  const rows = within(table).getAllByRole('row');
  expect(rows[1]?.textContent).toContain('Loud');
  expect(within(table).getByRole('columnheader', { name: 'Events' })).toBeTruthy();
  expect(within(table).queryByRole('columnheader', { name: 'Service' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Queue' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: /Save as/ }));
  await userEvent.type(await screen.findByRole('textbox', { name: /Name/ }), 'Mine{Enter}');
  await waitFor(() =>
    expect(sent).toEqual([
      {
        name: 'Mine',
        visibility: 'private',
        team_ids: [],
        query: queue.query,
        columns: queue.columns,
        over: 'alerts',
      },
    ]),
  );
  await waitFor(() => expect(router.state.location.search).toEqual({ queue: 'q2' }));
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
