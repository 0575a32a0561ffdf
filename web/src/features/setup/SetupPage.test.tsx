import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { SetupChecklist } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const ADMIN = sessionOf(['system:manage']);
const step = (key: string, facts: Partial<SetupChecklist['steps'][number]> = {}) => ({
  key,
  title: key,
  explanation: `Why ${key}.`,
  state: 'todo' as const,
  testable: false,
  ...facts,
});

let list: SetupChecklist;
beforeEach(() => {
  list = {
    done: 1,
    total: 4,
    dismissed: false,
    demo: null,
    steps: [
      step('base_url', { state: 'done', testable: true, title: 'Address' }),
      step('mail', { testable: true, title: 'Outgoing mail' }),
      step('team', { title: 'A team', address: '/admin/teams?create=true' }),
      step('test_page', { title: 'A page to yourself', address: '/me' }),
    ],
  };
  server.use(
    http.get('*/api/v1/setup/checklist', () => HttpResponse.json(list)),
    http.get('*/api/v1/setup/organisation', () =>
      HttpResponse.json({ name: 'Nordhaven', time_zone: null, locale: 'en', version: 0 }),
    ),
    http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/teams', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/people', () => HttpResponse.json({ items: [] })),
  );
});
const line = async (name: string) => {
  const found = (await screen.findByRole('heading', { name: new RegExp(`^${name}`) })).closest('li');
  if (!found) throw new Error(`${name} has no line`);
  return within(found);
};

test('home leads on to what is left, until the list is put away', async () => {
  server.use(
    http.put('*/api/v1/setup/checklist', async ({ request }) => {
      list = { ...list, ...((await request.json()) as { dismissed: boolean }) };
      return HttpResponse.json(list);
    }),
  );
  renderApp('/home', ADMIN);
  await screen.findByText('1 of 4 steps of the set-up are done.');
  expect(screen.getByText(/Next: Outgoing mail/)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Go on with the set-up' }).getAttribute('href')).toBe('/admin/setup');
  await userEvent.click(screen.getByRole('button', { name: 'Put it away' }));
  await waitFor(() => expect(screen.queryByText(/steps of the set-up/)).toBeNull());
});

test('a step is tested in place and says what is wrong; another is done on its screen', async () => {
  server.use(
    http.post('*/api/v1/setup/steps/mail/test', () => {
      list.steps[1] = step('mail', {
        state: 'failing',
        testable: true,
        title: 'Outgoing mail',
        detail: 'the server refused the sender',
      });
      return HttpResponse.json({ ok: false, detail: 'the server refused the sender', took_ms: 812 });
    }),
  );
  const { router } = renderApp('/setup', ADMIN);
  await userEvent.click(await screen.findByRole('button', { name: 'Test: Outgoing mail' }));
  const mail = await line('Outgoing mail');
  await mail.findByText('does not work, 812 ms');
  await mail.findByText('Fails');
  expect(mail.getByText('The server refused the sender.')).toBeTruthy();
  expect(router.state.location.pathname).toBe('/admin/setup');
  await userEvent.click((await line('A team')).getByRole('link', { name: 'Open: A team' }));
  await waitFor(() => expect(router.state.location.href).toBe('/admin/teams?create=true'));
});

test('a test page is followed until it was delivered', async () => {
  let sent = false;
  server.use(
    http.post('*/api/v1/setup/test-page', () => {
      sent = true;
      return HttpResponse.json({ alert_id: 'a1' }, { status: 202 });
    }),
    http.get('*/api/v1/setup/checklist', () => {
      if (!sent) return HttpResponse.json(list);
      return HttpResponse.json({ ...list, steps: [step('test_page', { title: 'A page to yourself', state: 'done' })] });
    }),
  );
  renderApp('/admin/setup', ADMIN);
  await userEvent.click(await screen.findByRole('button', { name: 'Send a test page to me' }));
  const page = await line('A page to yourself');
  expect((await page.findByRole('link', { name: 'Follow it' })).getAttribute('href')).toBe('/alerts/a1');
  await page.findByText('Done');
  expect(page.queryByText(/on its way/)).toBeNull();
});

test('a file is looked at first; a line with an error holds the import until it is left out', async () => {
  const asked: { query: string; type: string | null; body: string }[] = [];
  server.use(
    http.post('*/api/v1/people/import', async ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push({
        query: searchParams.toString(),
        type: request.headers.get('Content-Type'),
        body: await request.text(),
      });
      return HttpResponse.json({
        applied: !searchParams.has('dry_run'),
        created: 1,
        updated: 0,
        unchanged: 0,
        failed: 1,
        ignored_columns: ['shoe_size'],
        rows: [
          { line: 2, email: 'kari@nordhaven.example', outcome: 'create' },
          { line: 3, email: 'nobody', outcome: 'error', message: 'this is no mail address' },
        ],
      });
    }),
  );
  renderApp('/admin/setup', ADMIN);
  const text = 'email,name\nkari@nordhaven.example,Kari Nes\nnobody,\n';
  await userEvent.upload(
    await screen.findByLabelText('File with people'),
    new File([text], 'people.csv', { type: 'text/csv' }),
  );
  const rows = within(await screen.findByRole('region', { name: 'Lines of the file' })).getAllByRole('row');
  // What needs a look stands first.
  expect(rows[1]?.textContent).toContain('This is no mail address.');
  expect(screen.getByText(/shoe_size/)).toBeTruthy();
  const button = screen.getByRole('button', { name: 'Import one person' });
  expect(button).toHaveProperty('disabled', true);
  await userEvent.click(screen.getByRole('checkbox', { name: /Leave out/ }));
  await userEvent.click(button);
  await screen.findByText(/^Imported:/);
  expect(asked).toEqual([
    { query: 'dry_run=true', type: 'text/csv', body: text },
    { query: 'skip_errors=true', type: 'text/csv', body: text },
  ]);
});

test('the zone of the organisation is offered from the browser and saved', async () => {
  let body: unknown;
  server.use(
    http.put('*/api/v1/setup/organisation', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({ name: 'Nordhaven', ...(body as object), version: 1 });
    }),
  );
  renderApp('/admin/setup', ADMIN);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await userEvent.click(await screen.findByRole('button', { name: `Use ${zone}` }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(body).toEqual({ time_zone: zone, locale: 'en' }));
});

test('the demo goes in one action, and whoever did it signs in anew', async () => {
  list.demo = 'Nordhaven';
  let sent: unknown;
  let taken = false;
  server.use(
    http.get('*/api/v1/setup', () => HttpResponse.json({ needed: false })),
    http.post('*/api/v1/setup/remove-demo', async ({ request }) => {
      sent = await request.json();
      if (!taken) {
        taken = true;
        return HttpResponse.json(
          {
            title: 'some fields are wrong',
            code: 'invalid',
            errors: [{ field: 'administrator.email', message: 'This is no mail address.' }],
          },
          { status: 422 },
        );
      }
      return HttpResponse.json({ people: 24, tickets: 180, alerts: 900, services: 12 });
    }),
  );
  const { router } = renderApp('/admin/setup', ADMIN);
  await userEvent.click(await screen.findByRole('button', { name: 'Remove the demo…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText(/^Your name/), 'Mara Osei');
  await userEvent.type(dialog.getByLabelText(/^Mail address/), 'mara@example.com');
  await userEvent.type(dialog.getByLabelText(/^Password/), 'a lantern in the harbour');
  const remove = dialog.getByRole('button', { name: 'Remove everything' });
  expect(remove).toHaveProperty('disabled', true);
  await userEvent.type(dialog.getByLabelText(/^Type Nordhaven/), 'Nordhaven');
  await userEvent.click(remove);
  await dialog.findByText('This is no mail address.');
  await userEvent.click(remove);
  await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'));
  await screen.findByText(/Nordhaven is gone: 24 people/);
  expect(sent).toEqual({
    confirm: 'Nordhaven',
    administrator: { name: 'Mara Osei', email: 'mara@example.com', password: 'a lantern in the harbour' },
  });
});
