import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Field } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const yes = (name: string) => ({ name, allowed: true });
const FIELD: Field = {
  key: 'building',
  version: 2,
  definition: {
    name: 'Building',
    kind: 'choice',
    options: [
      { key: 'north', name: 'North' },
      { key: 'south', name: 'South' },
    ],
    projects: [],
    ticket_kinds: ['request'],
    required: true,
    customers: 'write',
  },
  used: true,
  actions: [yes('edit'), yes('delete')],
};

type Put = { key: string; body: Field['definition']; match: string | null };

function answers(put: (sent: Put) => Response) {
  const sent: Put[] = [];
  server.use(
    http.get('*/api/v1/fields', () => HttpResponse.json({ items: [FIELD] })),
    http.put('*/api/v1/fields/:key', async ({ request, params }) => {
      const one = {
        key: String(params.key),
        body: (await request.json()) as Field['definition'],
        match: request.headers.get('If-Match'),
      };
      sent.push(one);
      return put(one);
    }),
    http.get('*/api/v1/documents/field/building/versions', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  return sent;
}
const session = sessionOf(['tickets:read', 'fields:manage'], { role: 'admin' });

test('options that tickets have are retired, not removed, and keep their keys', async () => {
  const sent = answers(({ body }) => HttpResponse.json({ ...FIELD, definition: body, version: 3 }));
  renderApp('/admin/fields?field=building', session);
  const form = await screen.findByRole('dialog', { name: 'Building' });
  expect(within(form).queryByRole('button', { name: 'Remove North' })).toBeNull();
  expect(
    within(form)
      .getByRole('combobox', { name: /What it holds/ })
      .hasAttribute('disabled'),
  ).toBe(true);
  await userEvent.click(within(form).getByRole('checkbox', { name: 'South is retired' }));
  const north = within(form).getByRole('textbox', { name: 'Option 1' });
  await userEvent.clear(north);
  await userEvent.type(north, 'North wing');
  await userEvent.click(within(form).getByRole('button', { name: 'Add an option' }));
  await userEvent.type(within(form).getByRole('textbox', { name: 'Option 3' }), 'Annex 2');
  await userEvent.click(within(form).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    key: 'building',
    match: '"2"',
    body: {
      ...FIELD.definition,
      options: [
        { key: 'north', name: 'North wing' },
        { key: 'south', name: 'South', retired: true },
        { key: 'annex_2', name: 'Annex 2' },
      ],
    },
  });
}, 60_000);

test('a new field is refused at its parts, and never over another one', async () => {
  let code = 422;
  const sent = answers(() =>
    code === 422
      ? HttpResponse.json(
          {
            detail: 'No.',
            errors: [
              { field: 'name', message: 'Say less.' },
              { field: 'ticket_kinds', message: 'No such kind.' },
            ],
          },
          { status: 422 },
        )
      : HttpResponse.json({ code: 'version_conflict', detail: 'It exists.' }, { status: 412 }),
  );
  renderApp('/admin/fields?create=true', session);
  const form = await screen.findByRole('dialog', { name: 'New field' });
  await userEvent.type(within(form).getByRole('textbox', { name: /^Name/ }), 'Cost centre');
  await userEvent.click(within(form).getByRole('button', { name: 'Create the field' }));
  await within(form).findByText('Say less.');
  expect(within(form).getByText(/ticket_kinds: No such kind\./)).toBeTruthy();
  expect(sent[0]).toMatchObject({ key: 'cost_centre', match: '"0"', body: { kind: 'text', customers: 'hidden' } });
  code = 412;
  await userEvent.click(within(form).getByRole('button', { name: 'Create the field' }));
  await within(form).findByText(/There is a field of this name/);
}, 60_000);
