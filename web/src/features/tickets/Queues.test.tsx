import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Queue } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const yes = (name: string) => ({ name, allowed: true });
const QUEUE: Queue = {
  id: 'q1',
  name: 'Unassigned',
  query: 'assignee IS EMPTY',
  columns: ['key', 'summary'],
  over: 'tickets' as const,
  visibility: 'everyone',
  owner: null,
  teams: [],
  position: 1,
  version: 4,
  count: { count: 1000, capped: true },
  actions: [yes('edit'), yes('delete')],
};

function answers(queues: Queue[]) {
  const asked: URLSearchParams[] = [];
  const sent: { method: string; body: unknown; match: string | null }[] = [];
  server.use(
    http.get('*/api/v1/tickets', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items: [] });
    }),
    http.get('*/api/v1/tickets/count', () => HttpResponse.json({ count: 1000, capped: true })),
    http.get('*/api/v1/queues', () => HttpResponse.json({ items: queues })),
    http.post('*/api/v1/tickets/query/check', async ({ request }) =>
      HttpResponse.json({ canonical: ((await request.json()) as { query: string }).query, problems: [] }),
    ),
    http.post('*/api/v1/tickets/query/complete', () => HttpResponse.json({ from: 0, to: 0, items: [] })),
    http.patch('*/api/v1/queues/q1', async ({ request }) => {
      sent.push({ method: 'PATCH', body: await request.json(), match: request.headers.get('If-Match') });
      return HttpResponse.json({ ...QUEUE, version: 5 });
    }),
    http.post('*/api/v1/queues', async ({ request }) => {
      const body = (await request.json()) as Partial<Queue>;
      sent.push({ method: 'POST', body, match: null });
      return HttpResponse.json({ ...QUEUE, ...body, id: 'q2' }, { status: 201 });
    }),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  return { asked, sent };
}

test('a queue opens with its query, counts are capped, and a changed query is saved on its version', async () => {
  const { asked, sent } = answers([QUEUE]);
  const { router } = renderApp('/tickets', sessionOf(['tickets:read']));
  const rail = await screen.findByRole('navigation', { name: 'Queues' });
  const link = within(rail).getByRole('link', { name: /Unassigned/ });
  expect(link.textContent).toContain('1,000+');
  expect(asked[0]?.get('status_category')).toBe('open');
  await userEvent.click(link);
  await waitFor(() => expect(asked[asked.length - 1]?.get('query')).toBe('assignee IS EMPTY'));
  // The query says which states it is about.
  expect(asked[asked.length - 1]?.get('status_category')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();

  const bar = screen.getByRole<HTMLTextAreaElement>('combobox', { name: 'Query' });
  expect(bar.value).toBe('assignee IS EMPTY');
  await userEvent.type(bar, ' AND priority = P1{Enter}');
  await waitFor(() =>
    expect(router.state.location.search).toMatchObject({ queue: 'q1', query: 'assignee IS EMPTY AND priority = P1' }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    method: 'PATCH',
    body: { query: 'assignee IS EMPTY AND priority = P1', columns: ['key', 'summary'] },
    match: '"4"',
  });
  await waitFor(() => expect(router.state.location.search).toEqual({ queue: 'q1' }));
});

test('any query is kept as a queue of one’s own, which then opens', async () => {
  const { sent } = answers([]);
  const { router } = renderApp('/tickets?query=priority%20%3D%20P1', sessionOf(['tickets:read']));
  await userEvent.click(await screen.findByRole('button', { name: 'Queue' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: /Save as/ }));
  await userEvent.type(await screen.findByRole('textbox', { name: /Name/ }), 'Urgent{Enter}');
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body).toMatchObject({ name: 'Urgent', query: 'priority = P1', visibility: 'private' });
  await waitFor(() => expect(router.state.location.search).toMatchObject({ queue: 'q2' }));
});

test('a queue that cannot be understood says why, and asks for no tickets', async () => {
  const { asked } = answers([{ ...QUEUE, count: null, broken: 'There is no team Night.' }]);
  renderApp('/tickets?queue=q1', sessionOf(['tickets:read']));
  await screen.findByText(/This queue cannot be shown: There is no team Night\./);
  expect(asked).toHaveLength(0);
});

test('a query saved on an old version stands beside the other one, and nothing is overwritten unseen', async () => {
  let stored = QUEUE;
  const { sent } = answers([]);
  server.use(
    http.get('*/api/v1/queues', () => HttpResponse.json({ items: [stored] })),
    http.patch('*/api/v1/queues/q1', async ({ request }) => {
      const match = request.headers.get('If-Match');
      sent.push({ method: 'PATCH', body: await request.json(), match });
      if (match === '"5"') return HttpResponse.json({ ...stored, version: 6 });
      stored = { ...QUEUE, version: 5, query: 'assignee IS EMPTY AND kind = incident', columns: ['key'] };
      return HttpResponse.json({ code: 'version_conflict', detail: 'It is at version 5.' }, { status: 412 });
    }),
  );
  const { router } = renderApp('/tickets?queue=q1&query=priority%20%3D%20P1', sessionOf(['tickets:read']));
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await screen.findByText(/Somebody else changed the queue/);
  expect(screen.getByText('assignee IS EMPTY AND kind = incident', { selector: '.mono' })).toBeTruthy();
  expect(screen.queryByText(/is unchanged/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Go on with these' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(2));
  // Their columns, which nobody touched here, are kept; the query is one's own, on top of their version.
  expect(sent[1]).toEqual({ method: 'PATCH', body: { query: 'priority = P1', columns: ['key'] }, match: '"5"' });
  await waitFor(() => expect(router.state.location.search).toEqual({ queue: 'q1' }));
});

test('their query can be taken instead of one’s own', async () => {
  let stored = QUEUE;
  answers([]);
  server.use(
    http.get('*/api/v1/queues', () => HttpResponse.json({ items: [stored] })),
    http.patch('*/api/v1/queues/q1', () => {
      stored = { ...QUEUE, version: 5, query: 'kind = incident' };
      return HttpResponse.json({ code: 'version_conflict', detail: 'It is at version 5.' }, { status: 412 });
    }),
  );
  const { router } = renderApp('/tickets?queue=q1&query=priority%20%3D%20P1', sessionOf(['tickets:read']));
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await userEvent.click(await screen.findByRole('radio', { name: 'Their change' }));
  await userEvent.click(screen.getByRole('button', { name: 'Go on with these' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ queue: 'q1' }));
  expect(screen.getByRole<HTMLTextAreaElement>('combobox', { name: 'Query' }).value).toBe('kind = incident');
});
