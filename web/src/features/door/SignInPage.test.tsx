import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

test('asks for the second step only when the server does, and goes on to where one wanted', async () => {
  const bodies: unknown[] = [];
  server.use(
    http.get('*/api/v1/setup', () => HttpResponse.json({ needed: false })),
    http.post('*/api/v1/session', async ({ request }) => {
      const body = (await request.json()) as { totp?: string };
      bodies.push(body);
      if (!body.totp) return HttpResponse.json({ code: 'totp_required', title: 'A code is needed' }, { status: 401 });
      return HttpResponse.json(sessionOf([]));
    }),
    http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })),
  );
  const { router } = renderApp('/sign-in?next=%2Fhome%3Fdays%3D30');
  await userEvent.type(await screen.findByLabelText(/Mail address/), 'amara@nordhaven.example');
  await userEvent.type(screen.getByLabelText(/^Password/), 'a long enough sentence');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await userEvent.type(await screen.findByLabelText(/Code/), '123 456');
  await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
  await waitFor(() => expect(router.state.location.href).toBe('/home?days=30'));
  expect(bodies).toEqual([
    { email: 'amara@nordhaven.example', password: 'a long enough sentence' },
    { email: 'amara@nordhaven.example', password: 'a long enough sentence', totp: '123456' },
  ]);
});

test('a wrong password says so and keeps what was typed', async () => {
  server.use(
    http.get('*/api/v1/setup', () => HttpResponse.json({ needed: false })),
    http.post('*/api/v1/session', () =>
      HttpResponse.json(
        { code: 'invalid_credentials', title: 'Not signed in', detail: 'Mail or password is wrong.' },
        { status: 401 },
      ),
    ),
  );
  renderApp('/sign-in');
  const mail = await screen.findByLabelText<HTMLInputElement>(/Mail address/);
  await userEvent.type(mail, 'amara@nordhaven.example');
  await userEvent.type(screen.getByLabelText(/^Password/), 'wrong');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Mail or password is wrong.');
  expect(mail.value).toBe('amara@nordhaven.example');
});

test('a server without people leads to the set-up', async () => {
  server.use(http.get('*/api/v1/setup', () => HttpResponse.json({ needed: true })));
  const { router } = renderApp('/home');
  await screen.findByRole('heading', { name: 'Set up Bridgewatch' });
  expect(router.state.location.pathname).toBe('/setup');
});

test.each(['//evil.example', 'https://evil.example', '/\\\\evil.example'])(
  '%s is not followed after sign-in',
  async (next) => {
    server.use(
      http.get('*/api/v1/setup', () => HttpResponse.json({ needed: false })),
      http.post('*/api/v1/session', () => HttpResponse.json(sessionOf([]))),
      http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })),
    );
    const { router } = renderApp(`/sign-in?next=${encodeURIComponent(next)}`);
    await userEvent.type(await screen.findByLabelText(/Mail address/), 'a@b.example');
    await userEvent.type(screen.getByLabelText(/^Password/), 'wrong');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(router.state.location.href).toBe('/home'));
  },
);
