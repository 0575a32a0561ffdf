import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

test('asks with the filter of the address, sorts on the server, and clears', async () => {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get('*/api/v1/tickets', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items: [] });
    }),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  const { router } = renderApp(
    '/tickets?assignee=none&priority=P1%2CP2&view=waiting&sort=hack',
    sessionOf(['tickets:read']),
  );
  await screen.findByText('No ticket matches');
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    assignee: 'none',
    priority: 'P1,P2',
    status_category: 'waiting',
    sort: '-updated',
  });
  await userEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
  await waitFor(() => expect(router.state.location.searchStr).toBe(''));
  await screen.findByText('Nothing is open');
  expect(asked[asked.length - 1]?.get('status_category')).toBe('open');
});

test('a new ticket keeps what was typed when the server refuses', async () => {
  let status = 422;
  let body: Record<string, unknown> = {};
  server.use(
    http.get('*/api/v1/projects', () => HttpResponse.json({ items: [{ id: 'p', key: 'OPS', name: 'Operations' }] })),
    http.post('*/api/v1/tickets', async ({ request }) => {
      body = (await request.json()) as Record<string, unknown>;
      return status === 422
        ? HttpResponse.json({ detail: 'No.', errors: [{ field: 'summary', message: 'Say more.' }] }, { status })
        : HttpResponse.json({ id: 't', key: 'OPS-13' }, { status });
    }),
    http.get('*/api/v1/tickets/OPS-13', () => HttpResponse.json({ detail: 'gone' }, { status: 404 })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  localStorage.clear();
  const { router } = renderApp('/tickets/new?kind=incident', sessionOf(['tickets:read', 'tickets:write']));
  const summary = await screen.findByRole<HTMLInputElement>('textbox', { name: /Summary/ });
  await userEvent.type(summary, 'Tills are down');
  const send = await screen.findByRole('button', { name: /Create the incident/ });
  await waitFor(() => expect(send.hasAttribute('disabled')).toBe(false));
  await userEvent.click(send);
  await screen.findByText('Say more.');
  expect(summary.value).toBe('Tills are down');
  status = 201;
  await userEvent.click(send);
  await waitFor(() => expect(router.state.location.pathname).toBe('/tickets/OPS-13'));
  expect(body).toMatchObject({ project_id: 'p', kind: 'incident', summary: 'Tills are down' });
});
