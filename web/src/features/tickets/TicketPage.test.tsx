import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { ActivityEntry, Ticket } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { TICKET } from './fixture.ts';

const SESSION = sessionOf(['tickets:read', 'tickets:write', 'alerts:read']);

const event = (id: string, text: string): ActivityEntry => ({
  type: 'event',
  id,
  at: '2026-05-21T00:53:00Z',
  actor: { kind: 'system', name: 'incident rule' },
  kind: 'ticket_changed',
  text,
  changes: [],
});
const ACTIVITY: ActivityEntry[] = [
  event('1', 'Opened'),
  event('2', 'Team set'),
  event('3', 'Assigned to Jonas Berg'),
  {
    type: 'comment',
    id: '4',
    at: '2026-05-21T00:58:00Z',
    author: { kind: 'person', id: 'jonas', name: 'Jonas Berg' },
    body: 'The pool is exhausted.',
    visibility: 'internal',
  },
];

let ticket: Ticket;
beforeEach(() => {
  localStorage.clear();
  ticket = TICKET;
  server.use(
    http.get('*/api/v1/tickets/OPS-12', () => HttpResponse.json(ticket)),
    http.get('*/api/v1/tickets/OPS-12/activity', () => HttpResponse.json({ items: ACTIVITY })),
    http.get('*/api/v1/tickets/OPS-12/alerts', () =>
      HttpResponse.json({
        items: [
          {
            id: 'a',
            tiny_id: '7',
            message: 'failed requests',
            priority: 'P1',
            status: 'open',
            count: 21,
            acknowledged: true,
          },
        ],
      }),
    ),
    http.get('*/api/v1/tickets/OPS-12/attachments', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/links', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/people', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/teams', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/services', () => HttpResponse.json({ items: [] })),
  );
});

test('shows notes as internal, folds system events, and counts the alerts', async () => {
  renderApp('/tickets/OPS-12', SESSION);
  const note = await screen.findByRole('article');
  expect(within(note).getByText('Internal note')).toBeTruthy();
  expect(screen.getByText(/3 changes, the last: Assigned to Jonas Berg/)).toBeTruthy();
  expect(await screen.findByText('21 events')).toBeTruthy();
});

test('R writes a reply; a refused text stays, and survives leaving the page', async () => {
  let answer = 503;
  const bodies: unknown[] = [];
  server.use(
    http.post('*/api/v1/tickets/:id/comments', async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json(answer === 201 ? {} : { detail: 'The database is busy.' }, { status: answer });
    }),
  );
  const first = renderApp('/tickets/OPS-12', SESSION);
  await screen.findByRole('article');
  await userEvent.keyboard('r');
  await userEvent.type(
    await screen.findByRole('textbox', { name: 'Reply' }),
    'We are on it{Control>}{Enter}{/Control}',
  );
  await screen.findByText(/The database is busy/);
  first.unmount();
  renderApp('/tickets/OPS-12', SESSION);
  await screen.findByRole('article');
  await userEvent.keyboard('r');
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Reply' });
  expect(field.value).toBe('We are on it');
  answer = 201;
  await userEvent.click(screen.getByRole('button', { name: /Send the reply/ }));
  await waitFor(() => expect(field.value).toBe(''));
  expect(bodies[1]).toEqual({ body: 'We are on it', visibility: 'public' });
});

test('resolving asks for the resolution first', async () => {
  let body: unknown;
  server.use(
    http.post('*/api/v1/tickets/:id/transition', async ({ request }) => {
      body = await request.json();
      ticket = { ...ticket, status: { key: 'resolved', name: 'Resolved', category: 'done' }, transitions: [] };
      return HttpResponse.json(ticket);
    }),
  );
  renderApp('/tickets/OPS-12', SESSION);
  await userEvent.click(await screen.findByRole('button', { name: 'Status: In progress' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Resolve' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resolve' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Resolve' }));
  await screen.findByRole('button', { name: 'Status: Resolved' });
  expect(body).toEqual({ to: 'resolved', resolution: 'fixed' });
});

test('the priority explains itself', async () => {
  renderApp('/tickets/OPS-12', SESSION);
  await userEvent.click(await screen.findByRole('button', { name: 'Why P1' }));
  await screen.findByText(/impact extensive \(tier 1\)/);
});
