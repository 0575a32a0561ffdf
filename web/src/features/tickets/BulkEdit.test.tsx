import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Ticket } from '../../api/types.ts';
import { listenForShortcuts } from '../../lib/shortcuts.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { outcomeText, stepsOf } from './bulk.ts';

const RIGHTS = ['edit', 'assign', 'transition', 'override_priority', 'comment_internal'];
const step = (name: string, resolutions: string[] = []) => ({
  to: name.toLowerCase(),
  name,
  allowed: true,
  requires_resolution: resolutions.length > 0,
  resolutions,
});

function ticketOf(number: number, part: Partial<Ticket> = {}): Ticket {
  return {
    id: `t${number}`,
    key: `INC-${number}`,
    kind: 'incident',
    summary: `Ticket ${number}`,
    description: '',
    project: { id: 'p', key: 'INC', name: 'Incidents' },
    status: { key: 'open', name: 'Open', category: 'todo' },
    impact: 'minor',
    urgency: 'low',
    priority: 'P3',
    priority_reason: { text: '', overridden: false },
    labels: ['vip'],
    alert_count: 0,
    created_at: '2026-05-21T00:00:00Z',
    updated_at: '2026-05-21T00:00:00Z',
    slas: [],
    version: 1,
    actions: RIGHTS.map((name) => ({ name, allowed: true })),
    transitions: [step('Start'), step('Resolve', ['fixed', 'declined'])],
    ...part,
  } as Ticket;
}

type Sent = { ids: string[]; change: Record<string, unknown> };

function answers(tickets: Ticket[], bulk: (sent: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = [];
  server.use(
    http.get('*/api/v1/tickets', () => HttpResponse.json({ items: tickets })),
    http.get('*/api/v1/queues', () => HttpResponse.json({ items: [] })),
    http.post('*/api/v1/tickets/bulk', async ({ request }) => {
      const one = (await request.json()) as Sent;
      sent.push(one);
      return bulk(one);
    }),
    http.get('*/api/v1/people', () => HttpResponse.json({ items: [{ id: 'ana', name: 'Ana Ruiz' }] })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  return sent;
}
const named = (ids: string[]) => ids.map((id) => ({ id, key: id.replace('t', 'INC-') }));
const fine = ({ ids }: Sent) => HttpResponse.json({ changed: named(ids), unchanged: [], failed: [] });

test('what failed is listed with its reason, stays selected, and is tried again alone', async () => {
  let broken = true;
  const sent = answers(
    [1, 2, 3].map((number) => ticketOf(number)),
    ({ ids }) =>
      broken
        ? HttpResponse.json({
            changed: named(['t1']),
            unchanged: [],
            failed: [{ id: 't3', key: 'INC-3', code: 'forbidden', message: 'you are no agent of this project' }],
          })
        : fine({ ids, change: {} }),
  );
  renderApp('/tickets', sessionOf(['tickets:read', 'tickets:write']));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select INC-1, Ticket 1' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Select INC-3, Ticket 3' }));
  const bar = screen.getByRole('toolbar', { name: 'Selected tickets' });
  expect(bar.textContent).toContain('2 selected');
  await userEvent.click(within(bar).getByRole('button', { name: /Status/ }));
  const dialog = await screen.findByRole('dialog', { name: /Status: 2 tickets/ });
  await userEvent.click(within(dialog).getByRole('combobox', { name: /Step/ }));
  await userEvent.click(await screen.findByRole('option', { name: 'Resolve' }));
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Comment' }), 'All well.');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Change 2 tickets' }));
  const report = await screen.findByRole('alert', { name: 'What was not changed' });
  expect(sent[0]).toEqual({
    ids: ['t1', 't3'],
    change: { transition: 'Resolve', resolution: 'fixed', comment: { text: 'All well.', internal: true } },
  });
  expect(within(report).getByRole('heading').textContent).toBe('One ticket changed, one ticket could not be changed');
  expect(within(report).getByText('You are no agent of this project.')).toBeTruthy();
  expect(screen.getByRole('toolbar', { name: 'Selected tickets' }).textContent).toContain('1 selected');
  broken = false;
  await userEvent.click(within(report).getByRole('button', { name: 'Try this one again' }));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toEqual({ ids: ['t3'], change: sent[0]?.change });
  await waitFor(() => expect(screen.queryByRole('alert', { name: 'What was not changed' })).toBeNull());
}, 60_000);

test('all that are loaded, by key: J, X and A; many go in parts', async () => {
  const stop = listenForShortcuts();
  const tickets = Array.from({ length: 26 }, (_, index) => ticketOf(index + 1));
  const sent = answers(tickets, fine);
  renderApp('/tickets', sessionOf(['tickets:read', 'tickets:write']));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select all, 0 of 26 selected' }));
  const press = (key: string) => fireEvent.keyDown(document.body, { key });
  press('j');
  press('x');
  expect(screen.getByRole('toolbar', { name: 'Selected tickets' }).textContent).toContain('25 selected');
  press('a');
  const dialog = await screen.findByRole('dialog', { name: /Assign: 25 tickets/ });
  await userEvent.click(within(dialog).getByRole('checkbox', { name: /Nobody/ }));
  await userEvent.click(within(dialog).getByRole('button', { name: 'Change 25 tickets' }));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map(({ ids }) => ids.length)).toEqual([20, 5]);
  expect(sent[0]?.change).toEqual({ assignee_id: null });
  await screen.findByText('25 tickets changed');
  expect(screen.queryByRole('toolbar', { name: 'Selected tickets' })).toBeNull();
  stop();
}, 60_000);

test('what the server refuses as a whole stays in the form, with what was typed', async () => {
  answers([ticketOf(1)], () =>
    HttpResponse.json(
      { detail: 'No.', errors: [{ field: 'change.add_labels', message: 'A label is too long.' }] },
      { status: 422 },
    ),
  );
  renderApp('/tickets', sessionOf(['tickets:read', 'tickets:write']));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select INC-1, Ticket 1' }));
  await userEvent.click(screen.getByRole('button', { name: /Labels/ }));
  const dialog = await screen.findByRole('dialog', { name: /Labels: INC-1/ });
  await userEvent.type(within(dialog).getByRole('combobox', { name: 'Add' }), 'a,');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Change the ticket' }));
  await within(dialog).findByText('A label is too long.');
  expect(within(dialog).getByText('a')).toBeTruthy();
});

test('a right that none of them gives is not to be had, with the reason', async () => {
  const no = RIGHTS.map((name) => ({ name, allowed: false, reason: 'This needs the permission tickets:write.' }));
  answers([ticketOf(1, { actions: no })], fine);
  renderApp('/tickets', sessionOf(['tickets:read']));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select INC-1, Ticket 1' }));
  const assign = screen.getByRole('button', { name: /Assign/ });
  expect(assign.getAttribute('aria-disabled')).toBe('true');
  await userEvent.click(assign);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('steps are counted over the tickets, with the resolutions that all of them know', () => {
  expect(
    stepsOf([
      { transitions: [step('Start'), step('Resolve', ['fixed', 'declined'])] },
      { transitions: [step('Resolve', ['fixed', 'done']), { ...step('Close'), allowed: false }] },
    ]),
  ).toEqual([
    { name: 'Start', count: 1, requiresResolution: false, resolutions: [] },
    { name: 'Resolve', count: 2, requiresResolution: true, resolutions: ['fixed'] },
  ]);
});

test('what came of it is one sentence', () => {
  const one = { id: 'a', key: 'A-1' };
  expect(outcomeText({ changed: [one, one], unchanged: [one], failed: [], left: [one], change: {} })).toBe(
    '2 tickets changed, one ticket was so already, one ticket left as it was',
  );
});
