import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { Notice } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const notice = (id: string, facts: Partial<Notice> = {}): Notice => ({
  id,
  at: `2026-05-21T00:5${id}:00Z`,
  event: 'assigned',
  title: `Jonas Berg assigned OPS-${id} to you`,
  text: '',
  why: 'You are the assignee.',
  record: { kind: 'ticket', id: `t${id}`, key: `OPS-${id}`, title: 'Card payments failing' },
  read_at: null,
  ...facts,
});

let notices: Notice[];
let sent: unknown[];
let asked: URLSearchParams[];

beforeEach(() => {
  notices = [];
  sent = [];
  asked = [];
  const unread = () => notices.filter(({ read_at }) => !read_at).length;
  const mark = (ids: readonly string[], read_at: string | null) => {
    notices = notices.map((each) => (ids.includes(each.id) ? { ...each, read_at } : each));
    return HttpResponse.json({ unread: unread() });
  };
  server.use(
    http.get('*/api/v1/me/notifications', ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      const items = query.get('unread') === 'true' ? notices.filter(({ read_at }) => !read_at) : notices;
      return HttpResponse.json({ items, unread: unread() });
    }),
    http.post('*/api/v1/me/notifications/read', async ({ request }) => {
      const body = (await request.json()) as { ids?: string[] };
      sent.push({ read: body });
      return mark(body.ids ?? notices.map(({ id }) => id), '2026-05-21T01:00:00Z');
    }),
    http.post('*/api/v1/me/notifications/unread', async ({ request }) => {
      const body = (await request.json()) as { ids: string[] };
      sent.push({ unread: body });
      return mark(body.ids, null);
    }),
    http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/tickets/:key', () => HttpResponse.json({ code: 'not_found' }, { status: 404 })),
  );
});

test('the bell counts, shows the newest, and reads what is opened', async () => {
  notices = [notice('3'), notice('2'), notice('1', { read_at: '2026-05-21T00:59:00Z' })];
  const { router } = renderApp('/me', sessionOf([]));
  await userEvent.click(await screen.findByRole('button', { name: 'Notifications, 2 unread' }));
  const panel = await screen.findByRole('dialog', { name: /Notifications/ });
  expect(within(panel).getAllByRole('listitem')).toHaveLength(3);
  await userEvent.click(within(panel).getByRole('link', { name: /OPS-2/ }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/tickets/OPS-2'));
  await screen.findByRole('button', { name: 'Notifications, 1 unread' });
  expect(sent).toEqual([{ read: { ids: ['2'] } }]);
  expect(screen.queryByRole('dialog', { name: /Notifications/ })).toBeNull();
});

test('all are read up to the newest in sight; one is made unread again', async () => {
  notices = [notice('3'), notice('2')];
  renderApp('/me/notifications?view=all', sessionOf([]));
  await userEvent.click(await screen.findByRole('button', { name: 'Mark all as read' }));
  await screen.findByRole('button', { name: 'Notifications' });
  expect(sent).toEqual([{ read: { all: true, until: '2026-05-21T00:53:00Z' } }]);
  expect(screen.queryByRole('button', { name: 'Mark all as read' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /^Mark as unread: .*OPS-2/ }));
  await screen.findByRole('button', { name: 'Notifications, 1 unread' });
  expect(sent[1]).toEqual({ unread: { ids: ['2'] } });
});

test('the page shows what is unread first, walks by J and marks by U', async () => {
  notices = [notice('3', { text: 'Is it the pool?' }), notice('2', { read_at: '2026-05-21T00:59:00Z' })];
  renderApp('/me/notifications', sessionOf([]));
  const list = await screen.findByRole('list', { name: 'Notifications' });
  expect(within(list).getAllByRole('listitem')).toHaveLength(1);
  expect(list.textContent).toContain('Is it the pool?');
  expect(list.textContent).toContain('You are the assignee.');
  expect(asked.some((query) => query.get('unread') === 'true')).toBe(true);
  await userEvent.keyboard('j');
  expect(document.activeElement?.textContent).toContain('OPS-3');
  await userEvent.keyboard('u');
  await screen.findByText('Everything is read');
});

test('what one lost sight of leads nowhere', async () => {
  notices = [
    notice('3', {
      title: 'This is no longer visible to you.',
      record: { kind: 'ticket', id: 't3', title: '(hidden)' },
    }),
  ];
  renderApp('/me/notifications', sessionOf([]));
  const list = await screen.findByRole('list', { name: 'Notifications' });
  expect(within(list).queryByRole('link')).toBeNull();
  expect(list.textContent).not.toContain('(hidden)');
});

test('a choice is kept at once, and taken back when the server refuses', async () => {
  const event = { event: 'commented', name: 'Comments', explanation: 'Somebody comments.', app: true, mail: false };
  let refuse = false;
  const bodies: unknown[] = [];
  server.use(
    http.get('*/api/v1/me/contacts', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/me/notification-rules', () => HttpResponse.json({ version: 1, steps: [], quiet_hours: null })),
    http.get('*/api/v1/me/notification-choices', () => HttpResponse.json({ events: [event], version: 0 })),
    http.put('*/api/v1/me/notification-choices', async ({ request }) => {
      const body = (await request.json()) as { choices: { commented: { app: boolean; mail: boolean } } };
      bodies.push(body);
      if (refuse) return HttpResponse.json({ detail: 'not now' }, { status: 503 });
      Object.assign(event, body.choices.commented);
      return HttpResponse.json({ events: [event], version: 1 });
    }),
  );
  renderApp('/me?tab=notifications', sessionOf([]));
  const mail = await screen.findByRole<HTMLInputElement>('checkbox', { name: 'Comments by mail' });
  await userEvent.click(mail);
  await waitFor(() => expect(bodies).toEqual([{ choices: { commented: { app: true, mail: true } } }]));
  expect(mail.checked).toBe(true);
  refuse = true;
  await userEvent.click(mail);
  await screen.findByText(/your choice is unchanged/);
  await waitFor(() => expect(mail.checked).toBe(true));
});
