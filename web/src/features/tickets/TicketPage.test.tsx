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
    attachments: [],
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

test('@ brings in somebody: one sees the name, the server gets the person', async () => {
  const jonas = '01930000-0000-7000-8000-00000000000a';
  const asked: (string | null)[] = [];
  let body: unknown;
  server.use(
    http.get('*/api/v1/people', ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('query'));
      const person = { email: 'jonas@nordhaven.example', active: true, teams: [] };
      return HttpResponse.json({
        items: [
          { ...person, id: jonas, name: 'Jonas Berg' },
          { ...person, id: 'gone', name: 'Jonas Gone', active: false },
        ],
      });
    }),
    http.post('*/api/v1/tickets/:id/comments', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({}, { status: 201 });
    }),
    http.get('*/api/v1/tickets/OPS-12/activity', () =>
      HttpResponse.json({
        items: [{ ...ACTIVITY[3], body: `Ask @[Amara Okafor](person:${SESSION.person.id}).` }],
      }),
    ),
  );
  renderApp('/tickets/OPS-12', sessionOf(['tickets:read', 'tickets:write', 'people:read']));
  const chip = await within(await screen.findByRole('article')).findByText('@Amara Okafor');
  expect(chip.parentElement?.textContent).toBe('Ask @Amara Okafor.');
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Internal note' });
  await userEvent.type(field, 'See @jon');
  const options = within(await screen.findByRole('listbox', { name: 'People to mention' })).getAllByRole('option');
  expect(options.map(({ textContent }) => textContent)).toEqual([expect.stringContaining('Jonas Berg')]);
  await waitFor(() => expect(asked[asked.length - 1]).toBe('jon'));
  await userEvent.keyboard('{Enter}');
  expect(field.value).toBe('See @Jonas Berg ');
  await waitFor(() => expect(screen.queryByRole('listbox', { name: 'People to mention' })).toBeNull());
  await userEvent.type(field, 'please{Control>}{Enter}{/Control}');
  await waitFor(() =>
    expect(body).toEqual({ body: `See @[Jonas Berg](person:${jonas}) please`, visibility: 'internal' }),
  );
  await waitFor(() => expect(field.value).toBe(''));
});
