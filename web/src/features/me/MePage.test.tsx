import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const tickets = http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] }));

test('a new token shows its secret once, and never after', async () => {
  const token = {
    id: 'k1',
    name: 'Deploy',
    permissions: ['alerts:write'],
    created_at: '2026-05-21T00:00:00Z',
    prefix: 'bw_ab',
  };
  let made = false;
  server.use(
    tickets,
    http.get('*/api/v1/me/tokens', () => HttpResponse.json({ items: made ? [token] : [] })),
    http.post('*/api/v1/me/tokens', async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      expect(body).toMatchObject({ name: 'Deploy', permissions: ['alerts:write'] });
      made = true;
      return HttpResponse.json({ ...token, secret: 'bw_ab_the_secret' }, { status: 201 });
    }),
  );
  renderApp('/me?tab=tokens', sessionOf(['alerts:write']));
  await screen.findByText('No token');
  await userEvent.click(screen.getByRole('button', { name: 'New token' }));
  await userEvent.type(await screen.findByLabelText(/^Name/), 'Deploy');
  await userEvent.click(screen.getByRole('combobox', { name: /^Permissions/ }));
  await userEvent.click(await screen.findByRole('option', { name: 'alerts:write' }));
  await userEvent.click(screen.getByRole('button', { name: 'Create the token' }));
  await screen.findByText('bw_ab_the_secret');
  await userEvent.click(screen.getByRole('button', { name: 'I have copied it' }));
  await screen.findByText('Deploy');
  expect(screen.queryByText('bw_ab_the_secret')).toBeNull();
});

test('notification rules are saved on the version that was read; a conflict keeps what was typed', async () => {
  const contact = {
    id: 'c1',
    kind: 'mail',
    address: 'amara@nordhaven.example',
    verified: true,
    created_at: '2026-05-21T00:00:00Z',
  };
  let sent: unknown;
  server.use(
    tickets,
    http.get('*/api/v1/me/contacts', () => HttpResponse.json({ items: [contact] })),
    http.get('*/api/v1/me/notification-rules', () => HttpResponse.json({ version: 4, steps: [], quiet_hours: null })),
    http.get('*/api/v1/me/notification-choices', () => HttpResponse.json({ events: [], version: 0 })),
    http.put('*/api/v1/me/notification-rules', async ({ request }) => {
      sent = { match: request.headers.get('If-Match'), body: await request.json() };
      return HttpResponse.json({ code: 'version_conflict', title: 'Changed meanwhile' }, { status: 412 });
    }),
  );
  renderApp('/me?tab=notifications', sessionOf([]));
  await userEvent.click(await screen.findByRole('button', { name: 'Add a step' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save the rules' }));
  await screen.findByText(/changed elsewhere meanwhile/);
  expect(sent).toEqual({
    match: '"4"',
    body: {
      version: 4,
      steps: [{ delay_min: 0, contact_id: 'c1', priorities: ['P1', 'P2', 'P3', 'P4', 'P5'] }],
      quiet_hours: null,
    },
  });
  expect(screen.getByRole('textbox', { name: 'Step 1: after minutes' })).toHaveProperty('value', '0');
});

test('the profile is saved with the fields that changed only', async () => {
  let sent: unknown;
  server.use(
    http.patch('*/api/v1/me', async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ ...sessionOf([]).person, name: 'Amara O.', version: 2 });
    }),
  );
  renderApp('/me', sessionOf([]));
  const name = await screen.findByLabelText(/^Name/);
  expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true);
  await userEvent.clear(name);
  await userEvent.type(name, 'Amara O.');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByRole('heading', { name: 'Amara O.' });
  await waitFor(() => expect(sent).toEqual({ name: 'Amara O.' }));
});
