import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { Alert, AlertTrail } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { alertOf } from './fixture.ts';

const SESSION = sessionOf(['alerts:read', 'alerts:write', 'oncall:read']);
const ME = SESSION.person;
const JONAS = { id: 'jonas', name: 'Jonas Berg' };
const soon = new Date(Date.now() + 292_000).toISOString();

const TRAIL: AlertTrail = {
  items: [
    {
      id: 'n1',
      at: '2026-05-21T00:47:13Z',
      due_at: '2026-05-21T00:47:13Z',
      step_text: 'Step 1 of 3: Payments primary',
      round: 1,
      step: 1,
      person: JONAS,
      contact: { kind: 'mail', address: 'jonas@nordhaven.example' },
      state: 'sent',
      sent_at: '2026-05-21T00:47:15Z',
      attempts: 1,
      because: 'it is his week in the rotation',
    },
    {
      id: 'n2',
      at: '2026-05-21T00:47:13Z',
      due_at: '2026-05-21T00:47:13Z',
      step_text: 'Step 1 of 3: Payments primary',
      round: 1,
      step: 1,
      person: JONAS,
      contact: { kind: 'webhook', address: 'https://hooks.example' },
      state: 'failed',
      attempts: 3,
      last_error: 'answered 503',
      because: 'it is his week in the rotation',
    },
    {
      id: 'n3',
      at: '2026-05-21T00:52:14Z',
      due_at: '2026-05-21T00:52:14Z',
      step_text: 'Step 2 of 3: Payments secondary',
      round: 1,
      step: 2,
      person: { id: ME.id, name: ME.name },
      contact: { kind: 'mail', address: ME.email },
      state: 'sent',
      sent_at: '2026-05-21T00:52:16Z',
      attempts: 1,
      because: 'level 1 did not acknowledge in 5 min',
    },
  ],
  next: [{ at: soon, text: 'Step 3: Henrik Lund', because: 'nobody acknowledged' }],
  not_notified: [{ person: { id: 'm', name: 'Mikkel Juhl' }, because: 'swapped his shift with you' }],
};

let alert: Alert;
beforeEach(() => {
  alert = alertOf({
    priority: 'P1',
    count: 21,
    escalation: {
      policy: { id: 'p', name: 'Payments 24x7' },
      policy_version: 14,
      round: 1,
      next_step_at: soon,
      next_text: 'Step 3: Henrik Lund',
      state: 'running',
    },
  });
  server.use(
    http.get(`*/api/v1/alerts/${alert.id}`, () => HttpResponse.json(alert)),
    http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: 1 })),
    http.get('*/api/v1/alerts/:id/notifications', () => HttpResponse.json(TRAIL)),
    http.get('*/api/v1/alerts/:id/log', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/alerts/:id/notes', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/on-call', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/on-call/me', () => HttpResponse.json({ items: [], next: [] })),
  );
});

test('says who is paged, who was told and why, what comes next, and who was not told', async () => {
  renderApp(`/alerts/${alert.id}`, SESSION);
  const band = await screen.findByRole('region', { name: 'You are being paged' });
  expect(within(band).getByRole('timer').textContent).toMatch(/^4:[345]\d$/);
  const trail = screen.getByRole('region', { name: 'Who was notified, and why' });
  const lines = within(trail)
    .getAllByRole('listitem')
    .map((item) => item.textContent ?? '');
  expect(lines[0]).toContain('Next: Step 3: Henrik Lund');
  expect(lines[1]).toContain('Amara Okafor');
  expect(lines[2]).toContain('becauseit is his week in the rotation');
  expect(lines[2]).toContain('Mail sent 02:47:15');
  expect(lines[2]).toContain('Webhook failed, 3 tries: answered 503');
  expect(lines).toHaveLength(3);
  expect(screen.getByText('swapped his shift with you')).toBeTruthy();
});

test('A acknowledges at once, before the server has answered, and can be taken back', async () => {
  let release = () => {};
  const answered = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sent: string[] = [];
  server.use(
    http.post('*/api/v1/alerts/:id/:action', async ({ params }) => {
      sent.push(String(params.action));
      await answered;
      alert = { ...alert, acknowledged: params.action === 'acknowledge', acknowledged_by: ME };
      return HttpResponse.json(alert);
    }),
  );
  renderApp(`/alerts/${alert.id}`, SESSION);
  await screen.findByRole('region', { name: 'You are being paged' });
  await userEvent.keyboard('a');
  await screen.findByText('You acknowledged it');
  release();
  await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(sent).toEqual(['acknowledge', 'unacknowledge']));
  await screen.findByRole('region', { name: 'You are being paged' });
});

test('what is not allowed stays visible with its reason', async () => {
  alert = {
    ...alert,
    actions: alert.actions.map(({ name }) => ({ name, allowed: false, reason: 'this needs alerts:write' })),
  };
  renderApp(`/alerts/${alert.id}`, SESSION);
  const [button] = await screen.findAllByRole('button', { name: /^Acknowledge/ });
  expect(button?.getAttribute('aria-disabled')).toBe('true');
  expect(screen.getAllByText('This needs alerts:write.').length).toBeGreaterThan(0);
});

test('a proposed incident can be opened', async () => {
  alert = { ...alert, incident_state: 'proposed' };
  let opened = false;
  server.use(
    http.post('*/api/v1/alerts/:id/incident', () => {
      opened = true;
      return HttpResponse.json({ ...alert, incident_state: 'opened' });
    }),
  );
  renderApp(`/alerts/${alert.id}`, SESSION);
  await userEvent.click(await screen.findByRole('button', { name: 'Open the incident' }));
  await waitFor(() => expect(opened).toBe(true));
});

test('a note that the server refuses stays in its field', async () => {
  server.use(
    http.post('*/api/v1/alerts/:id/notes', () =>
      HttpResponse.json({ code: 'busy', detail: 'The database is busy.' }, { status: 503 }),
    ),
  );
  renderApp(`/alerts/${alert.id}`, SESSION);
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'New note' });
  await userEvent.keyboard('n');
  expect(document.activeElement).toBe(field);
  await userEvent.type(field, 'Rolled back{Control>}{Enter}{/Control}');
  await screen.findByText(/The database is busy/);
  expect(field.value).toBe('Rolled back');
});
